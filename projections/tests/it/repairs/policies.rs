//! Which policy the rules are from.

use ownerline_projections::repairs::{Outcome, RepairStatus};
use ownerline_proto::v1::PolicyPublished;
use ownerline_proto::v1::touchpoint::Payload;

use super::constructed::notation::history;
use super::{at, status};
use crate::history::TestTouchpoint;

/// A version of the rules: one day out of service is enough, wherever the car is registered.
fn published(version: i32, told: &str, terms: &str) -> TestTouchpoint {
    let published = format!(
        r#"{{"name": "house-rules", "kind": "KIND_REPEAT_REPAIR", "version": {version}, {terms},
            "repeatRepair": {{"rules": [
                {{"id": "v{version}", "tests": [{{"kind": "KIND_DAYS_OUT", "threshold": 1}}]}}]}}}}"#
    );
    let published: PolicyPublished = serde_json::from_str(&published).unwrap();
    let payload = Payload::PolicyPublished(published);
    TestTouchpoint::with_payload(&format!("policy{version}"), at(told), payload)
}

const EARLY: &str = "2015-01-01T00:00Z";

/// The policy and the rules for a car that was delivered on a day and first in the workshop at a dealer.
fn rules(policies: &[TestTouchpoint], delivered: &str, dealer: &str) -> (String, Vec<String>) {
    let found = answer(policies, delivered, dealer);
    let rules = found.rules.iter().map(|it| it.rule_id.clone());
    (
        format!("{}@{}", found.policy, found.policy_version),
        rules.collect(),
    )
}

fn answer(policies: &[TestTouchpoint], delivered: &str, dealer: &str) -> RepairStatus {
    let lines = [
        format!("car US-CA {delivered} Europe/Berlin"),
        "dealer d2 Europe/Berlin".to_owned(),
        format!("visit v1 {dealer} 2024-06-01T10:00Z 2024-06-01T11:00Z f1 fixed"),
        "visit v2 d2 2024-07-01T10:00Z 2024-07-01T11:00Z f1 fixed".to_owned(),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let mut said = policies.to_vec();
    said.extend(history(&lines));
    status(&said, "2024-12-01T00:00:00Z")
}

fn shipped() -> (String, Vec<String>) {
    ("repeat-repair@0".to_owned(), vec!["us-ca".to_owned()])
}

fn house_rules(version: i32) -> (String, Vec<String>) {
    (
        format!("house-rules@{version}"),
        vec![format!("v{version}")],
    )
}

#[test]
fn the_policy_in_force_at_the_first_delivery_rules() {
    let policies = [
        published(1, EARLY, r#""effectiveFrom": "2024-03-01T00:00:00Z""#),
        published(2, EARLY, r#""effectiveFrom": "2024-04-01T00:00:00Z""#),
    ];
    assert_eq!(rules(&policies, "2024-02-29", "d1"), shipped());
    assert_eq!(rules(&policies, "2024-03-01", "d1"), house_rules(1));
    assert_eq!(rules(&policies, "2024-03-31", "d1"), house_rules(1));
    assert_eq!(rules(&policies, "2024-04-01", "d1"), house_rules(2));
    assert!(answer(&policies, "2024-02-29", "d1").is_sample);
    let found = answer(&policies, "2024-03-01", "d1");
    assert!(!found.is_sample);
    // A rule without a jurisdiction is for every car.
    assert_eq!(found.rules[0].outcome, Ok(Outcome::Met));
}

#[test]
fn the_dealer_of_the_first_visit_decides_between_policies_of_dealers() {
    let terms = r#""effectiveFrom": "2015-01-01T00:00:00Z", "scope": {"dealerId": "d2"}"#;
    let policies = [published(1, EARLY, terms)];
    assert_eq!(rules(&policies, "2024-03-01", "d2"), house_rules(1));
    assert_eq!(rules(&policies, "2024-03-01", "d1"), shipped());
}

#[test]
fn a_policy_that_is_published_after_the_instant_is_not_in_force() {
    let terms = r#""effectiveFrom": "2015-01-01T00:00:00Z""#;
    let late = [published(1, "2024-12-01T00:00:01Z", terms)];
    assert_eq!(rules(&late, "2024-03-01", "d1"), shipped());
    let at_the_instant = [published(1, "2024-12-01T00:00Z", terms)];
    assert_eq!(rules(&at_the_instant, "2024-03-01", "d1"), house_rules(1));
}

#[test]
fn a_policy_that_cannot_be_used_leaves_the_one_before_in_force() {
    let terms = r#""effectiveFrom": "2015-01-01T00:00:00Z""#;
    let mut unusable = published(2, EARLY, r#""effectiveFrom": "2016-01-01T00:00:00Z""#);
    if let Some(Payload::PolicyPublished(PolicyPublished {
        body: Some(ownerline_proto::v1::policy_published::Body::RepeatRepair(policy)),
        ..
    })) = &mut unusable.payload
    {
        policy.rules[0].tests[0].threshold = 0;
    }
    let policies = [published(1, EARLY, terms), unusable];
    assert_eq!(rules(&policies, "2024-03-01", "d1"), house_rules(1));
}
