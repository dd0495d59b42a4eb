//! A scoring policy with everything it leaves to version 0 written out.

use std::collections::BTreeMap;

use ownerline_proto::v1::ScoringPolicy;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::scoring_policy::Parameter;

use super::shipped;

/// The same policy with every parameter named, in the order of version 0: a half-life or strength that it
/// does not name is that of version 0, a weight that it does not name is 0. Names that version 0 does
/// not have are left out; [`super::check`] refuses them.
#[must_use]
pub fn completed(scoring: &ScoringPolicy) -> ScoringPolicy {
    let mut shipped = shipped().iter();
    let known = shipped.find_map(|version| match &version.published.body {
        Some(Body::Scoring(known)) => Some(known),
        _ => None,
    });
    let Some(known) = known else {
        return scoring.clone();
    };
    ScoringPolicy {
        weights: said(&scoring.weights, &known.weights, |_| 0.0),
        half_lives: said(&scoring.half_lives, &known.half_lives, |it| it.value),
        strengths: said(&scoring.strengths, &known.strengths, |it| it.value),
        k: scoring.k,
    }
}

fn said(
    said: &[Parameter],
    known: &[Parameter],
    otherwise: impl Fn(&Parameter) -> f64,
) -> Vec<Parameter> {
    let values: BTreeMap<&str, f64> = (said.iter())
        .map(|it| (it.name.as_str(), it.value))
        .collect();
    let complete = known.iter().map(|it| Parameter {
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

    fn of_the_server() -> (ScoringPolicy, LexiconPolicy) {
        let policies = Policies::of_the_server();
        let (_, scoring) = policies.scoring(Place::NETWORK, 0.into()).unwrap();
        let (_, lexicon) = policies.lexicon(Place::NETWORK, 0.into()).unwrap();
        (scoring.clone(), lexicon.clone())
    }

    #[test]
    fn what_ships_is_a_model_and_complete() {
        let (scoring, lexicon) = of_the_server();
        let model = Model::new(&scoring, &lexicon).unwrap();
        assert_eq!(completed(&scoring), scoring);
        let same = Model::new(&completed(&scoring), &lexicon).unwrap();
        assert_eq!(model.digest(), same.digest());
    }

    #[test]
    fn whatever_can_be_published_is_a_model_once_it_is_completed() {
        let (shipped, lexicon) = of_the_server();
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
        let whole = completed(&sparse);
        Model::new(&whole, &lexicon).unwrap();
        assert_eq!(whole.strengths, shipped.strengths);
        assert_eq!(whole.half_lives, shipped.half_lives);
        let sum: f64 = whole.weights.iter().map(|it| it.value).sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }
}
