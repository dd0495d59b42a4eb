//! GetLoyalty: who comes back, and how long owners stay.

use ownerline_projections::Viewer;
use ownerline_projections::loyalty::{LENGTHS, LoyaltyQuestion, LoyaltyScope};
use ownerline_proto::v1::{GetLoyaltyRequest, GetLoyaltyResponse, LoyaltyFilter};
use ownerline_proto::{Reason, Violation, Violations, time};
use pbjson_types::Duration;
use prost::Message;

use super::asking::{based, bounds, non_empty};
use super::convert;
use super::problem::Problem;
use crate::query::{AnswerBudget, LoyaltyReads, PositionText};

const DAY: i64 = 86_400;

/// Answers a request.
pub(super) async fn get(
    reads: &LoyaltyReads,
    text: PositionText,
    request: GetLoyaltyRequest,
    viewer: &Viewer,
) -> Result<GetLoyaltyResponse, Problem> {
    let mut violations = convert::violations(&request);
    let bounds = bounds(text, &request);
    let filter = request.filter.unwrap_or_default();
    violations.extend(convert::period(filter.from, filter.until));
    let lengths = lengths(&request.lengths, &mut violations);
    convert::refuse(violations)?;
    let question = LoyaltyQuestion {
        scope: scope(filter),
        lengths,
    };
    let answer = reads.get(question, &bounds?, viewer).await?;
    Ok(based(text, answer, |mut figures| {
        let mut budget = AnswerBudget::of_answer();
        let cut = budget.cut(&mut figures.groups, Message::encoded_len);
        GetLoyaltyResponse {
            total: Some(figures.total),
            groups_cut: figures.groups_cut || cut,
            groups: figures.groups,
            earned_growth: Some(figures.earned_growth),
            ..GetLoyaltyResponse::default()
        }
    }))
}

/// Ascending, each once.
fn lengths(asked: &[Duration], violations: &mut Violations) -> Vec<u64> {
    if asked.is_empty() {
        return LENGTHS.to_vec();
    }
    let mut found = Vec::with_capacity(asked.len());
    for (item, duration) in asked.iter().enumerate() {
        let days = u64::try_from(duration.seconds / DAY).unwrap_or_default();
        if days > 0 && duration.seconds % DAY == 0 && duration.nanos == 0 {
            found.push(days);
        } else {
            let field = format!("lengths[{item}]");
            let why = "must be whole days, at least one";
            violations.push(Violation::new(field, Reason::Range, why));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn scope(filter: LoyaltyFilter) -> LoyaltyScope {
    LoyaltyScope {
        make: non_empty(filter.make),
        market: non_empty(filter.market),
        from: filter.from.as_ref().map(time::nanos_clamped),
        until: filter.until.as_ref().map(time::nanos_clamped),
    }
}
