//! What was written last, in memory: the writer rechecks appends against it, and only it.

use std::collections::{HashMap, VecDeque};

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

/// Every event behind [`Tail::base`], in position order without hole.
pub(super) struct Tail {
    base: Position,
    events: VecDeque<TailEvent>,
    identities: HashMap<Hash128, Vec<Position>>,
    streams: HashMap<Hash128, (Revision, Position)>,
}

impl Tail {
    /// An empty tail behind a head.
    pub(super) fn new(base: Position) -> Self {
        Self {
            base,
            events: VecDeque::new(),
            identities: HashMap::new(),
            streams: HashMap::new(),
        }
    }

    /// The tail knows everything behind this position and nothing up to it.
    pub(super) fn base(&self) -> Position {
        self.base
    }

    pub(super) fn push(&mut self, event: TailEvent) {
        self.streams
            .insert(event.stream_hash, (event.revision, event.position));
        self.identities
            .entry(event.identity)
            .or_default()
            .push(event.position);
        self.events.push_back(event);
    }

    /// The last revision of a stream, if the tail has an event of it.
    pub(super) fn last_of_stream(&self, stream: &Hash128) -> Option<Revision> {
        self.streams.get(stream).map(|(revision, _)| *revision)
    }

    /// The event with this identity, if the tail has it.
    pub(super) fn find(&self, identity: &Hash128, key: &EventKey) -> Option<Stored> {
        let positions = self.identities.get(identity)?;
        let mut events = positions.iter().filter_map(|position| self.at(*position));
        let event = events.find(|event| event.key == *key)?;
        Some(Stored {
            position: event.position,
            revision: event.revision,
            recorded_at: event.recorded_at,
            stream: event.stream.clone(),
            content_digest: event.content_digest,
        })
    }

    /// Whether an event of the tail has this identity hash.
    pub(super) fn knows_identity(&self, identity: &Hash128) -> bool {
        self.identities.contains_key(identity)
    }

    /// Forgets the oldest events above `keep`, but none the index has not applied.
    pub(super) fn prune(&mut self, keep: usize, applied: Position) {
        while self.events.len() > keep
            && self.events.front().is_some_and(|e| e.position <= applied)
            && let Some(oldest) = self.events.pop_front()
        {
            self.base = oldest.position;
            self.forget(&oldest);
        }
    }

    /// Forgets what was pushed behind this position: its group was rolled back.
    pub(super) fn roll_back(&mut self, to: Position) {
        while self.events.back().is_some_and(|e| e.position > to)
            && let Some(newest) = self.events.pop_back()
        {
            self.forget(&newest);
        }
        // Rare, so the streams are simply gathered again.
        self.streams.clear();
        for event in &self.events {
            self.streams
                .insert(event.stream_hash, (event.revision, event.position));
        }
    }

    fn forget(&mut self, event: &TailEvent) {
        if let Some(positions) = self.identities.get_mut(&event.identity) {
            positions.retain(|position| *position != event.position);
            if positions.is_empty() {
                self.identities.remove(&event.identity);
            }
        }
        let last = self.streams.get(&event.stream_hash);
        if last.is_some_and(|(_, position)| *position == event.position) {
            self.streams.remove(&event.stream_hash);
        }
    }

    fn at(&self, position: Position) -> Option<&TailEvent> {
        let index = position.0.checked_sub(self.base.0 + 1)?;
        self.events.get(usize::try_from(index).ok()?)
    }
}
