//! The resources of rebuilds, and the handover of their results.

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

/// Generations close to the head, handed over to the runner.
pub(in crate::projector) struct Handover {
    /// The generations, with everything committed.
    pub(in crate::projector) lanes: Vec<Lane<PendingState>>,
    /// Their tickets, in the same order.
    pub(in crate::projector) tickets: Vec<Ticket>,
}

/// The most waiting handovers. Each holds at least one view, and the runner takes them between batches.
pub(in crate::projector) const HANDOVERS: usize = 4;

/// The resources of rebuilds. Cheap to clone.
#[derive(Clone)]
pub(in crate::projector) struct Workshop {
    pub(in crate::projector) store: SharedStore,
    pub(in crate::projector) views: Vec<ViewDef>,
    pub(in crate::projector) current: Current,
    pub(in crate::projector) tasks: TaskTracker,
    /// Notified when a rebuild met a transient fault, after which the database may refuse all writes.
    pub(in crate::projector) ailing: Arc<Notify>,
    pub(in crate::projector) options: ProjectorOptions,
    pub(in crate::projector) token: CancellationToken,
    pub(in crate::projector) handovers: mpsc::Sender<Handover>,
}
