//! How far each view is, as published after every commit and as told to those who ask.

use ownerline_projections::Checkpoint;

use super::RebuildStatus;
use super::generations::{Comparison, Record, hex};
use super::view_error::ViewError;
use crate::store::{Head, Position};

/// What a view is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewState {
    /// Working off what was recorded before.
    CatchingUp,
    /// Following the log.
    Live,
    /// Stopped at a touchpoint it cannot handle; `last_error` says which.
    Failed,
    /// It cannot be written for the moment and is tried again; `last_error` says why and since when.
    Retrying,
}

/// How far a view is.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewStatus {
    /// Its name.
    pub name: &'static str,
    /// The version of its fold.
    pub version: u32,
    /// Everything up to here is applied.
    pub position: Position,
    /// The head of the log.
    pub head: Position,
    /// How many positions it is behind the head.
    pub lag_events: u64,
    /// How long the oldest event not applied has been in the log, in nanoseconds; 0 if there is none.
    pub lag_nanos: i64,
    /// What it is doing.
    pub state: ViewState,
    /// What went wrong last. Goes away with a fault that was waited for.
    pub last_error: Option<ViewError>,
    /// How many touchpoints were applied.
    pub applied_count: u64,
    /// The certificate of what was applied, 64 lower-case hexadecimal digits.
    pub applied_hash: String,
    /// Which of its states answers, from 1; each rebuild makes another one.
    pub generation: u32,
    /// The rebuild that runs, or how the last one since the start ended.
    pub rebuild: Option<RebuildStatus>,
    /// How the generation compared with the one before it.
    pub compared: Option<Comparison>,
}

/// What the runner publishes about a view. Everything in it is committed.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    pub checkpoint: Checkpoint,
    /// Whether the last read of the log reached its head.
    pub live: bool,
    /// Set once; the view stays where it is.
    pub stopped: Option<ViewError>,
    /// Why it cannot be written for the moment, and since when.
    pub retrying: Option<ViewError>,
    /// Why the log could not be read just now.
    pub unread: Option<ViewError>,
    /// `recorded_at` of the oldest event not applied, as far as it was read.
    pub oldest_unapplied: Option<i64>,
    /// The runner has ended.
    pub closed: bool,
    /// The generation that serves.
    pub generation: u32,
    /// How it compared with the one before it.
    pub compared: Option<Comparison>,
}

impl Progress {
    pub(super) fn at(checkpoint: Checkpoint, record: &Record) -> Self {
        Self {
            checkpoint,
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
        Position(self.checkpoint.position)
    }

    pub(super) fn status(&self, name: &'static str, head: Head, now: i64) -> ViewStatus {
        let position = self.position();
        let lag_events = head.position.0.saturating_sub(position.0);
        let lag_nanos = if lag_events == 0 {
            0
        } else {
            // What was not read yet was recorded at the head or shortly before.
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
        }
    }
}
