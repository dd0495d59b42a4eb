//! Evidence and components in words.

use ownerline_proto::v1::AdvocacyContribution;
use ownerline_proto::v1::advocacy_component_score::Component;
use pbjson_types::Timestamp;

use crate::cli::terminal_text::one_line;
use crate::cli::time::{civil, rfc3339};

/// What happened, in words.
pub(super) fn evidence(it: &AdvocacyContribution) -> String {
    let against = it.value < 0.0;
    match it.evidence.as_str() {
        "referral_made" => "sent a friend".to_owned(),
        "consideration_listed" => "a friend put the brand on the list".to_owned(),
        "referee_test_drove" => "a friend drove the car".to_owned(),
        "referee_purchased" => "a friend bought a car".to_owned(),
        "advocacy_observed" if against => "spoke against the brand in public".to_owned(),
        "advocacy_observed" => "spoke for the brand in public".to_owned(),
        "repurchased" => "bought or leased again".to_owned(),
        "defected" => "bought elsewhere".to_owned(),
        "theme_hit" => theme(it),
        "commitment_kept" => "a promise was kept".to_owned(),
        "commitment_broken" => "a promise was broken".to_owned(),
        "resolution_confirmed" => "confirmed that a matter is settled".to_owned(),
        "resolution_rejected" => "did not accept how a matter was settled".to_owned(),
        "defect_repeated" => "the same defect came back".to_owned(),
        "obligation_breached" => "an answer was owed and not given in time".to_owned(),
        "survey_answered" => survey(it.value),
        other => one_line(other),
    }
}

fn theme(it: &AdvocacyContribution) -> String {
    let hit = it.theme.clone().unwrap_or_default();
    let turned = if hit.negated { ", turned round" } else { "" };
    let theme = one_line(&hit.theme).replace('_', " ");
    format!("said \"{}\" ({theme}{turned})", one_line(&hit.words))
}

/// Answers of 5 and less have the same value.
fn survey(value: f64) -> String {
    let score = 7.5 + 2.5 * value;
    if value <= -1.0 {
        "answered a survey with 5 or less".to_owned()
    } else {
        format!("answered a survey with {score:.0}")
    }
}

/// What a component is about.
pub(super) fn component(component: Component) -> &'static str {
    match component {
        Component::Unspecified => "something else",
        Component::Advocacy => "what the owner did among friends and in public",
        Component::Repurchase => "what the owner bought next",
        Component::Verbatim => "the owner's words",
        Component::Case => "how matters were handled",
        Component::Survey => "answers to surveys",
    }
}

/// A day in UTC.
pub(super) fn day(instant: &Timestamp) -> String {
    civil(instant).map_or_else(
        || rfc3339(instant),
        |time| time.strftime("%-d %b %Y").to_string(),
    )
}

/// A day and a time in UTC.
pub(super) fn minute(instant: &Timestamp) -> String {
    civil(instant).map_or_else(
        || rfc3339(instant),
        |time| time.strftime("%-d %b %Y, %H:%M").to_string(),
    )
}

/// Points with their sign: `+3.1`.
pub(super) fn points(share: f64) -> String {
    format!("{share:+.1}")
}
