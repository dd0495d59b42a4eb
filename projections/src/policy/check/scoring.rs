//! Checks of SCORING, the parameters of the advocacy score. A name that version 0 does not have is an error. A parameter
//! that is not named has its value of version 0, except that a missing weight is 0.

use std::collections::BTreeSet;

use ownerline_proto::Reason;
use ownerline_proto::v1::ScoringPolicy;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::scoring_policy::Parameter;

use super::violations::Violations;
use crate::policy::shipped;

/// The rounding error allowed in the sum of the weights.
const ROUNDING: f64 = 1e-9;

pub(super) fn check(scoring: &ScoringPolicy, violations: &mut Violations) {
    let shipped = shipped_scoring();
    let list = |list: fn(&ScoringPolicy) -> &[Parameter]| {
        let names = shipped.map(list).unwrap_or_default().iter();
        names.map(|it| it.name.as_str()).collect::<BTreeSet<&str>>()
    };
    let components = list(|it| &it.weights);
    parameters(&scoring.weights, "scoring.weights", &components, violations);
    parameters(
        &scoring.half_lives,
        "scoring.half_lives",
        &list(|it| &it.half_lives),
        violations,
    );
    parameters(
        &scoring.strengths,
        "scoring.strengths",
        &list(|it| &it.strengths),
        violations,
    );
    for (item, weight) in scoring.weights.iter().enumerate() {
        if !(weight.value >= 0.0 && weight.value <= 1.0) {
            let field = format!("scoring.weights[{item}].value");
            violations.add(field, Reason::Range, "must be between 0 and 1");
        }
    }
    let sum: f64 = scoring.weights.iter().map(|weight| weight.value).sum();
    let sums_to_one = (sum - 1.0).abs() <= ROUNDING;
    if !sums_to_one {
        violations.add("scoring.weights", Reason::Disagrees, "must sum to 1");
    }
    for (item, half_life) in scoring.half_lives.iter().enumerate() {
        if !(half_life.value > 0.0 && half_life.value.is_finite()) {
            let field = format!("scoring.half_lives[{item}].value");
            violations.add(field, Reason::Range, "must be greater than 0");
        }
    }
    for (item, strength) in scoring.strengths.iter().enumerate() {
        if !(strength.value >= 0.0 && strength.value.is_finite()) {
            let field = format!("scoring.strengths[{item}].value");
            violations.add(field, Reason::Range, "must be at least 0");
        }
    }
    if !(scoring.k >= 0.0 && scoring.k.is_finite()) {
        violations.add("scoring.k", Reason::Range, "must be at least 0");
    }
}

/// The scoring policy that ships with the server.
fn shipped_scoring() -> Option<&'static ScoringPolicy> {
    shipped()
        .iter()
        .find_map(|version| match &version.published.body {
            Some(Body::Scoring(scoring)) => Some(scoring),
            _ => None,
        })
}

/// Checks that parameters have known names, each once.
fn parameters(list: &[Parameter], path: &str, known: &BTreeSet<&str>, violations: &mut Violations) {
    let names = list.iter().enumerate();
    let names = names.map(|(item, it)| (format!("{path}[{item}].name"), &it.name));
    violations.unique(names, "the name");
    for (item, parameter) in list.iter().enumerate() {
        if !known.contains(parameter.name.as_str()) {
            let field = format!("{path}[{item}].name");
            let all: Vec<&str> = known.iter().copied().collect();
            let why = format!("must be one of {}", all.join(", "));
            violations.add(field, Reason::UnknownValue, why);
        }
    }
}
