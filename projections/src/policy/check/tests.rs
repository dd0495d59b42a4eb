//! Tests: checks report all violations at once, each with its path.

use ownerline_proto::Violation;
use ownerline_proto::v1::PolicyPublished;

use super::check;

/// Returns (field, reason) of every violation.
fn violations(json: &str) -> Vec<(String, String)> {
    let policy: PolicyPublished = serde_json::from_str(json).unwrap();
    let of = |violation: Violation| (violation.field, violation.reason.to_string());
    check(&policy).into_iter().map(of).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(field, reason): &(&str, &str)| ((*field).to_owned(), (*reason).to_owned());
    expected.iter().map(own).collect()
}

#[test]
fn an_sla_owes_each_kind_once_and_warns_in_order_before_the_end() {
    let violations = violations(
        r#"{"kind": "KIND_SLA", "scope": {"market": "GB", "dealerId": "d-1"}, "sla": {"obligations": [
            {"kind": "KIND_FIRST_REPLY", "budgetSeconds": "0", "pausesOnOwner": true,
             "warningShares": [0.5, 0.5, 0, 1, "NaN", 0.9]},
            {"kind": "KIND_FIRST_REPLY", "budgetSeconds": "9223372036854775807"}
        ]}}"#,
    );
    let expected = [
        ("scope.market", "DISAGREES"),
        ("sla.obligations[1].kind", "DISAGREES"),
        ("sla.obligations[0].budget_seconds", "RANGE"),
        ("sla.obligations[0].pauses_on_owner", "DISAGREES"),
        ("sla.obligations[0].warning_shares[1]", "DISAGREES"),
        ("sla.obligations[0].warning_shares[2]", "RANGE"),
        ("sla.obligations[0].warning_shares[3]", "RANGE"),
        ("sla.obligations[0].warning_shares[4]", "RANGE"),
        ("sla.obligations[1].budget_seconds", "RANGE"),
    ];
    assert_eq!(violations, pairs(&expected));
}

#[test]
fn what_is_owed_by_its_own_date_has_no_budget_and_everything_else_one() {
    let violations = violations(
        r#"{"kind": "KIND_SLA", "sla": {"obligations": [
            {"kind": "KIND_COMMITMENT", "budgetSeconds": "60", "calendar": "hours", "warningShares": [0.5]},
            {"kind": "KIND_TASK", "pausesOnOwner": true, "casesOnly": true},
            {"kind": "KIND_ACKNOWLEDGEMENT", "pausesOnOwner": true},
            {"kind": "KIND_PROGRESS_UPDATE", "budgetSeconds": "60", "pausesOnOwner": true},
            {"kind": "KIND_RESOLUTION", "budgetSeconds": "60", "casesOnly": true}
        ]}}"#,
    );
    let expected = [
        ("sla.obligations[0].budget_seconds", "DISAGREES"),
        ("sla.obligations[0].calendar", "DISAGREES"),
        ("sla.obligations[1].pauses_on_owner", "DISAGREES"),
        ("sla.obligations[1].cases_only", "DISAGREES"),
        ("sla.obligations[2].budget_seconds", "RANGE"),
        ("sla.obligations[2].pauses_on_owner", "DISAGREES"),
    ];
    assert_eq!(violations, pairs(&expected));
}

#[test]
fn a_calendar_is_of_a_known_zone_and_opens_before_it_closes_once() {
    let violations = violations(
        r#"{"kind": "KIND_CALENDAR", "calendar": {"zone": "Mars/Olympus", "weekly": [
            {"fromMinute": 480, "untilMinute": 1080}, {"fromMinute": 60, "untilMinute": 481},
            {"fromMinute": 1080, "untilMinute": 1100}, {"fromMinute": 2000, "untilMinute": 2000},
            {"fromMinute": -1, "untilMinute": 10081}],
            "exceptions": [{"date": "2026-12-25"}, {"date": "2026-12-25"}, {"date": "2026-02-30",
            "intervals": [{"fromMinute": 0, "untilMinute": 1441}, {"fromMinute": 0, "untilMinute": 1440}]}]}}"#,
    );
    let expected = [
        ("calendar.zone", "FORMAT"),
        ("calendar.weekly[3]", "DISAGREES"),
        ("calendar.weekly[4]", "RANGE"),
        ("calendar.weekly[0]", "DISAGREES"),
        ("calendar.exceptions[2].date", "FORMAT"),
        ("calendar.exceptions[2].intervals[0]", "RANGE"),
        ("calendar.exceptions[1].date", "DISAGREES"),
    ];
    let mut sorted = (violations.clone(), pairs(&expected));
    sorted.0.sort();
    sorted.1.sort();
    assert_eq!(sorted.0, sorted.1);
    assert_eq!(
        self::violations(r#"{"kind": "KIND_CALENDAR", "calendar": {"zone": "UTC"}}"#),
        pairs(&[("calendar.weekly", "REQUIRED")])
    );
}

