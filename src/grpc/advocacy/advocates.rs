//! Advocates and distributions as the contract shows them.

use ownerline_projections::advocacy::{
    Advocates, AdvocatesBy, BANDS, Bands, Component, PersonScore,
};
use ownerline_projections::stats::{Shown, rounded};
use ownerline_proto::time;
use ownerline_proto::v1::advocacy_component_score::Component as WireComponent;
use ownerline_proto::v1::list_advocates_request::GroupBy;
use ownerline_proto::v1::{
    AdvocacyBand, AdvocacyDistribution, Advocate, AppliedModel, ListAdvocatesRequest,
    ListAdvocatesResponse,
};
use prost::Message;

use super::wire::{applied, named, supposed};
use crate::query::{AdvocatesAnswer, AdvocatesQuestion, AnswerBudget, MarketModel};

/// Who is listed has at least this confidence, unless told otherwise: below it little is known.
const LEAST_CONFIDENCE: f64 = 0.2;
/// So many are listed, unless told otherwise.
const LISTED: u32 = 50;
/// Groups in one answer at most.
const GROUPS: usize = 10_000;

/// The question of a request that fits.
pub(super) fn question(request: ListAdvocatesRequest) -> AdvocatesQuestion {
    let group_by = match request.group_by() {
        GroupBy::Unspecified => None,
        GroupBy::Dealer => Some(AdvocatesBy::Dealer),
        GroupBy::Market => Some(AdvocatesBy::Market),
    };
    let limit = match request.limit {
        0 => LISTED,
        limit => limit,
    };
    AdvocatesQuestion {
        group_by,
        dealer_id: request.dealer_id,
        market: request.market,
        least_confidence: request.least_confidence.unwrap_or(LEAST_CONFIDENCE),
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
        supposed: supposed(request.model),
    }
}

pub(super) fn response(least_confidence: f64, answer: AdvocatesAnswer) -> ListAdvocatesResponse {
    let Advocates {
        total,
        groups,
        listed,
        eligible,
        ..
    } = &*answer.advocates;
    let models = answer.models.into_iter();
    let mut budget = AnswerBudget::of_answer();
    let mut advocates: Vec<_> = listed.iter().map(advocate).collect();
    budget.cut(&mut advocates, Message::encoded_len);
    let shown = groups.iter().take(GROUPS);
    let mut shown: Vec<_> = shown.map(|(key, bands)| distribution(key, bands)).collect();
    let groups_cut = budget.cut(&mut shown, Message::encoded_len);
    ListAdvocatesResponse {
        total: Some(distribution("", total)),
        groups: shown,
        groups_cut: groups_cut || groups.len() > GROUPS,
        cut: *eligible > advocates.len() as u64,
        advocates,
        eligible: *eligible,
        least_confidence,
        models: models.map(model).collect(),
        means_at: answer.means_at.map(time::timestamp),
        ..ListAdvocatesResponse::default()
    }
}

fn distribution(key: &str, bands: &Bands) -> AdvocacyDistribution {
    let mean = bands.mean();
    let (low, high) = ends(&mean);
    let shares = BANDS.iter().zip(bands.shares()).zip(bands.counts);
    AdvocacyDistribution {
        key: key.to_owned(),
        n: mean.n(),
        insufficient: bands.insufficient,
        mean: mean.point().map(rounded),
        low,
        high,
        bands: shares
            .map(|((bounds, share), count)| band(*bounds, &share, count))
            .collect(),
    }
}

fn band((from, to): (f64, f64), share: &Shown, count: u64) -> AdvocacyBand {
    let (low, high) = ends(share);
    AdvocacyBand {
        from,
        to,
        of: share.n(),
        // The count says as much as the share.
        count: share.point().map(|_| count),
        share: share.point().map(rounded),
        low,
        high,
    }
}

fn ends(shown: &Shown) -> (Option<f64>, Option<f64>) {
    let interval = shown.interval();
    (
        interval.map(|it| rounded(it.low)),
        interval.map(|it| rounded(it.high)),
    )
}

fn advocate(person: &PersonScore) -> Advocate {
    let (component, points) = person.lifted_by.unzip();
    Advocate {
        owner_id: person.owner_id.clone(),
        score: person.score.map_or(0.0, rounded),
        confidence: rounded(person.confidence),
        evidence: person.evidence,
        lifted_by: lifted_by(component).into(),
        lifted_points: points.map_or(0.0, rounded),
        dealer_id: person.background.dealer_id.clone(),
        market: person.background.market.clone(),
    }
}

fn lifted_by(component: Option<Component>) -> WireComponent {
    component.map_or(WireComponent::Unspecified, named)
}

fn model(model: MarketModel) -> AppliedModel {
    AppliedModel {
        market: model.market,
        scoring: Some(applied(model.chosen.scoring)),
        lexicon: Some(applied(model.chosen.lexicon)),
    }
}
