//! The score of one person from their evidence, added up in history order, with every step shown.
//!
//! With W = Σ s·decay, x = (Σ s·decay·v + k·m)/(W + k) and r = W/(W + k) of each component,
//! score = 50 + 50·Σ w·r·x / Σ w·r and confidence = Σ w·r. The score is 50 plus every contribution's share plus one
//! prior share for each component, which the brand mean adds where evidence is scarce.

use super::lexicon::ThemeHit;
use super::means::Means;
use super::model::{Component, Evidence, Model};
use super::stream::Piece;
use super::totals::Totals;
use crate::HistoryKey;
use ownerline_proto::time::Instant;

/// One piece of evidence and its contribution to the score.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// Its touchpoint.
    pub key: HistoryKey,
    /// The id of the person that it belongs to.
    pub owner_id: String,
    /// The kind of evidence.
    pub evidence: Evidence,
    /// Between -1 and 1.
    pub value: f64,
    /// The strength of its kind, before suspicion.
    pub strength: f64,
    /// 1 if excluded, .5 if an undecided signal names it, else 0.
    pub suspicion: f64,
    /// The share that time has left of it, between 0 and 1.
    pub decay: f64,
    /// strength · (1 − suspicion) · decay.
    pub weight: f64,
    /// The points that it adds to the score.
    pub share: f64,
    /// The theme, and the words that show it.
    pub theme: Option<ThemeHit>,
}

/// One component of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentScore {
    /// The component.
    pub component: Component,
    /// w: its weight in the model.
    pub model_weight: f64,
    /// W: the weight of the evidence.
    pub evidence_weight: f64,
    /// x: between -1 and 1.
    pub value: f64,
    /// r: between 0 and 1.
    pub reliability: f64,
    /// m: the brand mean.
    pub brand_mean: f64,
    /// The points that the brand mean adds to the score.
    pub prior_share: f64,
    /// In history order.
    pub contributions: Vec<Contribution>,
}

/// The score of one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// 0 to 100; `None` for insufficient evidence.
    pub score: Option<f64>,
    /// Between 0 and 1.
    pub confidence: f64,
    /// In the order of [`Component::ALL`].
    pub components: [ComponentScore; 5],
}

/// Scores evidence in history order, each piece with the id of the person that it belongs to.
pub(super) fn score<'p>(
    pieces: impl Iterator<Item = (&'p Piece, &'p str)>,
    model: &Model,
    means: &Means,
    as_of: Instant,
) -> Score {
    let mut totals = Totals::default();
    let mut contributions: [Vec<Contribution>; 5] = Default::default();
    for (piece, owner_id) in pieces {
        let component = piece.evidence.component();
        let strength = model.strength(piece.evidence);
        let decay = model.decay(component, piece.key.occurred_at, as_of);
        let weight = strength * (1.0 - piece.suspicion) * decay;
        totals.add(component, weight, piece.value);
        let into = component.of_mut(&mut contributions);
        into.push(Contribution {
            key: piece.key.clone(),
            owner_id: owner_id.to_owned(),
            evidence: piece.evidence,
            value: piece.value,
            strength,
            suspicion: piece.suspicion,
            decay,
            weight,
            share: 0.0,
            theme: piece.hit.clone(),
        });
    }
    let verdict = totals.verdict(model, means);
    Score {
        score: verdict.score,
        confidence: verdict.confidence,
        components: Component::ALL.map(|component| {
            let points = *component.of(&verdict.points);
            let mut contributions = std::mem::take(component.of_mut(&mut contributions));
            for contribution in &mut contributions {
                contribution.share = points * contribution.weight * contribution.value;
            }
            ComponentScore {
                component,
                model_weight: *component.of(&model.weights),
                evidence_weight: *component.of(&totals.weights),
                value: *component.of(&verdict.values),
                reliability: *component.of(&verdict.reliabilities),
                brand_mean: means.of(component),
                prior_share: points * model.k * means.of(component),
                contributions,
            }
        }),
    }
}
