//! GetScores: what owners answer when they are asked for a number.

use ownerline_projections::civil::Period;
use ownerline_projections::scores::{GroupBy, Scope};
use ownerline_proto::time;
use ownerline_proto::v1::get_scores_request::GroupBy as WireGroupBy;
use ownerline_proto::v1::{GetScoresRequest, GetScoresResponse, ScoreFilter};

use super::AdvocacyApi;
use crate::grpc::convert::{self, PeriodEnds};
use crate::grpc::problem::Problem;
use crate::query::ScoresAsk;

impl AdvocacyApi {
    pub(super) async fn scores(
        &self,
        request: GetScoresRequest,
    ) -> Result<GetScoresResponse, Problem> {
        let mut answer = self.scores.get(self.asked(request)?).await?;
        let cut = convert::cut_to_answer(&mut answer.groups);
        Ok(GetScoresResponse {
            total: Some(answer.total),
            groups_cut: answer.groups_cut || cut,
            groups: answer.groups,
            as_of: Some(time::timestamp(answer.basis.as_of)),
            position: self.text.write(answer.basis.known_at),
            stale: answer.stale,
        })
    }

    fn asked(&self, request: GetScoresRequest) -> Result<ScoresAsk, Problem> {
        let mut violations = convert::violations(&request);
        let group_by = group_by(request.group_by());
        let filter = request.filter.unwrap_or_default();
        let ends = PeriodEnds {
            from: filter.from.as_ref(),
            until: filter.until.as_ref(),
            from_date: &filter.from_date,
            until_date: &filter.until_date,
        };
        let period = convert::civil_period(&ends, &mut violations);
        convert::refuse(violations)?;
        Ok(ScoresAsk {
            scope: scope(filter, period),
            group_by,
            bounds: convert::bounds(
                self.text,
                &request.at_least,
                request.known_at,
                request.as_of,
            )?,
        })
    }
}

fn scope(filter: ScoreFilter, period: Period) -> Scope {
    let said = |text: String| (!text.is_empty()).then_some(text);
    Scope {
        market: said(filter.market),
        dealer_id: said(filter.dealer_id),
        survey: said(filter.survey),
        model: said(filter.model),
        period,
    }
}

fn group_by(group_by: WireGroupBy) -> Option<GroupBy> {
    match group_by {
        WireGroupBy::Unspecified => None,
        WireGroupBy::Dealer => Some(GroupBy::Dealer),
        WireGroupBy::Market => Some(GroupBy::Market),
        WireGroupBy::Model => Some(GroupBy::Model),
        WireGroupBy::Survey => Some(GroupBy::Survey),
        WireGroupBy::Month => Some(GroupBy::Month),
    }
}
