//! What health says: a service takes calls if everything that answers them does.

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

use crate::grpc::Health;
use crate::projector::{ProjectorHandle, ViewState, ViewStatus};
use crate::runtime::Clock;
use crate::store::embedded::EmbeddedStore;
use crate::store::{EventStore as _, StoreState};

/// The views that the calls of each service are answered from.
const ANSWERED_FROM: [(&str, &[&str]); 5] = [
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

/// The parts of a server that decide what health says.
pub(super) struct HealthWatch {
    pub(super) store: Arc<EmbeddedStore>,
    pub(super) projector: ProjectorHandle,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) health: Health,
}

impl HealthWatch {
    /// Says it again each time that something changes, until the shutdown begins.
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
                tracing::error!("the log takes no more touchpoints until the server is restarted");
            }
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                // The first reason stays: nothing more comes of a poisoned log.
                () = async { if poisoned { pending().await } else { drop(state.changed().await) } } => {}
                Ok(()) = index.changed() => {}
                Ok(()) = views.changed() => {}
                else => return,
            }
        }
    }
}

/// The services of which some calls cannot be answered, or only with what was known some time ago.
fn refused(views: &[ViewStatus]) -> Vec<&'static str> {
    let stopped = |name: &&str| {
        views.iter().any(|view| {
            view.name == *name && matches!(view.state, ViewState::Failed | ViewState::Retrying)
        })
    };
    let services = ANSWERED_FROM.iter();
    let refused = services.filter(|(_, views)| views.iter().any(&stopped));
    refused.map(|(service, _)| *service).collect()
}
