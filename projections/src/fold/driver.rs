//! The fold driver, the only caller of folds. It keeps a checkpoint inside each view's state, stages the writes of
//! each fold so that a failed one leaves nothing behind, and lets the other views go on.
//!
//! A fold is called only for the touchpoints that its [`ViewDef`] names; every checkpoint counts and certifies
//! all of them.

use std::ops::Range;

use thiserror::Error;

use crate::fold::checkpoint::CHECKPOINT_KEY;
use crate::fold::state::{ScanOrder, StateError, StateMap, StateRead, Visit};
use crate::fold::view::KindFilter;
use crate::fold::{FoldError, ViewDef};
use crate::{Checkpoint, Overlay, Position, Recorded};

/// A touchpoint as the log keeps it, with the digest that enters the certificate of every view.
#[derive(Debug, Clone)]
pub struct LogEntry {
    recorded: Recorded,
    digest: [u8; 32],
}

impl LogEntry {
    /// Computes the digest: BLAKE3 over source, id, kind name and the clear bytes, each preceded by its length (u64,
    /// little-endian). It leaves out the personal bytes, so it survives their erasure.
    #[must_use]
    pub fn new(recorded: Recorded, clear: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        let touchpoint = &recorded.touchpoint;
        let name = recorded.kind.name.as_bytes();
        for part in [
            touchpoint.source.as_bytes(),
            touchpoint.id.as_bytes(),
            name,
            clear,
        ] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let digest = *hasher.finalize().as_bytes();
        Self { recorded, digest }
    }

    /// The touchpoint.
    #[must_use]
    pub fn recorded(&self) -> &Recorded {
        &self.recorded
    }
}

/// The certificates after each touchpoint of a part of a batch. Every view that begins it with the same certificate has
/// the same ones, so they are computed once.
struct Certificates {
    before: [u8; 32],
    after: Vec<[u8; 32]>,
}

impl Certificates {
    fn of(before: [u8; 32], entries: &[LogEntry]) -> Self {
        let mut last = before;
        let after = entries.iter().map(|entry| {
            let mut hasher = blake3::Hasher::new();
            hasher.update(&last).update(&entry.digest);
            last = *hasher.finalize().as_bytes();
            last
        });
        Self {
            after: after.collect(),
            before,
        }
    }

    /// Whether they are those of such a part. Parts of one batch end where it ends.
    fn are_of(&self, before: &[u8; 32], entries: &[LogEntry]) -> bool {
        self.before == *before && self.after.len() == entries.len()
    }
}

/// A touchpoint at which a view stopped, and why.
#[derive(Debug, Clone)]
pub struct Stopped {
    /// The position of the touchpoint. Everything before it is applied, and no part of it.
    pub position: Position,
    /// Why the fold failed.
    pub error: FoldError,
}

/// Why a view cannot resume from a state.
#[derive(Debug, Clone, Error)]
pub enum ResumeError {
    /// The state was written by another version of the view.
    #[error("state of view {view} was written by version {found}, this is version {expected}")]
    OtherVersion {
        /// The view.
        view: &'static str,
        /// The version that wrote the state.
        found: u32,
        /// The version of the view.
        expected: u32,
    },
    /// The checkpoint cannot be read.
    #[error("checkpoint of view {view} cannot be read")]
    State {
        /// The view.
        view: &'static str,
        /// Why it cannot be read.
        source: StateError,
    },
}

impl ResumeError {
    /// Whether the state is only unreadable for the moment.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let Self::State { source, .. } = self else {
            return false;
        };
        matches!(source, StateError::Waiting { .. })
    }
}

/// The batch does not continue the applied touchpoints; nothing of it was applied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("position {position} does not follow {applied}")]
pub struct OutOfOrder {
    /// The refused position.
    pub position: Position,
    /// The position it must be greater than.
    pub applied: Position,
}

/// One view with its state.
pub struct Lane<S> {
    view: ViewDef,
    filter: KindFilter,
    state: S,
    checkpoint: Checkpoint,
    stopped: Option<Stopped>,
}

impl<S> Lane<S> {
    /// The view.
    #[must_use]
    pub fn view(&self) -> &ViewDef {
        &self.view
    }

    /// The checkpoint: how far the view is.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Where and why the view stopped, if it did.
    #[must_use]
    pub fn stopped(&self) -> Option<&Stopped> {
        self.stopped.as_ref()
    }

    /// Why the view stopped, if its state was only unreadable for the moment: the touchpoint is not at fault.
    #[must_use]
    pub fn waiting(&self) -> Option<&StateError> {
        match &self.stopped.as_ref()?.error {
            FoldError::State(error @ StateError::Waiting { .. }) => Some(error),
            _ => None,
        }
    }

    /// The state of the view.
    #[must_use]
    pub fn state(&self) -> &S {
        &self.state
    }

    /// The state of the view, so that the caller can move its writes elsewhere. Folds write only through
    /// [`Driver::apply`].
    pub fn state_mut(&mut self) -> &mut S {
        &mut self.state
    }
}

/// All views with their states, in the order in which they were added.
pub struct Driver<S> {
    lanes: Vec<Lane<S>>,
}

impl<S> Default for Driver<S> {
    fn default() -> Self {
        Self { lanes: Vec::new() }
    }
}

