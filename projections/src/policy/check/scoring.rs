//! SCORING: how the advocacy score is formed. Names that version 0 does not have mean nothing; what is
//! not named is as in version 0, except that a component without weight has none.

use std::collections::BTreeSet;

use ownerline_proto::Reason;
use ownerline_proto::v1::ScoringPolicy;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::scoring_policy::Parameter;

use super::violations::Violations;
use crate::policy::shipped;

/// Sums of decimal shares are off by less than this.
const ROUNDING: f64 = 1e-9;

pub(super) fn check(scoring: &ScoringPolicy, found: &mut Violations) {
    let known = known();
    let list = |list: fn(&ScoringPolicy) -> &[Parameter]| {
        let names = known.map(list).unwrap_or_default().iter();
        names.map(|it| it.name.as_str()).collect::<BTreeSet<&str>>()
    };
    let components = list(|it| &it.weights);
    parameters(&scoring.weights, "scoring.weights", &components, found);
    parameters(
        &scoring.half_lives,
        "scoring.half_lives",
        &list(|it| &it.half_lives),
        found,
    );
    parameters(
        &scoring.strengths,
        "scoring.strengths",
        &list(|it| &it.strengths),
        found,
    );
    for (item, weight) in scoring.weights.iter().enumerate() {
        if !(weight.value >= 0.0 && weight.value <= 1.0) {
            let field = format!("scoring.weights[{item}].value");
            found.add(field, Reason::Range, "must be between 0 and 1");
        }
    }
    let sum: f64 = scoring.weights.iter().map(|weight| weight.value).sum();
    let sums_to_one = (sum - 1.0).abs() <= ROUNDING;
    if !sums_to_one {
        found.add("scoring.weights", Reason::Disagrees, "must sum to 1");
    }
    for (item, half_life) in scoring.half_lives.iter().enumerate() {
        if !(half_life.value > 0.0 && half_life.value.is_finite()) {
            let field = format!("scoring.half_lives[{item}].value");
            found.add(field, Reason::Range, "must be greater than 0");
        }
    }
    for (item, strength) in scoring.strengths.iter().enumerate() {
        if !(strength.value >= 0.0 && strength.value.is_finite()) {
            let field = format!("scoring.strengths[{item}].value");
            found.add(field, Reason::Range, "must be at least 0");
        }
    }
    if !(scoring.k >= 0.0 && scoring.k.is_finite()) {
        found.add("scoring.k", Reason::Range, "must be at least 0");
    }
}

/// The model that ships with the server.
fn known() -> Option<&'static ScoringPolicy> {
    shipped()
        .iter()
        .find_map(|version| match &version.published.body {
            Some(Body::Scoring(scoring)) => Some(scoring),
            _ => None,
        })
}

/// Parameters that are known, each named once.
fn parameters(list: &[Parameter], path: &str, known: &BTreeSet<&str>, found: &mut Violations) {
    let names = list.iter().enumerate();
    let named = names.map(|(item, it)| (format!("{path}[{item}].name"), &it.name));
    found.unique(named, "the name");
    for (item, parameter) in list.iter().enumerate() {
        if !known.contains(parameter.name.as_str()) {
            let field = format!("{path}[{item}].name");
            let all: Vec<&str> = known.iter().copied().collect();
            let why = format!("must be one of {}", all.join(", "));
            found.add(field, Reason::UnknownValue, why);
        }
    }
}
