//! A trace as it looks on a terminal.

use ownerline_proto::v1::{Actor, RecordedTouchpoint, Touchpoint, TouchpointRef, TracePack, actor};
use pbjson_types::Duration;

use super::*;
use crate::cli::time::instant;

fn entry(time: &str, headline: &str, reasons: &[(Kind, &str)]) -> TraceEntry {
    let reasons = reasons.iter().map(|(kind, about)| {
        let is_through = matches!(kind, Kind::Cause | Kind::Effect | Kind::Replacement);
        let mut reason = TraceReason {
            kind: (*kind).into(),
            ..TraceReason::default()
        };
        match is_through {
            true => reason.through = reference(about),
            false => reason.shared_id = (*about).to_owned(),
        }
        reason
    });
    TraceEntry {
        recorded: Some(RecordedTouchpoint {
            touchpoint: Some(Touchpoint {
                occurred_at: instant(time).ok(),
                ..Touchpoint::default()
            }),
            ..RecordedTouchpoint::default()
        }),
        headline: headline.to_owned(),
        reasons: reasons.collect(),
        standing: Standing::InForce.into(),
        ..TraceEntry::default()
    }
}

fn reference(id: &str) -> Option<TouchpointRef> {
    Some(TouchpointRef {
        source: "//crm".to_owned(),
        id: id.to_owned(),
    })
}

fn after(mut entry: TraceEntry, seconds: i64) -> TraceEntry {
    entry.since_previous = Some(Duration { seconds, nanos: 0 });
    entry
}

fn by_agent(mut entry: TraceEntry) -> TraceEntry {
    let recorded = entry.recorded.get_or_insert_default();
    let touchpoint = recorded.touchpoint.get_or_insert_default();
    touchpoint.actor = Some(Actor {
        id: "ann".to_owned(),
        kind: actor::Kind::Human.into(),
        role: "agent".to_owned(),
        dealer_id: String::new(),
    });
    "Contact Desk Ltd".clone_into(&mut touchpoint.operated_by);
    "Halcyra".clone_into(&mut touchpoint.on_behalf_of);
    entry
}

#[test]
fn a_trace_is_told_along_a_time_axis_with_its_silences() {
    let visit = entry(
        "2025-01-10T17:00:00Z",
        "Defect reported: \"the engine light comes on\"",
        &[(Kind::Defect, "f1"), (Kind::Visit, "v1")],
    );
    let mut call = by_agent(entry(
        "2025-02-10T15:00:00Z",
        "Contact made, 20 min, about \"the light\", which is on again after it was repaired twice",
        &[
            (Kind::Case, ""),
            (Kind::Cause, "open"),
            (Kind::Correlation, "K"),
        ],
    ));
    call.pack = Some(TracePack {
        age: Some(Duration {
            seconds: 5_400,
            nanos: 0,
        }),
        ..TracePack::default()
    });
    let opened = entry(
        "2025-02-10T15:20:00Z",
        "Case opened",
        &[(Kind::Case, ""), (Kind::Effect, "call")],
    );
    let mut wrong = entry("2025-02-11T16:00:00Z", "Note", &[(Kind::Case, "")]);
    wrong.standing = Standing::Retracted.into();
    wrong.retracted_by = reference("never");
    let mut never = entry(
        "2025-02-11T17:00:00Z",
        "Touchpoint retracted",
        &[(Kind::Replacement, "note")],
    );
    never.not_yet_known = 2;
    let answer = TraceCaseResponse {
        entries: vec![
            visit,
            after(call, 30 * DAY + 79_200),
            after(opened, 1_200),
            after(wrong, DAY),
            after(never, DAY + 3_600),
        ],
        total: 5,
        in_force: 4,
        first_at: instant("2025-01-10T17:00:00Z").ok(),
        last_at: instant("2025-02-11T17:00:00Z").ok(),
        as_of: instant("2025-04-01").ok(),
        ..TraceCaseResponse::default()
    };
    insta::assert_snapshot!(told("case-1", &answer, 72));
}

#[test]
fn a_case_of_which_nothing_has_happened_yet_has_a_heading() {
    let answer = TraceCaseResponse {
        as_of: instant("2025-04-01").ok(),
        ..TraceCaseResponse::default()
    };
    let text = told("case-1", &answer, 72);
    assert_eq!(text.lines().count(), 1, "{text}");
}
