//! The totals of evidence by component, and the score that follows from them.

use super::means::Means;
use super::model::{Component, Model};

/// Evidence added up in history order, by component.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    /// W of each component.
    pub weights: [f64; 5],
    /// The sum of weight times value of each component.
    pub values: [f64; 5],
    /// The number of pieces of evidence.
    pub pieces: u64,
}

/// A score as computed from totals.
pub(super) struct Verdict {
    pub score: Option<f64>,
    pub confidence: f64,
    /// x of each component.
    pub values: [f64; 5],
    /// r of each component.
    pub reliabilities: [f64; 5],
    /// The points that a unit of weight and value adds to the score, in each component.
    pub points: [f64; 5],
}

impl Totals {
    pub(super) fn add(&mut self, component: Component, weight: f64, value: f64) {
        *component.of_mut(&mut self.weights) += weight;
        *component.of_mut(&mut self.values) += weight * value;
        self.pieces += 1;
    }

    pub(super) fn verdict(&self, model: &Model, means: &Means) -> Verdict {
        let mut verdict = Verdict {
            score: None,
            confidence: 0.0,
            values: self.values,
            reliabilities: [0.0; 5],
            points: [0.0; 5],
        };
        for component in Component::ALL {
            let weight = *component.of(&self.weights);
            let total = weight + model.k;
            if total > 0.0 {
                let value = component.of_mut(&mut verdict.values);
                *value = (*value + model.k * means.of(component)) / total;
                *component.of_mut(&mut verdict.reliabilities) = weight / total;
            }
        }
        let effective =
            Component::ALL.map(|it| it.of(&model.weights) * it.of(&verdict.reliabilities));
        verdict.confidence = effective.iter().sum();
        if verdict.confidence <= 0.0 {
            verdict.confidence = 0.0;
            return verdict;
        }
        let mut sum = 0.0;
        for component in Component::ALL {
            let weight = component.of(&effective);
            sum += weight * component.of(&verdict.values);
            let total = component.of(&self.weights) + model.k;
            if total > 0.0 {
                *component.of_mut(&mut verdict.points) =
                    50.0 * weight / (verdict.confidence * total);
            }
        }
        // Rounding errors may exceed the bounds slightly.
        verdict.score = Some((50.0 + 50.0 * sum / verdict.confidence).clamp(0.0, 100.0));
        verdict
    }
}
