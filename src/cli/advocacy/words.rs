//! Evidence, components and policies in words.

use ownerline_proto::v1::advocacy_component_score::Component;
use ownerline_proto::v1::{AdvocacyContribution, AppliedPolicy};

use crate::cli::terminal_text::one_line;

/// A piece of evidence in words.
pub(super) fn evidence(it: &AdvocacyContribution) -> String {
    let against = it.value < 0.0;
    match it.evidence.as_str() {
        "referral_made" => "referred a friend".to_owned(),
        "consideration_listed" => "a friend put the brand on the shortlist".to_owned(),
        "referee_test_drove" => "a friend took a test drive".to_owned(),
        "referee_purchased" => "a friend bought a car".to_owned(),
        "advocacy_observed" if against => "spoke against the brand in public".to_owned(),
        "advocacy_observed" => "spoke for the brand in public".to_owned(),
        "repurchased" => "bought or leased again".to_owned(),
        "defected" => "bought elsewhere".to_owned(),
        "theme_hit" => theme(it),
        "commitment_kept" => "a promise was kept".to_owned(),
        "commitment_broken" => "a promise was broken".to_owned(),
        "resolution_confirmed" => "confirmed that a matter was resolved".to_owned(),
        "resolution_rejected" => "did not accept how a matter was resolved".to_owned(),
        "defect_repeated" => "the same defect came back".to_owned(),
        "obligation_breached" => "a reply was owed and not given in time".to_owned(),
        "survey_answered" => survey(it.value),
        other => one_line(other),
    }
}

fn theme(it: &AdvocacyContribution) -> String {
    let hit = it.theme.clone().unwrap_or_default();
    let negated = if hit.negated { ", negated" } else { "" };
    let theme = one_line(&hit.theme).replace('_', " ");
    format!("said \"{}\" ({theme}{negated})", one_line(&hit.words))
}

/// All answers of 5 or less have the same value.
fn survey(value: f64) -> String {
    let score = 7.5 + 2.5 * value;
    if value <= -1.0 {
        "answered a survey with 5 or less".to_owned()
    } else {
        format!("answered a survey with {score:.0}")
    }
}

/// A component in words.
pub(super) fn component(component: Component) -> &'static str {
    match component {
        Component::Unspecified => "something else",
        Component::Advocacy => "what the owner told friends and the public",
        Component::Repurchase => "what the owner bought next",
        Component::Verbatim => "the owner's words",
        Component::Case => "how matters were handled",
        Component::Survey => "answers to surveys",
    }
}

/// The name of a policy: `scoring@0`. One that came with the question has none.
pub(in crate::cli) fn policy_name(policy: Option<&AppliedPolicy>, kind: &str) -> String {
    match policy {
        Some(it) if !it.name.is_empty() => format!("{}@{}", one_line(&it.name), it.version),
        _ => format!("the given {kind}"),
    }
}

/// Points with their sign: `+3.1`.
pub(super) fn points(share: f64) -> String {
    format!("{share:+.1}")
}
