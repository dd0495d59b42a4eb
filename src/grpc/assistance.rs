//! GetAssistance: help beyond the sale.

use ownerline_projections::assistance::{
    AssistanceFigures, AssistanceQuestion, BrandOf, GroupBy, Link, Next, Scope, Step, TurnedAway,
};
use ownerline_projections::{HistoryKey, Viewer};
use ownerline_proto::time;
use ownerline_proto::v1::get_assistance_request::GroupBy as WireGroupBy;
use ownerline_proto::v1::turn_away::Brand;
use ownerline_proto::v1::turn_away_next::{Kind, Link as WireLink};
use ownerline_proto::v1::{
    GetAssistanceRequest, GetAssistanceResponse, TouchpointRef, TurnAway, TurnAwayNext,
};
use pbjson_types::Duration;
use prost::Message;

use super::asking::{based, bounds, non_empty};
use super::convert::{self, PeriodEnds};
use super::problem::Problem;
use crate::query::{AnswerBudget, AssistanceReads, PositionText};

const SECOND: i64 = 1_000_000_000;
/// Feedback of a turn-away at most.
const FEEDBACK: usize = 20;

/// Answers a request.
pub(super) async fn get(
    reads: &AssistanceReads,
    text: PositionText,
    request: GetAssistanceRequest,
    viewer: &Viewer,
) -> Result<GetAssistanceResponse, Problem> {
    let mut violations = convert::violations(&request);
    let bounds = bounds(text, &request);
    let group_by = group_by(request.group_by());
    let filter = request.filter.unwrap_or_default();
    let ends = PeriodEnds {
        from: filter.from.as_ref(),
        until: filter.until.as_ref(),
        from_date: &filter.from_date,
        until_date: &filter.until_date,
    };
    let scope = Scope {
        period: convert::civil_period(&ends, &mut violations),
        market: non_empty(filter.market),
        dealer_id: non_empty(filter.dealer_id),
        brand: non_empty(filter.brand),
    };
    convert::refuse(violations)?;
    let question = AssistanceQuestion { scope, group_by };
    let answer = reads.get(question, &bounds?, viewer).await?;
    Ok(based(text, answer, |figures| shown(text, figures)))
}

fn group_by(group_by: WireGroupBy) -> Option<GroupBy> {
    match group_by {
        WireGroupBy::Unspecified => None,
        WireGroupBy::Dealer => Some(GroupBy::Dealer),
        WireGroupBy::Market => Some(GroupBy::Market),
        WireGroupBy::Brand => Some(GroupBy::Brand),
        WireGroupBy::Month => Some(GroupBy::Month),
    }
}

fn shown(text: PositionText, mut figures: AssistanceFigures) -> GetAssistanceResponse {
    let turn_aways = figures.turn_aways.into_iter();
    let mut turn_aways: Vec<TurnAway> = turn_aways.map(|it| turn_away(text, it)).collect();
    let mut budget = AnswerBudget::of_answer();
    let cut = budget.cut(&mut turn_aways, Message::encoded_len);
    let groups_cut = budget.cut(&mut figures.groups, Message::encoded_len);
    GetAssistanceResponse {
        total: Some(figures.total),
        groups: figures.groups,
        groups_cut: figures.groups_cut || groups_cut,
        turn_aways,
        turn_aways_cut: figures.turn_aways_cut || cut,
        ..GetAssistanceResponse::default()
    }
}

fn turn_away(text: PositionText, it: TurnedAway) -> TurnAway {
    let brand = match it.brand {
        BrandOf::Other => Brand::Other,
        BrandOf::Own => Brand::Own,
        BrandOf::NotKnown => Brand::Unspecified,
    };
    let feedback = it.feedback.into_keys().take(FEEDBACK);
    TurnAway {
        position: text.write(it.key.position),
        occurred_at: Some(time::timestamp(it.key.occurred_at)),
        touchpoint: reference(it.key),
        visit_id: it.visit_id,
        owner_id: it.owner_id,
        vin: it.vin,
        dealer_id: it.dealer_id,
        vehicle_brand: it.vehicle_brand,
        brand: brand.into(),
        reason: it.reason,
        safety: it.safety,
        owner_told_next_step: it.told_next_step,
        taken_up: it.taken_up.map(|next| followed(text, next)),
        solution: it.solution.map(|next| followed(text, next)),
        feedback_ids: feedback.collect(),
    }
}

fn followed(text: PositionText, next: Next) -> TurnAwayNext {
    let kind = match next.step {
        Step::Declined => Kind::Unspecified,
        Step::Elsewhere => Kind::ResolvedElsewhere,
        Step::Fixed => Kind::Fixed,
        Step::NotFixed => Kind::NotFixed,
        Step::Work => Kind::Work,
        Step::Loaner => Kind::Loaner,
    };
    let link = match next.link {
        Link::Visit => WireLink::Visit,
        Link::Defect => WireLink::Defect,
        Link::Case => WireLink::Case,
        Link::Correlation => WireLink::Correlation,
        Link::Causation => WireLink::Causation,
        Link::Vehicle => WireLink::Vehicle,
    };
    // What the viewer may not know of has no key.
    let position = (!next.key.id.is_empty()).then(|| text.write(next.key.position));
    TurnAwayNext {
        position: position.unwrap_or_default(),
        occurred_at: Some(time::timestamp(next.key.occurred_at)),
        touchpoint: reference(next.key),
        visit_id: next.visit_id,
        dealer_id: next.dealer_id,
        kind: kind.into(),
        link: link.into(),
        after: Some(Duration {
            seconds: next.after / SECOND,
            // The remainder is below 10^9 and fits.
            nanos: i32::try_from(next.after % SECOND).unwrap_or_default(),
        }),
    }
}

fn reference(key: HistoryKey) -> Option<TouchpointRef> {
    (!key.id.is_empty()).then_some(TouchpointRef {
        source: key.source,
        id: key.id,
    })
}
