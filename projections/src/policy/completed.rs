//! Fills in the parameters that a scoring policy leaves to version 0.

use std::collections::BTreeMap;

use ownerline_proto::v1::ScoringPolicy;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::scoring_policy::Parameter;

use super::shipped;

/// Returns the policy with every parameter, in the order of version 0. A missing half-life or strength is that of version
/// 0, a missing weight is 0. Names that version 0 does not have are dropped; [`super::check`] refuses them.
#[must_use]
pub fn scoring_with_defaults(scoring: &ScoringPolicy) -> ScoringPolicy {
    let mut shipped = shipped().iter();
    let defaults = shipped.find_map(|version| match &version.published.body {
        Some(Body::Scoring(defaults)) => Some(defaults),
        _ => None,
    });
    let Some(defaults) = defaults else {
        return scoring.clone();
    };
    ScoringPolicy {
        weights: fill_in(&scoring.weights, &defaults.weights, |_| 0.0),
        half_lives: fill_in(&scoring.half_lives, &defaults.half_lives, |it| it.value),
        strengths: fill_in(&scoring.strengths, &defaults.strengths, |it| it.value),
        k: scoring.k,
    }
}

fn fill_in(
    parameters: &[Parameter],
    defaults: &[Parameter],
    otherwise: impl Fn(&Parameter) -> f64,
) -> Vec<Parameter> {
    let values: BTreeMap<&str, f64> = (parameters.iter())
        .map(|it| (it.name.as_str(), it.value))
        .collect();
    let complete = defaults.iter().map(|it| Parameter {
        name: it.name.clone(),
        value: (values.get(it.name.as_str()).copied()).unwrap_or_else(|| otherwise(it)),
    });
    complete.collect()
}

#[cfg(test)]
mod tests {
    use ownerline_proto::v1::LexiconPolicy;
    use ownerline_proto::v1::PolicyPublished;
    use ownerline_proto::v1::policy_published::Kind;

    use super::*;
    use crate::advocacy::Model;
    use crate::policy::{Place, Policies, check};

    fn shipped_only() -> (ScoringPolicy, LexiconPolicy) {
        let policies = Policies::shipped_only();
        let (_, scoring) = policies.scoring(Place::NETWORK, 0.into()).unwrap();
        let (_, lexicon) = policies.lexicon(Place::NETWORK, 0.into()).unwrap();
        (scoring.clone(), lexicon.clone())
    }

    #[test]
    fn what_ships_is_a_model_and_complete() {
        let (scoring, lexicon) = shipped_only();
        let model = Model::new(&scoring, &lexicon).unwrap();
        assert_eq!(scoring_with_defaults(&scoring), scoring);
        let same = Model::new(&scoring_with_defaults(&scoring), &lexicon).unwrap();
        assert_eq!(model.digest(), same.digest());
    }

    #[test]
    fn whatever_can_be_published_is_a_model_once_it_is_completed() {
        let (shipped, lexicon) = shipped_only();
        let only = Parameter {
            name: "case".to_owned(),
            value: 1.0,
        };
        let sparse = ScoringPolicy {
            weights: vec![only],
            k: 1.0,
            ..ScoringPolicy::default()
        };
        let published = PolicyPublished {
            kind: Kind::Scoring.into(),
            body: Some(Body::Scoring(sparse.clone())),
            ..PolicyPublished::default()
        };
        assert_eq!(check(&published), []);
        assert!(Model::new(&sparse, &lexicon).is_err());
        let whole = scoring_with_defaults(&sparse);
        Model::new(&whole, &lexicon).unwrap();
        assert_eq!(whole.strengths, shipped.strengths);
        assert_eq!(whole.half_lives, shipped.half_lives);
        let sum: f64 = whole.weights.iter().map(|it| it.value).sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }
}
