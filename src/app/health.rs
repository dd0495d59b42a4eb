//! The health of each service: it serves while everything that its answers need works.

use std::future::pending;
use std::sync::Arc;

use ownerline_projections::advocacy;
use ownerline_projections::bookings;
use ownerline_projections::corrections;
use ownerline_projections::feedback;
use ownerline_projections::loyalty;
use ownerline_projections::network;
use ownerline_projections::person::identity;
use ownerline_projections::person::ownership;
use ownerline_projections::policy;
use ownerline_projections::timeline;
use ownerline_projections::vehicles;
use ownerline_proto::replay::touchpoint_service_server::SERVICE_NAME as TOUCHPOINT;
use ownerline_proto::v1::advocacy_service_server::SERVICE_NAME as ADVOCACY;
use ownerline_proto::v1::feedback_service_server::SERVICE_NAME as FEEDBACK;
use ownerline_proto::v1::policy_service_server::SERVICE_NAME as POLICY;
use ownerline_proto::v1::response_time_service_server::SERVICE_NAME as RESPONSE_TIME;
use ownerline_proto::v1::timeline_service_server::SERVICE_NAME as TIMELINE;
use tokio_util::sync::CancellationToken;

use super::parts::Parts;
use crate::grpc::Health;
use crate::projector::{ProjectorHandle, ViewState, ViewStatus};
use crate::runtime::Clock;
use crate::store::embedded::EmbeddedStore;
use crate::store::{EventStore as _, StoreState};

/// The views that each service reads.
const VIEWS_OF_SERVICES: [(&str, &[&str]); 5] = [
    (
        TIMELINE,
        &[
            timeline::VIEW.name,
            corrections::VIEW.name,
            identity::VIEW.name,
            ownership::VIEW.name,
        ],
    ),
    (
        ADVOCACY,
        &[
            advocacy::VIEW.name,
            timeline::VIEW.name,
            corrections::VIEW.name,
            identity::VIEW.name,
            ownership::VIEW.name,
            policy::VIEW.name,
            network::VIEW.name,
            loyalty::VIEW.name,
            vehicles::VIEW.name,
            feedback::VIEW.name,
        ],
    ),
    (
        FEEDBACK,
        &[
            feedback::VIEW.name,
            corrections::VIEW.name,
            policy::VIEW.name,
            network::VIEW.name,
        ],
    ),
    (
        POLICY,
        &[
            policy::VIEW.name,
            network::VIEW.name,
            corrections::VIEW.name,
        ],
    ),
    (
        RESPONSE_TIME,
        &[
            feedback::VIEW.name,
            corrections::VIEW.name,
            policy::VIEW.name,
            network::VIEW.name,
            bookings::VIEW.name,
            identity::VIEW.name,
        ],
    ),
];

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

    /// Reports the health after each change, until the shutdown begins.
    pub(super) async fn run(self, shutdown: CancellationToken) {
        let (mut state, mut index) = (self.store.state(), self.store.index_trouble());
        let mut views = self.projector.changes();
        loop {
            let poisoned = matches!(&*state.borrow_and_update(), StoreState::Poisoned { .. });
            let recordable = matches!(&*state.borrow(), StoreState::Writable);
            let indexed = index.borrow_and_update().is_none();
            views.borrow_and_update();
            let mut refused = refused(&self.projector.status(self.clock.now()));
            if !recordable || !indexed {
                refused.push(TOUCHPOINT);
            }
            self.health.all_but(&refused);
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
fn refused(views: &[ViewStatus]) -> Vec<&'static str> {
    let stopped = |name: &&str| {
        views.iter().any(|view| {
            view.name == *name && matches!(view.state, ViewState::Failed | ViewState::Retrying)
        })
    };
    let services = VIEWS_OF_SERVICES.iter();
    let refused = services.filter(|(_, views)| views.iter().any(&stopped));
    refused.map(|(service, _)| *service).collect()
}
