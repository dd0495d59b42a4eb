//! ResponseTimeService: how long owners wait for an answer.

use ownerline_projections::Viewer;
use ownerline_projections::civil::Period;
use ownerline_projections::policy::Supposed;
use ownerline_projections::policy::supposed::problems;
use ownerline_projections::response_times::{GroupBy, INCIDENCE_AT, ResponseTimeQuestion, Scope};
use ownerline_proto::v1::get_response_times_request::GroupBy as WireGroupBy;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::response_time_service_server::ResponseTimeService;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;
use ownerline_proto::v1::{
    Channel, GetResponseTimesRequest, GetResponseTimesResponse, ResponseTimeFilter,
};
use ownerline_proto::{Reason, Violation, Violations};
use pbjson_types::Duration;
use prost::Message;

use super::asking::{answers, based, bounds, non_empty};
use super::convert::{self, PeriodEnds};
use super::problem::Problem;
use crate::query::{AnswerBudget, PositionText, ResponseTimeReads};

/// The service.
pub struct ResponseTimeApi {
    /// The reads.
    pub reads: ResponseTimeReads,
    /// How positions are written.
    pub text: PositionText,
}

#[tonic::async_trait]
impl ResponseTimeService for ResponseTimeApi {
    answers! {
        get_response_times: GetResponseTimesRequest => GetResponseTimesResponse,
            |api, request, viewer| api.get(request, viewer);
    }
}

impl ResponseTimeApi {
    async fn get(
        &self,
        request: GetResponseTimesRequest,
        viewer: &Viewer,
    ) -> Result<GetResponseTimesResponse, Problem> {
        let bounds = bounds(self.text, &request);
        let question = question(request)?;
        let answer = self.reads.get(question, &bounds?, viewer).await?;
        Ok(based(self.text, answer, |mut figures| {
            let mut budget = AnswerBudget::of_answer();
            let cut = budget.cut(&mut figures.groups, Message::encoded_len);
            GetResponseTimesResponse {
                total: Some(figures.total),
                groups_cut: figures.groups_cut || cut,
                groups: figures.groups,
                ..GetResponseTimesResponse::default()
            }
        }))
    }
}

fn question(request: GetResponseTimesRequest) -> Result<ResponseTimeQuestion, Problem> {
    let mut violations = convert::violations(&request);
    what_if_problems(&request, &mut violations);
    let filter = request.filter.clone().unwrap_or_default();
    let ends = PeriodEnds {
        from: filter.from.as_ref(),
        until: filter.until.as_ref(),
        from_date: &filter.from_date,
        until_date: &filter.until_date,
    };
    let period = convert::civil_period(&ends, &mut violations);
    let incidence_at = incidence_at(&request.incidence_at, &mut violations);
    let kind = request.kind();
    if request.with_bookings && !is_first_reply(kind) {
        let why = "must be false for any kind but the first reply";
        violations.push(Violation::new("with_bookings", Reason::Disagrees, why));
    }
    convert::refuse(violations)?;
    Ok(ResponseTimeQuestion {
        group_by: group_by(request.group_by()),
        scope: scope(filter, period),
        what_if: request.what_if.map(|sla| Supposed {
            sla,
            calendar: request.what_if_calendar,
        }),
        incidence_at,
        kind: (kind != Owed::Unspecified).then_some(kind),
        with_bookings: request.with_bookings,
        asked_at: 0,
    })
}

/// Whether first replies are counted.
fn is_first_reply(kind: Owed) -> bool {
    matches!(kind, Owed::Unspecified | Owed::FirstReply)
}

/// Everything that keeps a policy from being asked about, as far as it can be told without the log.
fn what_if_problems(request: &GetResponseTimesRequest, violations: &mut Violations) {
    if let Some(sla) = &request.what_if {
        violations.extend(problems("what_if", Body::Sla(sla.clone())));
    }
    if let Some(calendar) = &request.what_if_calendar {
        let body = Body::Calendar(calendar.clone());
        violations.extend(problems("what_if_calendar", body));
    }
    match &request.what_if {
        Some(sla)
            if is_first_reply(request.kind())
                && !sla
                    .obligations
                    .iter()
                    .any(|it| it.kind() == Owed::FirstReply) =>
        {
            let why = "must owe a first reply";
            let field = "what_if.obligations";
            violations.push(Violation::new(field, Reason::Required, why));
        }
        None if request.what_if_calendar.is_some() => {
            let why = "must be unset without what_if";
            let field = "what_if_calendar";
            violations.push(Violation::new(field, Reason::Disagrees, why));
        }
        _ => {}
    }
}

fn incidence_at(asked: &[Duration], violations: &mut Violations) -> Vec<u64> {
    if asked.is_empty() {
        return INCIDENCE_AT.to_vec();
    }
    let mut found = Vec::with_capacity(asked.len());
    for (item, duration) in asked.iter().enumerate() {
        match u64::try_from(duration.seconds) {
            Ok(seconds) if duration.nanos == 0 => found.push(seconds),
            _ => {
                let field = format!("incidence_at[{item}]");
                let why = "must be whole seconds, at least 0";
                violations.push(Violation::new(field, Reason::Range, why));
            }
        }
    }
    found
}

fn scope(filter: ResponseTimeFilter, period: Period) -> Scope {
    let channel = filter.channel();
    Scope {
        market: non_empty(filter.market),
        dealer_id: non_empty(filter.dealer_id),
        channel: (channel != Channel::Unspecified).then_some(channel),
        survey: non_empty(filter.survey),
        responder_id: non_empty(filter.responder_id),
        period,
    }
}

fn group_by(group_by: WireGroupBy) -> Option<GroupBy> {
    match group_by {
        WireGroupBy::Unspecified => None,
        WireGroupBy::Dealer => Some(GroupBy::Dealer),
        WireGroupBy::Market => Some(GroupBy::Market),
        WireGroupBy::Channel => Some(GroupBy::Channel),
        WireGroupBy::Survey => Some(GroupBy::Survey),
        WireGroupBy::Month => Some(GroupBy::Month),
        WireGroupBy::Responder => Some(GroupBy::Responder),
    }
}