#[test]
fn weights_sum_to_one_and_names_are_those_of_the_model() {
    let violations = violations(
        r#"{"kind": "KIND_SCORING", "scoring": {
            "weights": [{"name": "survey", "value": 0.5}, {"name": "survey", "value": -0.1},
                        {"name": "luck", "value": 0.5}],
            "halfLives": [{"name": "case", "value": 0}],
            "strengths": [{"name": "defected", "value": -1}], "k": -1}}"#,
    );
    let expected = [
        ("scoring.weights[1].name", "DISAGREES"),
        ("scoring.weights[2].name", "UNKNOWN_VALUE"),
        ("scoring.weights[1].value", "RANGE"),
        ("scoring.weights", "DISAGREES"),
        ("scoring.half_lives[0].value", "RANGE"),
        ("scoring.strengths[0].value", "RANGE"),
        ("scoring.k", "RANGE"),
    ];
    assert_eq!(violations, pairs(&expected));
}

#[test]
fn questions_have_the_bounds_of_their_kind() {
    let violations = violations(
        r#"{"kind": "KIND_SURVEY", "survey": {"questions": [
            {"id": "a", "kind": "KIND_NPS", "min": 1, "max": 10}, {"id": "a", "kind": "KIND_OPEN"},
            {"id": "b", "kind": "KIND_CES", "min": 1, "max": 5}, {"id": "c", "kind": "KIND_CSAT"},
            {"id": "d", "kind": "KIND_CSAT", "min": 0, "max": 1},
            {"id": "e", "kind": "KIND_CSAT", "min": 1, "max": 3},
            {"id": "f", "kind": "KIND_SCALE", "min": 0, "max": 1}]}}"#,
    );
    let expected = [
        ("survey.questions[1].id", "DISAGREES"),
        ("survey.questions[0].min", "RANGE"),
        ("survey.questions[2].max", "RANGE"),
        ("survey.questions[3].max", "DISAGREES"),
        ("survey.questions[4].max", "RANGE"),
    ];
    assert_eq!(violations, pairs(&expected));
}

#[test]
fn lists_name_each_thing_once() {
    let of = [
        (
            r#"{"kind": "KIND_LEXICON", "lexicon": {"themes": [{"name": "a", "words": ["x", "x"]},
                {"name": "a", "sign": 1}]}}"#,
            &[
                ("lexicon.themes[1].name", "DISAGREES"),
                ("lexicon.themes[0].sign", "RANGE"),
                ("lexicon.themes[0].words[1]", "DISAGREES"),
                ("lexicon.themes[1].words", "REQUIRED"),
            ][..],
        ),
        (
            r#"{"kind": "KIND_STAGE_MAPPING", "stageMapping": {"mappings": [
                {"rawCode": "B1", "stage": "PRODUCTION_STAGE_BODY"},
                {"rawCode": "B1", "stage": "PRODUCTION_STAGE_PAINT"}]}}"#,
            &[("stage_mapping.mappings[1].raw_code", "DISAGREES")],
        ),
        (
            r#"{"kind": "KIND_TIPS", "tips": {"cap": 0, "days": 367, "quietDays": -1}}"#,
            &[
                ("tips.cap", "RANGE"),
                ("tips.days", "RANGE"),
                ("tips.quiet_days", "RANGE"),
            ],
        ),
        (
            r#"{"kind": "KIND_SLA", "sla": {"obligations": [
                {"kind": "KIND_ORDER_PROGRESS", "pausesOnOwner": true, "budgetSeconds": "60"},
                {"kind": "KIND_ALERT_CONTACT", "casesOnly": true}]}}"#,
            &[
                ("sla.obligations[0].pauses_on_owner", "DISAGREES"),
                ("sla.obligations[1].budget_seconds", "RANGE"),
                ("sla.obligations[1].cases_only", "DISAGREES"),
            ],
        ),
        (
            r#"{"kind": "KIND_VISIBILITY", "visibility": {"withheld": [
                {"role": "dealer", "fieldClasses": ["score", "score"]}, {"role": "dealer"}]}}"#,
            &[
                ("visibility.withheld[1].role", "DISAGREES"),
                ("visibility.withheld[0].field_classes[1]", "DISAGREES"),
            ],
        ),
        (
            r#"{"kind": "KIND_REPEAT_REPAIR", "repeatRepair": {"rules": [
                {"id": "a", "effectiveFrom": "2026-01-02", "effectiveTo": "2026-01-01"},
                {"id": "a", "tests": [{"kind": "KIND_SAFETY"}, {"kind": "KIND_SAFETY", "threshold": 1}]}]}}"#,
            &[
                ("repeat_repair.rules[1].id", "DISAGREES"),
                ("repeat_repair.rules[0].effective_to", "DISAGREES"),
                ("repeat_repair.rules[0].tests", "REQUIRED"),
                ("repeat_repair.rules[1].tests[1].kind", "DISAGREES"),
                ("repeat_repair.rules[1].tests[0].threshold", "RANGE"),
            ],
        ),
        (
            r#"{"kind": "KIND_SLA", "survey": {"questions": [{"id": "a", "kind": "KIND_OPEN"}]}}"#,
            &[("kind", "DISAGREES")],
        ),
        (r#"{"kind": "KIND_SLA"}"#, &[("body", "REQUIRED")]),
    ];
    for (json, expected) in of {
        assert_eq!(violations(json), pairs(expected), "{json}");
    }
}

