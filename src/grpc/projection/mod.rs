//! ProjectionService: how far the read models are, and building them anew.

mod rebuild;

use std::sync::Arc;

use ownerline_proto::time;
use ownerline_proto::v1::projection::{Failure, State};
use ownerline_proto::v1::projection_service_server::ProjectionService;
use ownerline_proto::v1::{
    CancelRebuildRequest, CancelRebuildResponse, ListProjectionsRequest, ListProjectionsResponse,
    Projection, RebuildProjectionRequest, RebuildProjectionResponse,
};
use pbjson_types::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::config::LimitsConfig;
use crate::grpc::paced::Answers;
use crate::grpc::status::status;
use crate::projector::{ProjectorHandle, ViewError, ViewState, ViewStatus};
use crate::query::PositionText;
use crate::runtime::Clock;
use crate::store::SharedStore;

/// The service.
#[derive(Clone)]
pub struct ProjectionApi {
    /// The read models.
    pub projector: ProjectorHandle,
    /// The log.
    pub store: SharedStore,
    /// How positions are written.
    pub text: PositionText,
    /// What lag in time is measured against.
    pub clock: Arc<dyn Clock>,
    /// Limits of answers.
    pub limits: LimitsConfig,
    /// Cancelled when streams must end.
    pub drain: CancellationToken,
    /// One permit a stream, as `limits.subscriptions` says.
    pub subscriptions: Arc<Semaphore>,
}

#[tonic::async_trait]
impl ProjectionService for ProjectionApi {
    type RebuildProjectionStream = Answers<RebuildProjectionResponse>;

    async fn rebuild_projection(
        &self,
        request: Request<RebuildProjectionRequest>,
    ) -> Result<Response<Self::RebuildProjectionStream>, Status> {
        let answers = rebuild::rebuild(self.clone(), request.into_inner());
        answers.map(Response::new).map_err(status)
    }

    async fn cancel_rebuild(
        &self,
        request: Request<CancelRebuildRequest>,
    ) -> Result<Response<CancelRebuildResponse>, Status> {
        let answer = rebuild::cancel(self, request.into_inner()).await;
        answer.map(Response::new).map_err(status)
    }

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
            ViewState::Retrying => State::Retrying,
        };
        Projection {
            name: status.name.to_owned(),
            version: status.version,
            position: self.text.write(status.position),
            lag_events: status.lag_events,
            lag: Some(duration(status.lag_nanos)),
            state: state.into(),
            last_error: status.last_error.map(|error| failure(self.text, error)),
            applied_count: status.applied_count,
            applied_hash: status.applied_hash,
            generation: status.generation,
            rebuild: status
                .rebuild
                .map(|rebuild| rebuild::rebuild_of(self.text, rebuild, status.head)),
            comparison: status
                .compared
                .map(|compared| rebuild::comparison(self.text, compared)),
        }
    }
}

/// Why a view stopped, or its rebuild.
pub(super) fn failure(text: PositionText, error: ViewError) -> Failure {
    Failure {
        position: text.write(error.position),
        message: error.message,
        at: Some(time::timestamp(error.at)),
    }
}

pub(super) fn duration(nanos: i64) -> Duration {
    const NANOS_PER_SECOND: i64 = 1_000_000_000;
    Duration {
        seconds: nanos / NANOS_PER_SECOND,
        nanos: i32::try_from(nanos % NANOS_PER_SECOND).unwrap_or_default(),
    }
}
