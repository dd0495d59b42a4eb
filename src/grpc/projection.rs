//! ProjectionService: how far the read models are.

use std::sync::Arc;

use ownerline_proto::time;
use ownerline_proto::v1::projection::{Failure, State};
use ownerline_proto::v1::projection_service_server::ProjectionService;
use ownerline_proto::v1::{ListProjectionsRequest, ListProjectionsResponse, Projection};
use pbjson_types::Duration;
use tonic::{Request, Response, Status};

use crate::projector::{ProjectorHandle, ViewState, ViewStatus};
use crate::query::PositionText;
use crate::runtime::Clock;
use crate::store::SharedStore;

/// The service.
pub struct ProjectionApi {
    /// The read models.
    pub projector: ProjectorHandle,
    /// The log.
    pub store: SharedStore,
    /// How positions are written.
    pub text: PositionText,
    /// What lag in time is measured against.
    pub clock: Arc<dyn Clock>,
}

#[tonic::async_trait]
impl ProjectionService for ProjectionApi {
    async fn list_projections(
        &self,
        _: Request<ListProjectionsRequest>,
    ) -> Result<Response<ListProjectionsResponse>, Status> {
        let head = self.store.head().borrow().position;
        let projections = self
            .projector
            .status(self.clock.now())
            .into_iter()
            .map(|status| self.projection(status))
            .collect();
        Ok(Response::new(ListProjectionsResponse {
            projections,
            head: self.text.write(head),
        }))
    }
}

impl ProjectionApi {
    fn projection(&self, status: ViewStatus) -> Projection {
        let state = match status.state {
            ViewState::CatchingUp => State::CatchingUp,
            ViewState::Live => State::Live,
            ViewState::Failed => State::Failed,
        };
        Projection {
            name: status.name.to_owned(),
            version: status.version,
            position: self.text.write(status.position),
            lag_events: status.lag_events,
            lag: Some(duration(status.lag_nanos)),
            state: state.into(),
            last_error: status.last_error.map(|error| Failure {
                position: self.text.write(error.position),
                message: error.message,
                at: Some(time::timestamp(error.at)),
            }),
            applied_count: status.applied_count,
            applied_hash: status.applied_hash,
        }
    }
}

fn duration(nanos: i64) -> Duration {
    const NANOS_PER_SECOND: i64 = 1_000_000_000;
    Duration {
        seconds: nanos / NANOS_PER_SECOND,
        nanos: i32::try_from(nanos % NANOS_PER_SECOND).unwrap_or_default(),
    }
}
