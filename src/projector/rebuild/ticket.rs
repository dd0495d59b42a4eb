//! The ticket of one view in a rebuild: publishes its progress and knows whether it was cancelled.

use std::time::Instant;

use ownerline_projections::Checkpoint;
use ownerline_projections::fold::ViewDef;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::status::Pace;
use super::{RebuildPhase, RebuildStatus};
use crate::projector::generations::Comparison;
use crate::projector::view_error::ViewError;
use crate::store::Position;

/// Held by the task that works on the rebuild. If it is dropped before the end, the rebuild resumes at the next start.
pub(in crate::projector) struct Ticket {
    /// The index of the view.
    pub(in crate::projector) index: usize,
    pub(in crate::projector) view: ViewDef,
    status: watch::Sender<RebuildStatus>,
    cancel: CancellationToken,
    pace: Pace,
}

impl Ticket {
    pub(super) fn new(
        index: usize,
        view: ViewDef,
        now: i64,
    ) -> (Self, watch::Receiver<RebuildStatus>, CancellationToken) {
        let (status, watched) = watch::channel(RebuildStatus {
            view: view.name,
            generation: 0,
            phase: RebuildPhase::Building,
            resumed: false,
            position: Position::START,
            applied: 0,
            events_per_second: 0.0,
            started_at: now,
            failure: None,
            compared: None,
        });
        let cancel = CancellationToken::new();
        let ticket = Self {
            index,
            view,
            status,
            cancel: cancel.clone(),
            pace: Pace::default(),
        };
        (ticket, watched, cancel)
    }

    pub(in crate::projector) fn name(&self) -> &'static str {
        self.view.name
    }

    pub(in crate::projector) fn generation(&self) -> u32 {
        self.status.borrow().generation
    }

    pub(super) fn position(&self) -> Position {
        self.status.borrow().position
    }

    pub(in crate::projector) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    pub(in crate::projector) fn cancelled(
        &self,
    ) -> tokio_util::sync::WaitForCancellationFuture<'_> {
        self.cancel.cancelled()
    }

    pub(super) fn numbered(&self, generation: u32, resumed: bool) {
        self.status.send_modify(|now| {
            now.generation = generation;
            now.resumed = resumed;
        });
    }

    /// Publishes the progress.
    pub(in crate::projector) fn reached(&mut self, checkpoint: &Checkpoint) {
        let rate = self.pace.count(Instant::now(), checkpoint.applied);
        self.status.send_modify(|now| {
            now.position = checkpoint.position;
            now.applied = checkpoint.applied;
            if rate > 0.0 {
                now.events_per_second = rate;
            }
        });
    }

    pub(super) fn switching(&self) {
        self.status
            .send_modify(|now| now.phase = RebuildPhase::Switching);
    }

    pub(in crate::projector) fn done(self, compared: Comparison) {
        self.status.send_modify(|now| {
            now.position = compared.position;
            now.applied = compared.count;
            now.phase = RebuildPhase::Done;
            now.compared = Some(compared);
        });
    }

    pub(in crate::projector) fn failed(self, failure: ViewError) {
        let (view, position) = (self.name(), failure.position);
        tracing::error!(view, %position, error = %failure.message, "rebuild failed, the former generation serves on");
        self.status.send_modify(|now| {
            now.phase = RebuildPhase::Failed;
            now.failure = Some(failure);
        });
    }

    pub(in crate::projector) fn ended_by_request(self) {
        tracing::info!(view = self.name(), "rebuild cancelled");
        self.status
            .send_modify(|now| now.phase = RebuildPhase::Cancelled);
    }
}