#[test]
fn everything_wrong_with_rules_about_repeated_repairs_is_found_at_once() {
    let violations = violations(
        r#"{"kind": "KIND_REPEAT_REPAIR", "repeatRepair": {"rules": [
            {"id": "notice", "effectiveFrom": "2026-01-01", "effectiveTo": "2025-12-31",
                "noticeRequiredFor": ["safety"], "noticeTo": "the maker",
                "notice": {"means": ["e-mail", "e-mail"]},
                "tests": [
                    {"kind": "KIND_SAFETY", "threshold": 1, "exclusive": true, "operator": "OPERATOR_AT_LEAST"},
                    {"kind": "KIND_DAYS_OUT", "threshold": 0, "noticeAfter": 2}]},
            {"id": "none", "extends": [{"event": "EVENT_OTHER", "months": 1}, {}],
                "tests": [{"kind": "KIND_SAFETY", "threshold": 1, "notice": "NOTICE_REQUIRED"}]},
            {"id": "none", "windowMonths": 6, "assumes": ["CONDITION_BUYER", "CONDITION_BUYER"],
                "limitation": {"makers": [{"brand": "Halcyra"}, {"brand": "HALCYRA"}]}}]}}"#,
    );
    let expected = [
        ("repeat_repair.rules[2].id", "DISAGREES"),
        ("repeat_repair.rules[0].effective_to", "DISAGREES"),
        ("repeat_repair.rules[0].tests[0].operator", "DISAGREES"),
        ("repeat_repair.rules[0].tests[1].threshold", "RANGE"),
        ("repeat_repair.rules[0].tests[1].notice_after", "DISAGREES"),
        ("repeat_repair.rules[0].notice", "DISAGREES"),
        ("repeat_repair.rules[0].notice.means[1]", "DISAGREES"),
        ("repeat_repair.rules[0].notice_required_for", "DISAGREES"),
        ("repeat_repair.rules[0].notice_to", "DISAGREES"),
        ("repeat_repair.rules[1].tests[0].notice", "DISAGREES"),
        ("repeat_repair.rules[1].extends[0].text", "REQUIRED"),
        ("repeat_repair.rules[1].extends[0]", "DISAGREES"),
        ("repeat_repair.rules[1].extends[1].event", "REQUIRED"),
        ("repeat_repair.rules[1].extends[1].months", "RANGE"),
        ("repeat_repair.rules[1].extends[1]", "DISAGREES"),
        ("repeat_repair.rules[2].tests", "REQUIRED"),
        (
            "repeat_repair.rules[2].limitation.makers[1].brand",
            "DISAGREES",
        ),
        ("repeat_repair.rules[2].assumes[1]", "DISAGREES"),
    ];
    assert_eq!(violations, pairs(&expected));
}

#[test]
fn the_shipped_rules_and_the_older_fields_alone_can_be_used() {
    let shipped = include_str!("../../../policies/repeat-repair.json");
    assert_eq!(violations(shipped), pairs(&[]));
    let of_old = r#"{"kind": "KIND_REPEAT_REPAIR", "repeatRepair": {"rules": [{"id": "a",
        "noticeRequiredFor": ["safety"], "noticeTo": "the maker",
        "tests": [{"kind": "KIND_SAFETY", "threshold": 1, "exclusive": true}]}]}}"#;
    assert_eq!(violations(of_old), pairs(&[]));
}
