//! GetScores: what owners answer when they are asked for a number.

use ownerline_projections::Viewer;
use ownerline_projections::civil::Period;
use ownerline_projections::scores::{GroupBy, Scope, ScoresQuestion};
use ownerline_proto::v1::get_scores_request::GroupBy as WireGroupBy;
use ownerline_proto::v1::{GetScoresRequest, GetScoresResponse, ScoreFilter};
use prost::Message;

use super::asking::{based, bounds, non_empty};
use super::convert::{self, PeriodEnds};
use super::problem::Problem;
use crate::query::{AnswerBudget, PositionText, ScoreReads};

/// Answers a request.
pub(super) async fn get(
    reads: &ScoreReads,
    text: PositionText,
    request: GetScoresRequest,
    viewer: &Viewer,
) -> Result<GetScoresResponse, Problem> {
    let mut violations = convert::violations(&request);
    let bounds = bounds(text, &request);
    let question = question(request, &mut violations);
    convert::refuse(violations)?;
    let answer = reads.get(question, &bounds?, viewer).await?;
    Ok(based(text, answer, |mut figures| {
        let mut budget = AnswerBudget::of_answer();
        let cut = budget.cut(&mut figures.groups, Message::encoded_len);
        GetScoresResponse {
            total: Some(figures.total),
            groups_cut: figures.groups_cut || cut,
            groups: figures.groups,
            ..GetScoresResponse::default()
        }
    }))
}

fn question(
    request: GetScoresRequest,
    violations: &mut ownerline_proto::Violations,
) -> ScoresQuestion {
    let group_by = group_by(request.group_by());
    let filter = request.filter.unwrap_or_default();
    let ends = PeriodEnds {
        from: filter.from.as_ref(),
        until: filter.until.as_ref(),
        from_date: &filter.from_date,
        until_date: &filter.until_date,
    };
    let period = convert::civil_period(&ends, violations);
    ScoresQuestion {
        scope: scope(filter, period),
        group_by,
    }
}

fn scope(filter: ScoreFilter, period: Period) -> Scope {
    Scope {
        market: non_empty(filter.market),
        dealer_id: non_empty(filter.dealer_id),
        survey: non_empty(filter.survey),
        model: non_empty(filter.model),
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
