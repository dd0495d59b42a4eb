//! The events written last, in memory, against which the writer checks appends.

use std::collections::HashMap;
use std::mem;

use super::hashes::Hash128;
use super::stored::Stored;
use crate::store::{EventKey, Position, Revision, StreamName};

/// An event that was written, or is being written.
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

/// Every event after [`Tail::base`], in two generations. The older generation is dropped as a whole, which is
/// cheaper than dropping single events.
pub(super) struct Tail {
    older: Generation,
    newer: Generation,
}

struct Generation {
    base: Position,
    events: Vec<Linked>,
    /// The latest event with each identity hash; it links to the earlier ones.
    identities: HashMap<Hash128, Position>,
    streams: HashMap<Hash128, Revision>,
}

struct Linked {
    event: TailEvent,
    /// The previous event with the same identity hash.
    same_hash: Option<Position>,
}

impl Tail {
    /// An empty tail that begins after a position.
    pub(super) fn new(base: Position) -> Self {
        Self {
            older: Generation::new(base),
            newer: Generation::new(base),
        }
    }

    /// The position after which the tail has every event.
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

    /// Returns whether an event of the tail has this identity hash.
    pub(super) fn knows_identity(&self, identity: &Hash128) -> bool {
        self.newer.identities.contains_key(identity) || self.older.identities.contains_key(identity)
    }

    /// Drops the older generation once there are about `keep` events, but no event that the index lacks. Must
    /// not be called within a group.
    pub(super) fn prune(&mut self, keep: usize, applied: Position) {
        if self.newer.events.len() > keep / 2 && self.newer.base <= applied {
            let end = self.newer.end();
            mem::swap(&mut self.older, &mut self.newer);
            self.newer.clear(end);
        }
    }

    /// Removes the events after this position, whose group was rolled back.
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

    /// Empties the generation, keeping its allocations.
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
