//! TimelineService: the story of one owner.

mod watch;

use std::sync::Arc;

use ownerline_projections::Viewer;
use ownerline_projections::timeline::{Force, RowStanding, TimelineFilter, TimelineOrder};
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::get_timeline_request::Order as WireOrder;
use ownerline_proto::v1::timeline_entry::Standing as WireStanding;
use ownerline_proto::v1::timeline_service_server::TimelineService;
use ownerline_proto::v1::{
    GetContextPackRequest, GetContextPackResponse, GetTimelineRequest, GetTimelineResponse,
    TimelineEntry as WireEntry, TimelineFilter as WireFilter, TouchpointRef, WatchTimelineRequest,
    WatchTimelineResponse,
};
use ownerline_proto::{Reason, Violation, time};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use self::watch::watch;
use super::asking::{answered, based, caller, given, page, streamed};
use super::convert;
use super::paced::Answers;
use super::problem::Problem;
use crate::command::{Recorder, Warning, warnings_of};
use crate::config::LimitsConfig;
use crate::query::{PositionText, TimelineAsk, TimelineEntry, TimelineReads, WatchPace, around};
use crate::telemetry::followers::Followers;

/// What the service stands on.
#[derive(Clone)]
pub struct TimelineApiParts {
    /// The reads.
    pub timelines: TimelineReads,
    /// Records that a context pack is served.
    pub recorder: Recorder,
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

/// The service.
pub struct TimelineApi {
    pub(super) parts: TimelineApiParts,
}

#[tonic::async_trait]
impl TimelineService for TimelineApi {
    async fn get_timeline(
        &self,
        request: Request<GetTimelineRequest>,
    ) -> Result<Response<GetTimelineResponse>, Status> {
        let (viewer, request) = caller(request);
        answered(&viewer, self.page(request, &viewer).await)
    }

    type WatchTimelineStream = Answers<WatchTimelineResponse>;

    async fn watch_timeline(
        &self,
        request: Request<WatchTimelineRequest>,
    ) -> Result<Response<Self::WatchTimelineStream>, Status> {
        let (viewer, request) = caller(request);
        streamed(&viewer, watch(self.parts.clone(), request, &viewer).await)
    }

    async fn get_context_pack(
        &self,
        request: Request<GetContextPackRequest>,
    ) -> Result<Response<GetContextPackResponse>, Status> {
        let (viewer, request) = caller(request);
        answered(&viewer, self.context_pack(request, &viewer).await)
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

/// An entry as the contract shows it.
pub(super) fn entry(text: PositionText, entry: TimelineEntry) -> WireEntry {
    let mut warnings = warnings_of(&entry.touchpoint);
    if entry.row.standing.without_effect {
        warnings.push(Warning::ReferenceWithoutEffect);
    }
    if entry.row.odometer_fell {
        warnings.push(Warning::OdometerFell);
    }
    let source = entry.touchpoint.source.clone();
    let causes = entry
        .touchpoint
        .causation
        .clone()
        .map(|cause| absolute(cause, &source))
        .into_iter()
        .collect();
    let RowStanding {
        force,
        corrected_by,
        retracted_by,
        ..
    } = entry.row.standing;
    let standing = match force {
        Force::InForce => WireStanding::InForce,
        Force::Corrected => WireStanding::Corrected,
        Force::Retracted => WireStanding::Retracted,
    };
    WireEntry {
        standing: standing.into(),
        corrected_by: corrected_by.map(reference),
        retracted_by: retracted_by.map(reference),
        headline: entry.headline,
        rank: entry.row.key.rank.byte().into(),
        owner_id: entry.row.owner_id,
        vin: entry.row.vin,
        dealer_id: entry.row.dealer_id,
        causes,
        effects: entry.row.effects.into_iter().map(reference).collect(),
        warnings: warnings.iter().map(convert::warning).collect(),
        recorded: Some(around(text, &entry.event, entry.touchpoint)),
    }
}

fn reference((source, id): (String, String)) -> TouchpointRef {
    TouchpointRef { source, id }
}

/// A reference that names its source.
fn absolute(mut reference: TouchpointRef, own_source: &str) -> TouchpointRef {
    if reference.source.is_empty() {
        own_source.clone_into(&mut reference.source);
    }
    reference
}

pub(super) fn filter(filter: Option<WireFilter>) -> Result<TimelineFilter, Problem> {
    let filter = filter.unwrap_or_default();
    let visible_to = filter.visible_to();
    let mut violations = Vec::new();
    let mut kinds = std::collections::BTreeSet::new();
    for (item, name) in filter.types.iter().enumerate() {
        match Schema::get().kind_by_type(name) {
            Some(kind) => {
                kinds.insert(kind.number);
            }
            None => violations.push(Violation::new(
                format!("filter.types[{item}]"),
                Reason::UnknownValue,
                "no such type",
            )),
        }
    }
    if !violations.is_empty() {
        return Err(Problem::malformed(violations));
    }
    Ok(TimelineFilter {
        kinds,
        vin: given(filter.vin),
        dealer_id: given(filter.dealer_id),
        order_id: given(filter.order_id),
        case_id: given(filter.case_id),
        visit_id: given(filter.visit_id),
        feedback_id: given(filter.feedback_id),
        from: filter.from.as_ref().map(time::nanos_clamped),
        until: filter.until.as_ref().map(time::nanos_clamped),
        visible_to: Some(visible_to),
    })
}
