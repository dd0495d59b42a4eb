//! The progress of each view, as published after every commit, and the status derived from it.

use ownerline_projections::Checkpoint;

use super::RebuildStatus;
use super::generations::{Comparison, Record, hex};
use super::view_error::ViewError;
use crate::store::{Head, Position};

/// The state of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewState {
    /// Catching up with earlier touchpoints.
    CatchingUp,
    /// Following the log.
    Live,
    /// Stopped at a touchpoint it cannot handle; `last_error` says which.
    Failed,
    /// Retrying after a transient fault; `last_error` says why and since when.
    Retrying,
}

/// The status of a view.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewStatus {
    /// Its name.
    pub name: &'static str,
    /// The version of its fold.
    pub version: u32,
    /// The last applied position.
    pub position: Position,
    /// The head of the log.
    pub head: Position,
    /// The number of positions behind the head.
    pub lag_events: u64,
    /// The time that the oldest unapplied event has been in the log, in nanoseconds; 0 if there is none.
    pub lag_nanos: i64,
    /// The state.
    pub state: ViewState,
    /// The last error. That of a transient fault goes away with the fault.
    pub last_error: Option<ViewError>,
    /// The number of applied touchpoints.
    pub applied_count: u64,
    /// The certificate of what was applied, 64 lower-case hexadecimal digits.
    pub applied_hash: String,
    /// The serving generation, from 1; each rebuild makes another one.
    pub generation: u32,
    /// The running rebuild, or the last one since the start.
    pub rebuild: Option<RebuildStatus>,
    /// The comparison of the generation with the one before it.
    pub compared: Option<Comparison>,
    /// Where it must be before it answers what is known now: the head of the log when it was opened. `None` once it has
    /// been there.
    pub answers_from: Option<Position>,
}

impl ViewStatus {
    /// The number of positions that it must still apply before it answers what is known now.
    #[must_use]
    pub fn catch_up_events(&self) -> u64 {
        let from = self.answers_from.unwrap_or_default();
        from.0.saturating_sub(self.position.0)
    }
}

/// The published progress of a view. It contains only committed facts.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    pub checkpoint: Checkpoint,
    /// Whether the last read of the log reached its head.
    pub live: bool,
    /// Why the view stopped; set once.
    pub stopped: Option<ViewError>,
    /// The transient fault that it waits for, and since when.
    pub retrying: Option<ViewError>,
    /// Why the last read of the log failed.
    pub unread: Option<ViewError>,
    /// `recorded_at` of the oldest unapplied event that was read.
    pub oldest_unapplied: Option<i64>,
    /// Whether the runner has ended.
    pub closed: bool,
    /// The generation that serves.
    pub generation: u32,
    /// The comparison with the one before it.
    pub compared: Option<Comparison>,
    /// The head of the log when the view was opened. Until it is reached, the view holds a part of the history that
    /// was acknowledged before, so nothing that is asked about the present is answered from it.
    pub answers_from: Position,
}

impl Progress {
    /// A view that was opened at a checkpoint, while the log ended at `head`.
    pub(super) fn at(checkpoint: Checkpoint, record: &Record, head: Position) -> Self {
        Self {
            checkpoint,
            answers_from: head,
            generation: record.serving(),
            compared: record.compared(),
            live: false,
            stopped: None,
            retrying: None,
            unread: None,
            oldest_unapplied: None,
            closed: false,
        }
    }

    pub(super) fn position(&self) -> Position {
        self.checkpoint.position
    }

    /// Whether it does not answer what is known now yet.
    pub(super) fn is_behind(&self) -> bool {
        self.position() < self.answers_from
    }

    pub(super) fn status(&self, name: &'static str, head: Head, now: i64) -> ViewStatus {
        let position = self.position();
        let lag_events = head.position.0.saturating_sub(position.0);
        let lag_nanos = if lag_events == 0 {
            0
        } else {
            // Unread events were recorded at the head or shortly before.
            let since = self.oldest_unapplied.unwrap_or(head.recorded_at);
            now.saturating_sub(since).max(0)
        };
        ViewStatus {
            name,
            version: self.checkpoint.version,
            position,
            head: head.position,
            lag_events,
            lag_nanos,
            state: match (&self.stopped, &self.retrying, self.live) {
                (Some(_), _, _) => ViewState::Failed,
                (None, Some(_), _) => ViewState::Retrying,
                (None, None, true) => ViewState::Live,
                (None, None, false) => ViewState::CatchingUp,
            },
            last_error: [&self.stopped, &self.retrying, &self.unread]
                .into_iter()
                .find_map(Clone::clone),
            applied_count: self.checkpoint.applied,
            applied_hash: hex(&self.checkpoint),
            generation: self.generation,
            rebuild: None,
            compared: self.compared.clone(),
            answers_from: self.is_behind().then_some(self.answers_from),
        }
    }
}