impl<S: StateMap> Driver<S> {
    /// Adds a view, which resumes from the checkpoint in its state, or starts at the first touchpoint.
    ///
    /// # Errors
    /// If the state is of another version of the view, or its checkpoint cannot be read.
    pub fn add(&mut self, view: ViewDef, state: S) -> Result<Checkpoint, ResumeError> {
        let ViewDef { name, version, .. } = view;
        let checkpoint = Checkpoint::read(&state)
            .map_err(|source| ResumeError::State { view: name, source })?
            .unwrap_or_else(|| Checkpoint::start(version));
        if checkpoint.version != version {
            return Err(ResumeError::OtherVersion {
                view: name,
                found: checkpoint.version,
                expected: version,
            });
        }
        self.lanes.push(Lane {
            view,
            filter: KindFilter::new(view.kinds),
            state,
            checkpoint,
            stopped: None,
        });
        Ok(checkpoint)
    }

    /// Every view.
    #[must_use]
    pub fn lanes(&self) -> &[Lane<S>] {
        &self.lanes
    }

    /// Every view, so that the caller can move its writes elsewhere.
    pub fn lanes_mut(&mut self) -> &mut [Lane<S>] {
        &mut self.lanes
    }

    /// Appends a view that was folded elsewhere, with its state and checkpoint.
    pub fn adopt(&mut self, lane: Lane<S>) {
        self.lanes.push(lane);
    }

    /// Removes and returns a view; later ones move up. `None` if there is none at this index.
    pub fn release(&mut self, index: usize) -> Option<Lane<S>> {
        (index < self.lanes.len()).then(|| self.lanes.remove(index))
    }

    /// Puts a view that was folded elsewhere in the place of another, and returns the other.
    pub fn replace(&mut self, index: usize, lane: Lane<S>) -> Option<Lane<S>> {
        let place = self.lanes.get_mut(index)?;
        Some(std::mem::replace(place, lane))
    }

    /// The position that every running view has reached, so the next batch follows it. `None` if all views stopped.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.lanes
            .iter()
            .filter(|lane| lane.stopped.is_none())
            .map(|lane| lane.checkpoint.position)
            .min()
    }

    /// Folds a batch, in position order, into every view that has not stopped, and writes their checkpoints. A view
    /// ahead of others skips what it already applied. A view whose fold fails stops there, with the state it had before
    /// that touchpoint.
    ///
    /// # Errors
    /// If a position is at or before [`Self::position`], or not greater than the one before it.
    pub fn apply(&mut self, entries: &[LogEntry]) -> Result<(), OutOfOrder> {
        let Some(mut applied) = self.position() else {
            return Ok(());
        };
        for entry in entries {
            let position = entry.recorded.position;
            if position <= applied {
                return Err(OutOfOrder { position, applied });
            }
            applied = position;
        }
        let mut shared: Option<Certificates> = None;
        for lane in self.lanes.iter_mut().filter(|it| it.stopped.is_none()) {
            let Checkpoint { position, hash, .. } = lane.checkpoint;
            let known = entries.partition_point(|entry| entry.recorded.position <= position);
            let entries = entries.get(known..).unwrap_or_default();
            let same = shared.take().filter(|it| it.are_of(&hash, entries));
            let certificates = same.unwrap_or_else(|| Certificates::of(hash, entries));
            lane.apply(entries, &certificates.after);
            shared = Some(certificates);
        }
        Ok(())
    }

    /// Stops every view that has not applied this position, because the touchpoint there cannot be decoded.
    pub fn stop(&mut self, position: Position, error: &FoldError) {
        for lane in &mut self.lanes {
            if lane.stopped.is_none() && lane.checkpoint.position < position {
                lane.stopped = Some(Stopped {
                    position,
                    error: error.clone(),
                });
            }
        }
    }
}

impl<S: StateMap> Lane<S> {
    /// Folds touchpoints that follow the applied ones, each with the certificate after it.
    fn apply(&mut self, entries: &[LogEntry], certificates: &[[u8; 32]]) {
        let before = self.checkpoint.position;
        for (entry, certificate) in entries.iter().zip(certificates) {
            if self.stopped.is_some() {
                break;
            }
            self.fold(&entry.recorded, *certificate);
        }
        if self.checkpoint.position > before {
            self.state
                .put(CHECKPOINT_KEY.to_vec(), self.checkpoint.encode());
        }
    }

    fn fold(&mut self, recorded: &Recorded, certificate: [u8; 32]) {
        if !self.filter.admits(recorded) {
            self.checkpoint.advance(recorded.position, certificate);
            return;
        }
        let mut staged = Staged {
            base: &self.state,
            writes: Overlay::default(),
            reserved: false,
        };
        let mut folded = (self.view.apply)(recorded, &mut staged);
        if staged.reserved {
            folded = Err(FoldError::Unsupported {
                reason: "the fold writes to a reserved key".to_owned(),
            });
        }
        let mut writes = staged.writes;
        match folded {
            Ok(()) => {
                writes.merge_into(&mut self.state);
                self.checkpoint.advance(recorded.position, certificate);
            }
            Err(error) => {
                self.stopped = Some(Stopped {
                    position: recorded.position,
                    error,
                });
            }
        }
    }
}

/// The writes of one fold, held back until it succeeds.
struct Staged<'s, S> {
    base: &'s S,
    writes: Overlay,
    reserved: bool,
}

impl<S: StateMap> StateRead for Staged<'_, S> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        self.writes.get_over(self.base, key)
    }

    fn scan(
        &self,
        range: Range<&[u8]>,
        order: ScanOrder,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError> {
        self.writes.scan_over(self.base, range, order, visit)
    }
}

impl<S: StateMap> StateMap for Staged<'_, S> {
    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.reserved |= key.first() == Some(&0);
        self.writes.put(key, value);
    }

    fn delete(&mut self, key: &[u8]) {
        self.reserved |= key.first() == Some(&0);
        self.writes.delete(key);
    }
}
