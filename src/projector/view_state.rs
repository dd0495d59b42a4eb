//! The state of a view in the view store: folds write to pending writes, queries read from a snapshot.

use std::ops::{ControlFlow, Range};

use fjall::{Guard, Iter, Keyspace, Readable, Snapshot};
use ownerline_projections::fold::state::{ScanOrder, StateError, StateMap, StateRead, Visit};
use ownerline_projections::{Checkpoint, Overlay};
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::derived::{Severity, of_fjall};
use crate::store::Position;

/// The state that the fold of one view writes to. Writes reach the keyspace only with a commit of all views.
pub(super) struct PendingState {
    committed: Committed,
    pending: Overlay,
}

impl PendingState {
    pub(super) fn new(keyspace: Keyspace) -> Self {
        Self {
            committed: Committed { keyspace },
            pending: Overlay::default(),
        }
    }

    pub(super) fn keyspace(&self) -> &Keyspace {
        &self.committed.keyspace
    }

    pub(super) fn pending(&self) -> &Overlay {
        &self.pending
    }

    pub(super) fn pending_mut(&mut self) -> &mut Overlay {
        &mut self.pending
    }
}

impl StateRead for PendingState {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        self.pending.get_over(&self.committed, key)
    }

    fn scan(
        &self,
        range: Range<&[u8]>,
        order: ScanOrder,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError> {
        self.pending.scan_over(&self.committed, range, order, visit)
    }
}

impl StateMap for PendingState {
    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.pending.put(key, value);
    }

    fn delete(&mut self, key: &[u8]) {
        self.pending.delete(key);
    }
}

/// The last commit. Only the writer reads it, so it does not change while a fold runs.
struct Committed {
    keyspace: Keyspace,
}

impl StateRead for Committed {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        let value = self.keyspace.get(key).map_err(unreadable)?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(
        &self,
        range: Range<&[u8]>,
        order: ScanOrder,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError> {
        if range.start >= range.end {
            return Ok(());
        }
        walk(self.keyspace.range(range), order, visit)
    }
}

/// A snapshot of the whole database, with the keyspace of each view that served then.
pub(super) struct SnapshotOfAll {
    pub(super) snapshot: Snapshot,
    pub(super) keyspaces: Vec<Keyspace>,
    /// Dropped after the snapshot.
    pub(super) reader: TaskTrackerToken,
}

/// One view as of one commit: a consistent state and its position. It holds back the clean-up of overwritten values, so
/// drop it soon.
pub struct ViewSnapshot {
    snapshot: Snapshot,
    keyspace: Keyspace,
    position: Position,
    /// Dropped last: then the database is not held any more.
    _reader: TaskTrackerToken,
}

impl ViewSnapshot {
    /// Reads the checkpoint of one view in a snapshot of all.
    pub(super) fn of(all: &SnapshotOfAll, keyspace: &Keyspace) -> Result<Self, StateError> {
        let mut taken = Self {
            snapshot: all.snapshot.clone(),
            keyspace: keyspace.clone(),
            position: Position::START,
            _reader: all.reader.clone(),
        };
        taken.position =
            Checkpoint::read(&taken)?.map_or(Position::START, |checkpoint| checkpoint.position);
        Ok(taken)
    }

    /// The position: the state holds everything up to it, and nothing after it.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }
}

impl StateRead for ViewSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        let value = self.snapshot.get(&self.keyspace, key).map_err(unreadable)?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(
        &self,
        range: Range<&[u8]>,
        order: ScanOrder,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError> {
        if range.start >= range.end {
            return Ok(());
        }
        walk(self.snapshot.range(&self.keyspace, range), order, visit)
    }
}

fn walk(mut entries: Iter, order: ScanOrder, visit: &mut Visit<'_>) -> Result<(), StateError> {
    loop {
        let next: Option<Guard> = match order {
            ScanOrder::Ascending => entries.next(),
            ScanOrder::Descending => entries.next_back(),
        };
        let Some(entry) = next else {
            return Ok(());
        };
        let (key, value) = entry.into_inner().map_err(unreadable)?;
        if let ControlFlow::Break(()) = visit(&key, &value) {
            return Ok(());
        }
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn unreadable(error: fjall::Error) -> StateError {
    let reason = error.to_string();
    match of_fjall(&error) {
        Severity::Passing => StateError::Waiting { reason },
        Severity::Damaged | Severity::Final => StateError::Unreadable { reason },
    }
}
