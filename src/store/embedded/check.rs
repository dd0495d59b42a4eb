//! The check before an append: looked up by the caller as of an index position, decided by the writer.

use std::collections::HashSet;

use super::digest;
use super::hashes::{Hash128, Hashing};
use super::index::{Index, IndexError};
use super::tail::Tail;
use crate::store::{
    Append, AppendError, Appended, EventKey, Expected, NewEvent, Position, ReadError, Revision,
    StreamName,
};

/// What is stored under an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) position: Position,
    pub(super) revision: Revision,
    pub(super) recorded_at: i64,
    pub(super) stream: StreamName,
    pub(super) content_digest: [u8; 32],
}

/// An event with everything that can be computed before its position is known.
pub(super) struct PreparedEvent {
    pub(super) new: NewEvent,
    pub(super) identity: Hash128,
    pub(super) content_digest: [u8; 32],
    /// The `personal` column and the commitment to it.
    pub(super) personal: Option<(Vec<u8>, [u8; 32])>,
    /// What the index knew under this identity.
    pub(super) stored: Option<Stored>,
    /// Whether the index knew this hash under another identity.
    pub(super) shared: bool,
}

/// An append on its way to the writer.
pub(super) struct Prepared {
    pub(super) stream: StreamName,
    pub(super) stream_hash: Hash128,
    pub(super) expected: Expected,
    pub(super) events: Vec<PreparedEvent>,
    /// The index had applied at least this when it was asked.
    pub(super) as_of: Position,
    /// The last revision the index knew.
    pub(super) last: Option<Revision>,
}

/// Reads what is stored at a position, for a key; `None` if another event is there.
pub(super) type ReadStored<'a> =
    dyn FnMut(Position, &EventKey) -> Result<Option<Stored>, ReadError> + 'a;

/// What is to be done with an append.
pub(super) enum Decision {
    Store,
    Answer(Result<Appended, AppendError>),
}

/// Refuses what no engine would take, whatever is stored.
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

    /// Asks the index. Answers for each event the positions at which its identity may be stored.
    pub(super) fn ask(&mut self, index: &Index) -> Result<Vec<(usize, Vec<Position>)>, IndexError> {
        // Taken first: what is found is at least as new as this.
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

    /// Verifies candidates on the events themselves: a hash may be shared by several identities.
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

    /// Decides as of the look-up and the tail behind it.
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
        let met = match self.expected {
            Expected::Any => true,
            Expected::NoStream => current.is_none(),
            Expected::StreamExists => current.is_some(),
            Expected::Exact(revision) => current == Some(revision),
        };
        if met {
            return Decision::Store;
        }
        Decision::Answer(Err(AppendError::WrongRevision {
            stream: self.stream.clone(),
            expected: self.expected,
            current,
        }))
    }

    /// Whether the look-up alone decides: stored events stay stored, so no writer need be asked again
    /// about a whole replay, nor about a conflict. Of several conflicts the first in the append is
    /// named, so nothing before it may be unknown.
    pub(super) fn is_known_whole(&self) -> bool {
        for event in &self.events {
            match &event.stored {
                None => return false,
                Some(stored) if stored.content_digest != event.content_digest => return true,
                Some(_) => {}
            }
        }
        true
    }

    /// The last revision of the stream: that of the tail is never older than that of the look-up.
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

/// What a failed look-up means for the append: it was not tried.
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

    /// What the index knows of the events of an append: nothing, or other content at a position.
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
    fn of_two_conflicts_the_first_is_named_however_far_the_index_has_come() {
        // The first may conflict with what only the writer remembers.
        assert!(!prepared(&[None, Some(1)]).is_known_whole());
        assert!(prepared(&[Some(9), Some(1)]).is_known_whole());
        assert!(prepared(&[Some(9), None]).is_known_whole());
    }
}
