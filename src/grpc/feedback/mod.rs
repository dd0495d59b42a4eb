//! FeedbackService: what is owed for feedback, and a dealer's inbox.

mod ask;
mod watch;
mod wire;

use std::sync::Arc;

use ownerline_proto::time;
use ownerline_proto::v1::feedback_service_server::FeedbackService;
use ownerline_proto::v1::{
    GetFeedbackRequest, GetFeedbackResponse, ListObligationsRequest, ListObligationsResponse,
    WatchObligationsRequest, WatchObligationsResponse,
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::paced::Answers;
use super::problem::Problem;
use super::status::status;
use crate::config::LimitsConfig;
use crate::query::{FeedbackReads, PositionText, WatchPace};
use crate::telemetry::followers::Followers;

/// The service, and what it stands on.
#[derive(Clone)]
pub struct FeedbackApi {
    /// The reads.
    pub reads: FeedbackReads,
    /// How positions are written.
    pub text: PositionText,
    /// Limits of requests and answers.
    pub limits: LimitsConfig,
    /// How watches behave.
    pub pace: WatchPace,
    /// Cancelled when streams must end.
    pub drain: CancellationToken,
    /// One permit a subscription or watch, as `limits.subscriptions` says.
    pub subscriptions: Arc<Semaphore>,
    /// Who watches.
    pub followers: Followers,
}

#[tonic::async_trait]
impl FeedbackService for FeedbackApi {
    async fn get_feedback(
        &self,
        request: Request<GetFeedbackRequest>,
    ) -> Result<Response<GetFeedbackResponse>, Status> {
        let found = self.get(request.into_inner()).await;
        Ok(Response::new(found.map_err(status)?))
    }

    async fn list_obligations(
        &self,
        request: Request<ListObligationsRequest>,
    ) -> Result<Response<ListObligationsResponse>, Status> {
        let listed = self.list(request.into_inner()).await;
        Ok(Response::new(listed.map_err(status)?))
    }

    type WatchObligationsStream = Answers<WatchObligationsResponse>;

    async fn watch_obligations(
        &self,
        request: Request<WatchObligationsRequest>,
    ) -> Result<Response<Self::WatchObligationsStream>, Status> {
        let watching = watch::watch(self.clone(), request.into_inner()).await;
        Ok(Response::new(watching.map_err(status)?))
    }
}

impl FeedbackApi {
    async fn get(&self, request: GetFeedbackRequest) -> Result<GetFeedbackResponse, Problem> {
        let answer = self.reads.item(ask::item(self.text, request)?).await?;
        let (as_of, known_at, stale) = (answer.as_of, answer.known_at, answer.stale);
        Ok(GetFeedbackResponse {
            feedback: Some(wire::feedback(self.text, answer)),
            as_of: Some(time::timestamp(as_of)),
            position: self.text.write(known_at),
            stale,
        })
    }

    async fn list(
        &self,
        request: ListObligationsRequest,
    ) -> Result<ListObligationsResponse, Problem> {
        let page = self.reads.list(ask::inbox(self.text, request)?).await?;
        let items = page.items.iter();
        Ok(ListObligationsResponse {
            items: items.map(|it| wire::owed(it, page.as_of)).collect(),
            total: page.total,
            next_page_token: page.next.unwrap_or_default(),
            as_of: Some(time::timestamp(page.as_of)),
            position: self.text.write(page.known_at),
            stale: page.stale,
        })
    }
}
