//! FeedbackService: what is owed for feedback, and a dealer's inbox.

mod api;
mod ask;
mod watch;
mod wire;

pub use api::FeedbackApi;

use ownerline_projections::Viewer;
use ownerline_projections::feedback::item::FeedbackQuestion;
use ownerline_projections::policy::Supposed;
use ownerline_proto::v1::feedback_service_server::FeedbackService;
use ownerline_proto::v1::{
    GetFeedbackRequest, GetFeedbackResponse, ListObligationsRequest, ListObligationsResponse,
    WatchObligationsRequest, WatchObligationsResponse,
};
use tonic::{Request, Response, Status};

use super::asking::{answers, based, bounds, caller, page, streamed};
use super::convert;
use super::headlines;
use super::paced::Answers;
use super::problem::Problem;

#[tonic::async_trait]
impl FeedbackService for FeedbackApi {
    answers! {
        get_feedback: GetFeedbackRequest => GetFeedbackResponse,
            |api, request, viewer| api.get(request, viewer) => then headlines::of_feedback;
        list_obligations: ListObligationsRequest => ListObligationsResponse,
            |api, request, viewer| api.list(request, viewer);
    }

    type WatchObligationsStream = Answers<WatchObligationsResponse>;

    async fn watch_obligations(
        &self,
        request: Request<WatchObligationsRequest>,
    ) -> Result<Response<Self::WatchObligationsStream>, Status> {
        let (viewer, request) = caller(request);
        streamed(&viewer, watch::watch(self.clone(), request, &viewer).await)
    }
}

impl FeedbackApi {
    async fn get(
        &self,
        request: GetFeedbackRequest,
        viewer: &Viewer,
    ) -> Result<GetFeedbackResponse, Problem> {
        convert::check(&request)?;
        let bounds = bounds(self.text, &request)?;
        let question = FeedbackQuestion {
            feedback_id: request.feedback_id,
            what_if: request.what_if.map(Supposed::from),
        };
        let answer = self.reads.item(question, &bounds, viewer).await?;
        let as_of = answer.basis.as_of;
        Ok(based(self.text, answer, |item| GetFeedbackResponse {
            feedback: Some(wire::feedback(self.text, item, as_of)),
            ..GetFeedbackResponse::default()
        }))
    }

    async fn list(
        &self,
        request: ListObligationsRequest,
        viewer: &Viewer,
    ) -> Result<ListObligationsResponse, Problem> {
        let page = page(self.text, &request);
        let question = ask::inbox(request)?;
        let answer = self.reads.list(question, &page?, viewer).await?;
        let as_of = answer.basis.as_of;
        Ok(based(self.text, answer, |page| {
            let items = page.entries.items.iter();
            ListObligationsResponse {
                items: items.map(|it| wire::owed(it, as_of)).collect(),
                total: page.entries.total,
                next_page_token: page.next.unwrap_or_default(),
                ..ListObligationsResponse::default()
            }
        }))
    }
}
