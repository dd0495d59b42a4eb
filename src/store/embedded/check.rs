//! The check before an append. The caller looks the events up in the index, as of some position; the writer
//! decides.

use std::collections::HashSet;

use super::digest;
use super::hashes::{Hash128, Hashing};
use super::index::{Index, IndexError};
use super::stored::Stored;
use super::tail::Tail;
use crate::store::{
    Append, AppendError, Appended, EventKey, Expected, NewEvent, Position, ReadError, Revision,
    StreamName,
};

/// An event, with everything about it that can be computed before its position is known.
pub(super) struct PreparedEvent {
    pub(super) new: NewEvent,
    pub(super) identity: Hash128,
    pub(super) content_digest: [u8; 32],
    /// The `personal` column and the commitment to it.
    pub(super) personal: Option<(Vec<u8>, [u8; 32])>,
    /// The stored event with this identity, according to the index.
    pub(super) stored: Option<Stored>,
    /// Whether the index had an event with this identity hash, possibly of another identity.
    pub(super) shared: bool,
}

/// An append on its way to the writer.
pub(super) struct Prepared {
    pub(super) stream: StreamName,
    pub(super) stream_hash: Hash128,
    pub(super) expected: Expected,
    pub(super) events: Vec<PreparedEvent>,
    /// The look-up saw every event up to this position.
    pub(super) as_of: Position,
    /// The last revision of the stream, according to the look-up.
    pub(super) last: Option<Revision>,
}

/// Reads the event at a position if it has this key; `None` if it has another one.
pub(super) type ReadStored<'a> =
    dyn FnMut(Position, &EventKey) -> Result<Option<Stored>, ReadError> + 'a;

/// What to do with an append.
pub(super) enum Decision {
    Store,
    Answer(Result<Appended, AppendError>),
}

/// Refuses an append that is malformed, whatever is stored.
pub(super) fn refuse_malformed(append: &Append) -> Result<(), AppendError> {
    match append.events.as_slice() {
        [] => Err(AppendError::Malformed { what: "no events" }),
        [_] => Ok(()),
        events => {
            let mut seen = HashSet::with_capacity(events.len());
            if events.iter().all(|event| seen.insert(&event.key)) {
                return Ok(());
            }
            Err(AppendError::Malformed {
                what: "one identity twice",
            })
        }
    }
}

impl Prepared {
    pub(super) fn new(
        append: Append,
        hashing: Hashing,
        content_key: &[u8; 32],
        row_keys: &digest::RowKeys,
    ) -> Self {
        let prepare = |new: NewEvent| PreparedEvent {
            identity: hashing.identity(new.key.source.as_bytes(), new.key.id.as_bytes()),
            content_digest: digest::content_digest(content_key, &new.content_hash),
            personal: digest::seal(&new.personal, row_keys),
            new,
            stored: None,
            shared: false,
        };
        Self {
            stream_hash: hashing.stream(append.stream.as_str().as_bytes()),
            stream: append.stream,
            expected: append.expected,
            events: append.events.into_iter().map(prepare).collect(),
            as_of: Position::START,
            last: None,
        }
    }

    /// Looks the events up in the index. Returns the positions at which the identities may be stored, by the
    /// number of the event.
    pub(super) fn look_up(
        &mut self,
        index: &Index,
    ) -> Result<Vec<(usize, Vec<Position>)>, IndexError> {
        // Read first, so that everything found is at least as new.
        self.as_of = index.applied();
        self.last = index.last_of_stream(&self.stream_hash)?.map(|(r, _)| r);
        let mut candidates = Vec::new();
        for (number, event) in self.events.iter().enumerate() {
            let positions = index.identity(&event.identity)?;
            if !positions.is_empty() {
                candidates.push((number, positions));
            }
        }
        Ok(candidates)
    }

    /// Reads the events at the candidate positions, because several identities may share a hash.
    pub(super) fn verify(
        &mut self,
        candidates: Vec<(usize, Vec<Position>)>,
        read: &mut ReadStored<'_>,
    ) -> Result<(), AppendError> {
        for (number, positions) in candidates {
            let Some(event) = self.events.get_mut(number) else {
                continue;
            };
            event.shared = true;
            for position in positions {
                let stored = read(position, &event.new.key).map_err(unchecked)?;
                if stored.is_some() {
                    event.stored = stored;
                    break;
                }
            }
        }
        Ok(())
    }

