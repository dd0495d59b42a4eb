//! ResponseTimeService: how long owners wait for an answer.

use ownerline_projections::civil::Period;
use ownerline_projections::policy::Supposed;
use ownerline_projections::policy::supposed::problems;
use ownerline_projections::response_times::{GroupBy, INCIDENCE_AT, Scope};
use ownerline_proto::v1::get_response_times_request::GroupBy as WireGroupBy;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::response_time_service_server::ResponseTimeService;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;
use ownerline_proto::v1::{
    Channel, GetResponseTimesRequest, GetResponseTimesResponse, ResponseTimeFilter,
};
use ownerline_proto::{Reason, Violation, time};
use pbjson_types::Duration;
use tonic::{Request, Response, Status};

use super::convert::{self, PeriodEnds};
use super::problem::Problem;
use super::status::status;
use crate::query::{PositionText, ResponseTimeAsk, ResponseTimeReads};

/// The service.
pub struct ResponseTimeApi {
    /// The reads.
    pub reads: ResponseTimeReads,
    /// How positions are written.
    pub text: PositionText,
}

#[tonic::async_trait]
impl ResponseTimeService for ResponseTimeApi {
    async fn get_response_times(
        &self,
        request: Request<GetResponseTimesRequest>,
    ) -> Result<Response<GetResponseTimesResponse>, Status> {
        let answered = self.get(request.into_inner()).await;
        Ok(Response::new(answered.map_err(status)?))
    }
}

impl ResponseTimeApi {
    async fn get(
        &self,
        request: GetResponseTimesRequest,
    ) -> Result<GetResponseTimesResponse, Problem> {
        let mut answer = self.reads.get(self.ask(request)?).await?;
        let cut = convert::cut_to_answer(&mut answer.groups);
        Ok(GetResponseTimesResponse {
            total: Some(answer.total),
            groups_cut: answer.groups_cut || cut,
            groups: answer.groups,
            as_of: Some(time::timestamp(answer.basis.as_of)),
            position: self.text.write(answer.basis.known_at),
            stale: answer.stale,
        })
    }

    fn ask(&self, request: GetResponseTimesRequest) -> Result<ResponseTimeAsk, Problem> {
        let mut violations = match convert::check(&request) {
            Ok(()) => Vec::new(),
            Err(problem) => problem.violations,
        };
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
        if !violations.is_empty() {
            return Err(Problem::malformed(violations));
        }
        Ok(ResponseTimeAsk {
            group_by: group_by(request.group_by()),
            scope: scope(filter, period),
            bounds: convert::bounds(
                self.text,
                &request.at_least,
                request.known_at,
                request.as_of,
            )?,
            what_if: request.what_if.map(|sla| Supposed {
                sla,
                calendar: request.what_if_calendar,
            }),
            incidence_at,
            with_bookings: request.with_bookings,
        })
    }
}

/// Everything that keeps a policy from being asked about, as far as it can be told without the log.
fn what_if_problems(request: &GetResponseTimesRequest, violations: &mut Vec<Violation>) {
    if let Some(sla) = &request.what_if {
        violations.extend(problems("what_if", Body::Sla(sla.clone())));
    }
    if let Some(calendar) = &request.what_if_calendar {
        let body = Body::Calendar(calendar.clone());
        violations.extend(problems("what_if_calendar", body));
    }
    match &request.what_if {
        Some(sla)
            if !sla
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

fn incidence_at(asked: &[Duration], violations: &mut Vec<Violation>) -> Vec<u64> {
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
    let said = |text: String| (!text.is_empty()).then_some(text);
    Scope {
        market: said(filter.market),
        dealer_id: said(filter.dealer_id),
        channel: (channel != Channel::Unspecified).then_some(channel),
        survey: said(filter.survey),
        responder_id: said(filter.responder_id),
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
