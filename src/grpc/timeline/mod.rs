//! TimelineService: the story of one owner.

mod parts;
mod watch;
mod wire;

pub use parts::TimelineApiParts;

use futures::TryStreamExt as _;
use ownerline_projections::Viewer;
use ownerline_projections::timeline::TimelineOrder;
use ownerline_proto::v1::get_timeline_request::Order as WireOrder;
use ownerline_proto::v1::timeline_service_server::TimelineService;
use ownerline_proto::v1::{
    GetContextPackRequest, GetContextPackResponse, GetTimelineRequest, GetTimelineResponse,
    ListBookingsRequest, ListBookingsResponse, WatchTimelineRequest, WatchTimelineResponse,
};
use tonic::{Request, Response, Status};

use self::watch::watch;
use self::wire::{entry, filter};
use super::asking::{answers, based, caller, page, streamed};
use super::convert;
use super::headlines;
use super::paced::Answers;
use super::problem::Problem;
use crate::query::TimelineAsk;

/// The service.
pub struct TimelineApi {
    pub(super) parts: TimelineApiParts,
}

#[tonic::async_trait]
impl TimelineService for TimelineApi {
    answers! {
        get_timeline: GetTimelineRequest => GetTimelineResponse,
            |api, request, viewer| api.page(request, viewer) => then headlines::of_page;
    }

    type WatchTimelineStream = Answers<WatchTimelineResponse>;

    async fn watch_timeline(
        &self,
        request: Request<WatchTimelineRequest>,
    ) -> Result<Response<Self::WatchTimelineStream>, Status> {
        let (viewer, request) = caller(request);
        let answers = streamed(&viewer, watch(self.parts.clone(), request, &viewer).await)?;
        let readable = viewer.readable;
        let told = move |step| headlines::of_changes(step, readable);
        Ok(answers.map(|answers| Box::pin(answers.map_ok(told)) as Answers<_>))
    }

    answers! {
        get_context_pack: GetContextPackRequest => GetContextPackResponse,
            |api, request, viewer| api.context_pack(request, viewer);
        list_bookings: ListBookingsRequest => ListBookingsResponse,
            |api, request, viewer| api.bookings(request, viewer);
    }
}

impl TimelineApi {
    /// A service over these parts.
    #[must_use]
    pub fn new(parts: TimelineApiParts) -> Self {
        Self { parts }
    }

    async fn page(
        &self,
        request: GetTimelineRequest,
        viewer: &Viewer,
    ) -> Result<GetTimelineResponse, Problem> {
        convert::check(&request)?;
        let text = self.parts.text;
        let page = page(text, &request)?;
        let order = match request.order() {
            WireOrder::Unspecified | WireOrder::NewestFirst => TimelineOrder::NewestFirst,
            WireOrder::OldestFirst => TimelineOrder::OldestFirst,
        };
        let ask = TimelineAsk {
            owner_id: request.owner_id,
            filter: filter(request.filter)?,
            order,
        };
        let answer = self.parts.timelines.page(ask, &page, viewer).await?;
        Ok(based(text, answer, |page| {
            let entries = page.entries.into_iter();
            GetTimelineResponse {
                entries: entries.map(|it| entry(text, it)).collect(),
                next_page_token: page.next.unwrap_or_default(),
                ..GetTimelineResponse::default()
            }
        }))
    }
}