    /// Decides by the look-up and by the tail, which has the events after it.
    pub(super) fn decide(&self, tail: Option<&Tail>) -> Decision {
        let stored: Vec<(&PreparedEvent, Stored)> = self
            .events
            .iter()
            .filter_map(|event| Some((event, event.stored_in(tail)?)))
            .collect();
        let differs = |(event, stored): &&(&PreparedEvent, Stored)| {
            event.content_digest != stored.content_digest
        };
        if let Some((event, stored)) = stored.iter().find(differs) {
            return Decision::Answer(Err(AppendError::ContentConflict {
                key: event.new.key.clone(),
                position: stored.position,
            }));
        }
        if let Some((event, first)) = stored.first() {
            if stored.len() == self.events.len() {
                return Decision::Answer(Ok(replay(first, &stored)));
            }
            return Decision::Answer(Err(AppendError::PartlyStored {
                key: event.new.key.clone(),
                position: first.position,
            }));
        }
        let current = self.last_in(tail);
        if self.expected.is_met(current) {
            return Decision::Store;
        }
        Decision::Answer(Err(AppendError::WrongRevision {
            stream: self.stream.clone(),
            expected: self.expected,
            current,
        }))
    }

    /// Returns whether the look-up alone decides. Stored events stay stored, so a complete replay or a conflict
    /// needs no writer. Of several conflicts the first in the append is reported, so every event before it must
    /// be known as well.
    pub(super) fn is_decided_by_look_up(&self) -> bool {
        for event in &self.events {
            match &event.stored {
                None => return false,
                Some(stored) if stored.content_digest != event.content_digest => return true,
                Some(_) => {}
            }
        }
        true
    }

    /// The last revision of the stream. That in the tail is never older than that of the look-up.
    pub(super) fn last_in(&self, tail: Option<&Tail>) -> Option<Revision> {
        tail.and_then(|tail| tail.last_of_stream(&self.stream_hash))
            .or(self.last)
    }
}

impl PreparedEvent {
    fn stored_in(&self, tail: Option<&Tail>) -> Option<Stored> {
        let found = self.stored.clone();
        found.or_else(|| tail?.find(&self.identity, &self.new.key))
    }
}

fn replay(first: &Stored, all: &[(&PreparedEvent, Stored)]) -> Appended {
    let positions = || all.iter().map(|(_, stored)| stored);
    let last = positions().max_by_key(|s| s.position).unwrap_or(first);
    let first = positions().min_by_key(|s| s.position).unwrap_or(first);
    Appended {
        first: first.position,
        last: last.position,
        revision: last.revision,
        recorded_at: last.recorded_at,
        stream: last.stream.clone(),
        replayed: true,
    }
}

/// Converts the error of a failed look-up: the append was not tried.
pub(super) fn unchecked(error: ReadError) -> AppendError {
    match error {
        ReadError::Damaged { position, reason } => AppendError::Damaged { position, reason },
        ReadError::Closing => AppendError::Closing,
        other => AppendError::Unchecked {
            reason: other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::event;

    /// An append whose events the index does not know (`None`), or knows at a position with other content.
    fn prepared(known: &[Option<u64>]) -> Prepared {
        let append = Append {
            stream: StreamName::new("owner-1"),
            expected: Expected::Any,
            events: (0..).take(known.len()).map(event).collect(),
        };
        let keys = digest::RowKeys::new().expect("randomness");
        let mut prepared = Prepared::new(append, Hashing::new(None), &[0; 32], &keys);
        for (event, position) in prepared.events.iter_mut().zip(known) {
            event.stored = position.map(|position| Stored {
                position: Position(position),
                revision: Revision(0),
                recorded_at: 0,
                stream: StreamName::new("owner-2"),
                content_digest: [0xff; 32],
            });
        }
        prepared
    }

    #[test]
    fn of_two_conflicts_the_first_is_reported_however_far_the_index_has_come() {
        // The first event may conflict with one that only the writer remembers.
        assert!(!prepared(&[None, Some(1)]).is_decided_by_look_up());
        assert!(prepared(&[Some(9), Some(1)]).is_decided_by_look_up());
        assert!(prepared(&[Some(9), None]).is_decided_by_look_up());
    }
}
