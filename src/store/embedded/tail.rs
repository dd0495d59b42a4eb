//! What was written last, in memory: the writer rechecks appends against it, and only it.

use std::collections::HashMap;
use std::mem;

use super::check::Stored;
use super::hashes::Hash128;
use crate::store::{EventKey, Position, Revision, StreamName};

/// One event that was written, or is being written.
pub(super) struct TailEvent {
    pub(super) key: EventKey,
    pub(super) identity: Hash128,
    pub(super) stream_hash: Hash128,
    pub(super) stream: StreamName,
    pub(super) position: Position,
    pub(super) revision: Revision,
    pub(super) recorded_at: i64,
    pub(super) content_digest: [u8; 32],
}

/// Every event behind [`Tail::base`], in two generations: the older one is forgotten at once, which is
/// cheaper than forgetting each event by itself.
pub(super) struct Tail {
    older: Generation,
    newer: Generation,
}

struct Generation {
    base: Position,
    events: Vec<Linked>,
    /// The latest event with an identity hash; the others hang behind it.
    identities: HashMap<Hash128, Position>,
    streams: HashMap<Hash128, Revision>,
}

struct Linked {
    event: TailEvent,
    /// The event before it with the same identity hash.
    same_hash: Option<Position>,
}

impl Tail {
    /// An empty tail behind a head.
    pub(super) fn new(base: Position) -> Self {
        Self {
            older: Generation::new(base),
            newer: Generation::new(base),
        }
    }

    /// The tail knows everything behind this position.
    pub(super) fn base(&self) -> Position {
        self.older.base
    }

    pub(super) fn push(&mut self, event: TailEvent) {
        self.newer.push(event);
    }

    /// The last revision of a stream, if the tail has an event of it.
    pub(super) fn last_of_stream(&self, stream: &Hash128) -> Option<Revision> {
        let last = self.newer.streams.get(stream);
        last.or_else(|| self.older.streams.get(stream)).copied()
    }

    /// The event with this identity, if the tail has it.
    pub(super) fn find(&self, identity: &Hash128, key: &EventKey) -> Option<Stored> {
        let found = self.newer.find(identity, key);
        found.or_else(|| self.older.find(identity, key))
    }

    /// Whether an event of the tail has this identity hash.
    pub(super) fn knows_identity(&self, identity: &Hash128) -> bool {
        self.newer.identities.contains_key(identity) || self.older.identities.contains_key(identity)
    }

    /// Forgets the older half once there are more than `keep` events, but never what the index has
    /// not applied. Only between groups.
    pub(super) fn prune(&mut self, keep: usize, applied: Position) {
        if self.newer.events.len() > keep / 2 && self.newer.base <= applied {
            let end = self.newer.end();
            mem::swap(&mut self.older, &mut self.newer);
            self.newer.clear(end);
        }
    }

    /// Forgets what was pushed behind this position: its group was rolled back.
    pub(super) fn roll_back(&mut self, to: Position) {
        let events = mem::take(&mut self.newer.events);
        self.newer.clear(self.newer.base);
        for linked in events {
            if linked.event.position <= to {
                self.newer.push(linked.event);
            }
        }
    }
}

impl Generation {
    fn new(base: Position) -> Self {
        Self {
            base,
            events: Vec::new(),
            identities: HashMap::new(),
            streams: HashMap::new(),
        }
    }

    /// Keeps the memory.
    fn clear(&mut self, base: Position) {
        self.base = base;
        self.events.clear();
        self.identities.clear();
        self.streams.clear();
    }

    fn end(&self) -> Position {
        Position(self.base.0 + self.events.len() as u64)
    }

    fn push(&mut self, event: TailEvent) {
        self.streams.insert(event.stream_hash, event.revision);
        let same_hash = self.identities.insert(event.identity, event.position);
        self.events.push(Linked { event, same_hash });
    }

    fn find(&self, identity: &Hash128, key: &EventKey) -> Option<Stored> {
        let mut next = self.identities.get(identity).copied();
        while let Some(linked) = next.and_then(|position| self.at(position)) {
            let event = &linked.event;
            if event.key == *key {
                return Some(Stored {
                    position: event.position,
                    revision: event.revision,
                    recorded_at: event.recorded_at,
                    stream: event.stream.clone(),
                    content_digest: event.content_digest,
                });
            }
            next = linked.same_hash;
        }
        None
    }

    fn at(&self, position: Position) -> Option<&Linked> {
        let index = position.0.checked_sub(self.base.0 + 1)?;
        self.events.get(usize::try_from(index).ok()?)
    }
}
