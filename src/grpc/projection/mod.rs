//! ProjectionService: how far the read models are, and building them anew.

mod api;
mod rebuild;

pub use api::ProjectionApi;

use ownerline_proto::v1::projection::State;
use ownerline_proto::v1::projection_service_server::ProjectionService;
use ownerline_proto::v1::{
    CancelRebuildRequest, CancelRebuildResponse, ListProjectionsRequest, ListProjectionsResponse,
    Projection, RebuildProjectionRequest, RebuildProjectionResponse,
};
use tonic::{Request, Response, Status};

use self::api::{duration, failure};
use crate::grpc::paced::Answers;
use crate::grpc::status::status;
use crate::projector::{ViewState, ViewStatus};

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
            catch_up_events: status.catch_up_events(),
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
