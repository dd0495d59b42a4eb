//! What a rebuild works with, and what it hands over.

use std::sync::Arc;

use ownerline_projections::fold::ViewDef;
use ownerline_projections::fold::driver::Lane;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ticket::Ticket;
use crate::projector::ProjectorOptions;
use crate::projector::current::Current;
use crate::projector::view_state::PendingState;
use crate::store::SharedStore;

/// Generations that have come close to the head, for the task that keeps the views up with the log.
pub(in crate::projector) struct Handover {
    /// With everything committed.
    pub(in crate::projector) lanes: Vec<Lane<PendingState>>,
    /// Whose they are, in the same order.
    pub(in crate::projector) tickets: Vec<Ticket>,
}

/// Handovers that wait: each holds at least one view, and the task takes them between batches.
pub(in crate::projector) const HANDOVERS: usize = 4;

/// What a rebuild works with. Cheap to clone.
#[derive(Clone)]
pub(in crate::projector) struct Workshop {
    pub(in crate::projector) store: SharedStore,
    pub(in crate::projector) views: Vec<ViewDef>,
    pub(in crate::projector) current: Current,
    pub(in crate::projector) tasks: TaskTracker,
    /// Told when a rebuild met a fault that passes: the database may take nothing any more.
    pub(in crate::projector) ailing: Arc<Notify>,
    pub(in crate::projector) options: ProjectorOptions,
    pub(in crate::projector) token: CancellationToken,
    pub(in crate::projector) handovers: mpsc::Sender<Handover>,
}
