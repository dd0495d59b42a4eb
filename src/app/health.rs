//! The health of each service: it serves while everything that its answers need works.

use std::future::pending;
use std::sync::Arc;

use ownerline_proto::replay::touchpoint_service_server::SERVICE_NAME as TOUCHPOINT;
use tokio_util::sync::CancellationToken;

use super::parts::Parts;
use crate::grpc::Health;
use crate::projector::{ProjectorHandle, ViewState, ViewStatus};
use crate::query::views_of_services;
use crate::runtime::Clock;
use crate::store::embedded::EmbeddedStore;
use crate::store::{EventStore as _, StoreState};

/// The server as a whole.
const SERVER: &str = "";

/// Watches the log and the views, and reports the health of each service.
pub(super) struct HealthWatch {
    store: Arc<EmbeddedStore>,
    projector: ProjectorHandle,
    clock: Arc<dyn Clock>,
    health: Health,
}

impl HealthWatch {
    /// Watches these parts and reports to `health`.
    pub(super) fn of(parts: &Parts, health: Health) -> Self {
        Self {
            store: parts.log.clone(),
            projector: parts.projector.clone(),
            clock: parts.clock.clone(),
            health,
        }
    }

    /// Reports the health as it is now. Returns whether the log accepts nothing until a restart.
    pub(super) fn report(&self) -> bool {
        let (state, trouble) = (self.store.state(), self.store.index_trouble());
        let recordable = matches!(&*state.borrow(), StoreState::Writable);
        let indexed = trouble.borrow().is_none();
        let mut refused = refused(&self.projector.status(self.clock.now()));
        if !recordable || !indexed {
            refused.push(TOUCHPOINT);
        }
        self.health.all_but(&refused);
        matches!(&*state.borrow(), StoreState::Poisoned { .. })
    }

    /// Reports the health after each change, until the shutdown begins.
    pub(super) async fn run(self, shutdown: CancellationToken) {
        let (mut state, mut index) = (self.store.state(), self.store.index_trouble());
        let mut views = self.projector.changes();
        loop {
            state.mark_unchanged();
            index.mark_unchanged();
            views.mark_unchanged();
            let poisoned = self.report();
            if poisoned {
                tracing::error!("the log accepts no touchpoints until the server is restarted");
            }
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                // A poisoned log never changes its state again.
                () = async { if poisoned { pending().await } else { drop(state.changed().await) } } => {}
                Ok(()) = index.changed() => {}
                Ok(()) = views.changed() => {}
                else => return,
            }
        }
    }
}

/// The services with calls that cannot be answered, or only from views that lag behind.
///
/// TouchpointService records and reads the log without any view, and senders that look at its health must not stop
/// because its lists of owners and dealers wait for one. Those lists count for the server as a whole.
fn refused(views: &[ViewStatus]) -> Vec<&'static str> {
    let services = views_of_services().into_iter();
    let refused = services.filter(|(_, needs)| {
        views
            .iter()
            .any(|view| needs.contains(view.name) && !answers(view))
    });
    refused
        .map(|(service, _)| match service {
            TOUCHPOINT => SERVER,
            service => service,
        })
        .collect()
}

/// Whether a view answers, and not only as of a position at which it has come to a standstill.
fn answers(view: &ViewStatus) -> bool {
    let moves = match view.state {
        ViewState::CatchingUp | ViewState::Live => true,
        ViewState::Failed | ViewState::Retrying => false,
    };
    moves && view.answers_from.is_none()
}
