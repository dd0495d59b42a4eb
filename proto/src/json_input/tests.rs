//! Messages from JSON as exporters write it: every legal spelling is accepted, every other reported with its path.

use super::*;
use crate::v1::{PolicyPublished, Touchpoint};

fn problems<M: Name + DeserializeOwned + fmt::Debug>(text: &str) -> Vec<(String, &'static str)> {
    match from_json::<M>(text).unwrap_err() {
        JsonError::Fields(problems) => problems
            .into_iter()
            .map(|it| (it.field, it.reason.as_str()))
            .collect(),
        JsonError::Syntax(error) => panic!("{error}"),
    }
}

fn problem(field: &str, reason: &'static str) -> (String, &'static str) {
    (field.to_owned(), reason)
}

#[test]
fn a_whole_number_is_taken_in_every_spelling_of_json() {
    for nine in [
        "9",
        "9.0",
        "\"9\"",
        "0.9e1",
        "90e-1",
        "\"9.0\"",
        "\"0.9e1\"",
    ] {
        let text = format!(r#"{{"feedbackReceived":{{"score":{nine}}}}}"#);
        let canonical = from_json::<Touchpoint>(r#"{"feedback_received":{"score":9}}"#).unwrap();
        assert_eq!(from_json::<Touchpoint>(&text).unwrap(), canonical, "{nine}");
    }
    for other in [
        "9.5", "\"nine\"", "true", "\" 9\"", "\"\"", "[]", "{}", "1e300", "\"0x9\"",
    ] {
        let text = format!(r#"{{"feedbackReceived":{{"score":{other}}}}}"#);
        let wanted = [problem("feedbackReceived.score", "MALFORMED")];
        assert_eq!(problems::<Touchpoint>(&text), wanted, "{other}");
    }
}

#[test]
fn a_number_that_does_not_fit_its_field_names_it() {
    let text = r#"{"feedbackReceived":{"score":2147483648}}"#;
    assert_eq!(
        problems::<Touchpoint>(text),
        [problem("feedbackReceived.score", "RANGE")]
    );
    let text = r#"{"odometerRead":{"distanceMetres":"9223372036854775808"}}"#;
    assert_eq!(
        problems::<Touchpoint>(text),
        [problem("odometerRead.distanceMetres", "RANGE")]
    );
}

#[test]
fn a_whole_number_is_exact_or_refused() {
    let exact = r#"{"odometerRead":{"distanceMetres":9007199254740993}}"#;
    let read = from_json::<Touchpoint>(exact).unwrap();
    assert!(format!("{read:?}").contains("9007199254740993"), "{read:?}");
    let rounded = r#"{"odometerRead":{"distanceMetres":9007199254740993.0}}"#;
    let wanted = from_json::<Touchpoint>(rounded).map(|it| format!("{it:?}").contains("740993"));
    assert!(!matches!(wanted, Ok(false)), "rounded in silence");
}

#[test]
fn null_is_absence_and_no_item() {
    let empty = from_json::<Touchpoint>("{}").unwrap();
    let text =
        r#"{"id":null,"occurredAt":null,"origin":null,"subjects":null,"caseNoteAdded":null}"#;
    assert_eq!(from_json::<Touchpoint>(text).unwrap(), empty);
    let text = r#"{"contactMade":{"agents":["a",null]}}"#;
    assert_eq!(
        problems::<Touchpoint>(text),
        [problem("contactMade.agents[1]", "MALFORMED")]
    );
}

#[test]
fn a_name_given_twice_is_refused_at_every_depth_and_in_either_spelling() {
    let text = r#"{"id":"1","id":"1",
        "subjects":{"ownerId":"a","owner_id":"a"},
        "occurredAt":null,"occurred_at":"2024-05-01T10:00:00Z",
        "feedbackReceived":{"answers":{"q":"1","q":"1"},"score":1,"score":2}}"#;
    assert_eq!(
        problems::<Touchpoint>(text),
        [
            problem("id", "MALFORMED"),
            problem("subjects.owner_id", "MALFORMED"),
            problem("occurred_at", "MALFORMED"),
            problem("feedbackReceived.answers[\"q\"]", "MALFORMED"),
            problem("feedbackReceived.score", "MALFORMED"),
        ]
    );
}

#[test]
fn a_policy_is_read_as_strictly_as_a_line() {
    let text = r#"{"name":"sla","kind":"KIND_SLA","kind":1,"effectiveFrom":"2026-01-01T00:00:60Z",
        "sla":{"obligations":[{"budgetSeconds":60},{"budget_seconds":1.5,"budgetSeconds":2}]},
        "calendar":{"zone":"Europe/London"},"version":"2.0"}"#;
    let read = problems::<PolicyPublished>(text);
    for wanted in [
        problem("kind", "MALFORMED"),
        problem("effectiveFrom", "FORMAT"),
        problem("sla.obligations[1].budgetSeconds", "MALFORMED"),
        problem("calendar", "DISAGREES"),
    ] {
        assert!(read.contains(&wanted), "{wanted:?} in {read:?}");
    }
    assert!(
        !read.iter().any(|(field, _)| field == "version"),
        "{read:?}"
    );
}

#[test]
fn enums_are_taken_by_name_and_by_number() {
    let of = |kind: &str| format!(r#"{{"dealerReplied":{{"kind":{kind}}}}}"#);
    let named = from_json::<Touchpoint>(&of("\"KIND_HUMAN\"")).unwrap();
    assert_eq!(from_json::<Touchpoint>(&of("1")).unwrap(), named);
    for other in ["\"KIND_ALIEN\"", "99", "\"human\"", "\"1\"", "[]"] {
        let wanted = [problem("dealerReplied.kind", "UNKNOWN_VALUE")];
        assert_eq!(problems::<Touchpoint>(&of(other)), wanted, "{other}");
    }
}

#[test]
fn what_is_not_of_the_fields_form_is_named() {
    let text = r#"{"id":1,"subjects":[],"mood":"bad","occurredAt":5,
        "contactMade":{"agents":"a","proactive":"yes"}}"#;
    assert_eq!(
        problems::<Touchpoint>(text),
        [
            problem("id", "MALFORMED"),
            problem("subjects", "MALFORMED"),
            problem("mood", "UNKNOWN_FIELD"),
            problem("occurredAt", "FORMAT"),
            problem("contactMade.agents", "MALFORMED"),
            problem("contactMade.proactive", "MALFORMED"),
        ]
    );
}
