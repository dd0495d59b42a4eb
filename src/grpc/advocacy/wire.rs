//! A score as the contract shows it: every figure rounded to 1e-6, shares so that they add up.

use ownerline_projections::advocacy::{
    Component, ComponentScore, Contribution, Expectation, MIN_PEERS, Means,
};
use ownerline_projections::stats::rounded;
use ownerline_proto::time;
use ownerline_proto::v1::advocacy_component_score::Component as WireComponent;
use ownerline_proto::v1::{
    AdvocacyComponentScore, AdvocacyContribution, AdvocacyExpectation, AdvocacyModel,
    AppliedPolicy as WireApplied, GetOwnerAdvocacyResponse, ThemeHit, TouchpointRef,
};

use crate::query::{AdvocacyAnswer, AppliedPolicy, PositionText, SupposedModel};

const PARTS: f64 = 1e6;

/// Rounds shares so that what was told so far is always the rounded sum: however many there are, they add
/// up to the rounded score, and each is off by at most 1e-6.
struct Shares {
    exact: f64,
    /// In millionths.
    told: f64,
}

impl Shares {
    fn new() -> Self {
        Self {
            exact: 50.0,
            told: 50.0 * PARTS,
        }
    }

    fn next(&mut self, share: f64) -> f64 {
        self.exact += share;
        let now = (self.exact * PARTS).round();
        let told = (now - self.told) / PARTS + 0.0;
        self.told = now;
        told
    }
}

pub(super) fn response(text: PositionText, answer: AdvocacyAnswer) -> GetOwnerAdvocacyResponse {
    let AdvocacyAnswer {
        person,
        expectation,
        scoring,
        lexicon,
    } = answer;
    let mut shares = Shares::new();
    let components = person.score.components.iter();
    GetOwnerAdvocacyResponse {
        score: person.score.score.map(rounded),
        confidence: rounded(person.score.confidence),
        components: components
            .map(|it| component(text, it, &person.means, &mut shares))
            .collect(),
        expectation: expectation.map(expected),
        means_at: person.means.month.map(time::timestamp),
        scoring: Some(applied(scoring)),
        lexicon: Some(applied(lexicon)),
        owner_ids: person.owner_ids.into_iter().collect(),
        ..GetOwnerAdvocacyResponse::default()
    }
}

fn component(
    text: PositionText,
    it: &ComponentScore,
    means: &Means,
    shares: &mut Shares,
) -> AdvocacyComponentScore {
    AdvocacyComponentScore {
        component: named(it.component).into(),
        model_weight: rounded(it.model_weight),
        evidence_weight: rounded(it.evidence_weight),
        value: rounded(it.value),
        reliability: rounded(it.reliability),
        brand_mean: rounded(it.brand_mean),
        prior_share: shares.next(it.prior_share),
        contributions: (it.contributions.iter())
            .map(|it| contribution(text, it, shares))
            .collect(),
        brand_weight: rounded(means.weight(it.component)),
    }
}

fn contribution(
    text: PositionText,
    it: &Contribution,
    shares: &mut Shares,
) -> AdvocacyContribution {
    AdvocacyContribution {
        touchpoint: Some(TouchpointRef {
            source: it.key.source.clone(),
            id: it.key.id.clone(),
        }),
        position: text.write(it.key.position),
        occurred_at: Some(time::timestamp(it.key.occurred_at)),
        owner_id: it.owner_id.clone(),
        evidence: it.evidence.name().to_owned(),
        value: rounded(it.value),
        strength: rounded(it.strength),
        suspicion: rounded(it.suspicion),
        decay: rounded(it.decay),
        weight: rounded(it.weight),
        share: shares.next(it.share),
        theme: it.theme.as_ref().map(|hit| ThemeHit {
            theme: hit.theme.clone(),
            words: hit.words.clone(),
            negated: hit.negated,
            intensified_by: hit.intensified_by.clone().unwrap_or_default(),
        }),
    }
}

fn expected(it: Expectation) -> AdvocacyExpectation {
    let enough = it.peers.n >= MIN_PEERS;
    let deviation = it.peers.deviation().filter(|_| enough);
    let interval = it.peers.interval();
    let (low, high) = (interval.map(|it| it.low), interval.map(|it| it.high));
    AdvocacyExpectation {
        tier: it.tier,
        prior_tier: it.prior_tier,
        n: it.peers.n,
        mean: enough.then(|| rounded(it.peers.mean)),
        deviation: deviation.map(rounded),
        z: it.z.map(rounded),
        low: low.map(rounded),
        high: high.map(rounded),
    }
}

pub(super) fn applied(policy: Option<AppliedPolicy>) -> WireApplied {
    let AppliedPolicy { name, version } = policy.unwrap_or(AppliedPolicy {
        name: String::new(),
        version: 0,
    });
    WireApplied { name, version }
}

pub(super) fn named(component: Component) -> WireComponent {
    match component {
        Component::Advocacy => WireComponent::Advocacy,
        Component::Repurchase => WireComponent::Repurchase,
        Component::Verbatim => WireComponent::Verbatim,
        Component::Case => WireComponent::Case,
        Component::Survey => WireComponent::Survey,
    }
}

/// The scoring and the lexicon that a request supposes.
pub(super) fn supposed(model: Option<AdvocacyModel>) -> SupposedModel {
    let AdvocacyModel { scoring, lexicon } = model.unwrap_or_default();
    SupposedModel { scoring, lexicon }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_shares_add_up_to_the_rounded_score_however_many_there_are() {
        let exact: Vec<f64> = (1..=5_000)
            .map(|n: i32| libm::sin(f64::from(n)) * 1e-3)
            .collect();
        let mut shares = Shares::new();
        let told: Vec<f64> = exact.iter().map(|share| shares.next(*share)).collect();
        let score = 50.0 + exact.iter().sum::<f64>();
        let sum = 50.0 + told.iter().sum::<f64>();
        assert!((sum - rounded(score)).abs() < 1e-9, "{sum} {score}");
        let off = exact.iter().zip(&told).map(|(a, b)| (a - b).abs());
        assert!(off.fold(0.0, f64::max) <= 1.001e-6);
        assert!(rounded(-1e-9).is_sign_positive());
    }
}
