//! Codes of the plant that tell no stage: the mapping in force decides, as known.

use ownerline_projections::orders::OrderSheet;
use ownerline_proto::time;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::stage_mapping_policy::Mapping;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    PolicyPublished, ProductionStage as Stage, ProductionStageReached, StageMappingPolicy,
};

use super::shown::{stage as present, steps};
use super::{Said, ask, at, now, placed, said, stage};
use crate::history::TestTouchpoint;

/// The plant tells a code and no stage.
fn code(when: &str, code: &str) -> TestTouchpoint {
    let payload = ProductionStageReached {
        raw_code: code.to_owned(),
        ..ProductionStageReached::default()
    };
    said(when, Payload::ProductionStageReached(payload)).named(&format!("{code}~{when}"))
}

/// A version of the mapping from an instant on.
fn mapping(version: i32, from: &str, codes: &[(&str, Stage)]) -> TestTouchpoint {
    let mappings = codes.iter().map(|(code, stage)| Mapping {
        raw_code: (*code).to_owned(),
        stage: (*stage).into(),
    });
    let policy = PolicyPublished {
        name: "stages".to_owned(),
        kind: Kind::StageMapping.into(),
        version,
        scope: None,
        effective_from: Some(time::timestamp(at(from))),
        body: Some(Body::StageMapping(StageMappingPolicy {
            mappings: mappings.collect(),
        })),
    };
    let id = format!("mapping-{version}");
    TestTouchpoint::with_payload(&id, at("2024-12-01"), Payload::PolicyPublished(policy))
}

/// The last code that nobody knows, and how many there were.
fn unknown(sheet: &OrderSheet<'_>) -> (Option<String>, usize) {
    let last = sheet.course.last_unknown;
    let steps = sheet.course.steps.iter();
    (
        last.map(|it| it.row.name.clone()),
        steps.filter(|it| it.stage.is_none()).count(),
    )
}

#[test]
fn an_unknown_code_leaves_the_stage_and_is_shown_until_a_stage_is_told() {
    let said = [
        placed("2025-01-01"),
        stage("2025-01-02", Stage::Body),
        code("2025-01-03", "X9"),
        code("2025-01-04", "X9"),
        stage("2025-01-05", Stage::Body),
        code("2025-01-06", "Y1"),
        stage("2025-01-07", Stage::Paint),
    ];
    let seen = |as_of| now(&said, as_of, |it| (present(it), unknown(it)));
    let body = "Body since 2025-01-02".to_owned();
    assert_eq!(seen("2025-01-04"), (body.clone(), (Some("X9".into()), 2)));
    assert_eq!(seen("2025-01-05"), (body.clone(), (None, 2)));
    assert_eq!(seen("2025-01-06"), (body, (Some("Y1".into()), 3)));
    let paint = "Paint since 2025-01-07".to_owned();
    assert_eq!(seen("2025-01-07"), (paint, (None, 3)));
    // No other stage lay between.
    let shown = now(&said, "2025-01-07", steps);
    assert_eq!(
        shown[1..],
        [
            "Unknown ?",
            "Unknown ?",
            "ToldAgain Body",
            "Unknown ?",
            "On Paint"
        ]
    );
}

#[test]
fn a_code_means_what_the_mapping_in_force_when_it_happened_says() {
    let said = [
        placed("2025-01-01"),
        code("2025-01-02", "X9"),
        code("2025-02-02", "X9"),
        stage("2025-02-03", Stage::Quality),
        mapping(
            1,
            "2025-01-01",
            &[("X9", Stage::Body), ("Quality", Stage::Lost)],
        ),
        mapping(2, "2025-02-01", &[("X9", Stage::Paint)]),
    ];
    let shown = |known_at| {
        let asked = ask("o1", "2025-03-01").known_at(known_at);
        asked.sheet(&said, |it| (steps(it), unknown(it).1))
    };
    let (told, body) = (
        "On Quality -Allocated -Scheduled -Frozen -Body -Paint -Assembly -Marriage",
        "On Body -Allocated -Scheduled -Frozen",
    );
    let of = |steps: &[&str], unknown| {
        let steps = steps.iter().map(|it| (*it).to_owned());
        (steps.collect::<Vec<_>>(), unknown)
    };
    assert_eq!(shown(4), of(&["Unknown ?", "Unknown ?", told], 2));
    // What is told wins over any mapping.
    let quality = "On Quality -Paint -Assembly -Marriage";
    assert_eq!(shown(5), of(&[body, "ToldAgain Body", quality], 0));
    let quality = "On Quality -Assembly -Marriage";
    assert_eq!(shown(6), of(&[body, "On Paint", quality], 0));
}

#[test]
fn stages_that_a_mapping_says_stand_in_canonical_order_at_one_instant() {
    let midnight = "2025-03-01T00:00:00Z";
    let said = [
        placed("2025-01-01"),
        mapping(
            1,
            "2025-01-01",
            &[("A1", Stage::Paint), ("B1", Stage::Body)],
        ),
        code(midnight, "A1"),
        code(midnight, "B1"),
        code(midnight, "C1"),
        stage(midnight, Stage::Frozen),
    ];
    let shown = now(&said, "2025-03-02", |it| (present(it), steps(it)));
    assert_eq!(shown.0, "Paint since 2025-03-01T00:00:00Z");
    let order = [
        "Unknown ?",
        "On Frozen -Allocated -Scheduled",
        "On Body",
        "On Paint",
    ];
    assert_eq!(shown.1, order);
}
