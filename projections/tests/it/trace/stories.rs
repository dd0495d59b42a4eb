//! What belongs to the trace of a case, and why, in small stories.

use ownerline_projections::{AnswerError, Position, Viewer};
use ownerline_proto::v1::actor::Kind as ActorKind;

use super::touchpoints::*;
use super::{ask, ids, question, reasons, traced};

const END: i64 = 1_000 * DAY;

/// The engine light comes back: two visits with a name for the fault of their own, a complaint, a call to the
/// manufacturer that opens a case, and a foreman who says that it is one fault.
fn engine_light() -> Vec<Said> {
    vec![
        dropped_off("drop-1", DAY, "v1"),
        defect("light-1", DAY, "v1", "f1"),
        attempt("repair-1", 3 * DAY, "v1", "f1"),
        dropped_off("drop-2", 20 * DAY, "v2"),
        defect("light-2", 20 * DAY, "v2", "f2"),
        feedback("complaint", 25 * DAY, "fb1").of_visit("v2"),
        replied("sorry", 26 * DAY, "fb1"),
        contact("call", 27 * DAY).of_case("c1").correlated("K"),
        opened("open", 27 * DAY + HOUR, "c1", "fb1")
            .caused_by("call")
            .correlated("K"),
        linked("one-fault", 28 * DAY, "c1", ["f2", "f1"]),
        goodwill("voucher", 30 * DAY).correlated("K"),
        goodwill("birthday", 31 * DAY),
        note("other", 31 * DAY, "c2"),
    ]
}

#[test]
fn a_case_brings_its_feedback_its_defects_their_visits_and_its_conversation() {
    let trace = traced(&log(engine_light()), "c1", END);
    assert_eq!(
        ids(&trace),
        [
            "drop-1",
            "light-1",
            "repair-1",
            "drop-2",
            "light-2",
            "complaint",
            "sorry",
            "call",
            "open",
            "one-fault",
            "voucher"
        ]
    );
    for (id, why) in [
        ("drop-1", "Visit v1"),
        ("light-1", "Defect f1, Visit v1"),
        ("repair-1", "Defect f1, Visit v1"),
        ("light-2", "Defect f2, Visit v2"),
        ("complaint", "Feedback fb1"),
        ("sorry", "Feedback fb1"),
        ("call", "Case, Cause through open, Correlation K"),
        ("open", "Case, Effect through call, Correlation K"),
        ("one-fault", "Case, Defect f2"),
        ("voucher", "Correlation K"),
    ] {
        assert_eq!(reasons(&trace, id), why, "{id}");
    }
}

#[test]
fn entries_say_the_time_since_the_one_before_and_the_trace_its_period() {
    let trace = traced(&log(engine_light()), "c1", END);
    let since = trace.entries.iter().map(|it| it.since_previous);
    let since: Vec<Option<i64>> = since.collect();
    let days = [0, 2, 17, 0, 5, 1, 1].map(|days| days * DAY);
    let then = [HOUR, DAY - HOUR, 2 * DAY];
    let expected = days.into_iter().chain(then).map(Some);
    assert_eq!(
        since,
        [None].into_iter().chain(expected).collect::<Vec<_>>()
    );
    assert_eq!(trace.period, Some((DAY, 30 * DAY)));
    assert_eq!((trace.total, trace.in_force), (11, 11));
    assert!(!trace.is_cut && trace.is_complete);
}

#[test]
fn a_visit_that_only_the_feedback_names_is_another_matter() {
    let trace = traced(
        &log([
            dropped_off("drop", DAY, "v1"),
            feedback("complaint", 2 * DAY, "fb1").of_visit("v1"),
            opened("open", 3 * DAY, "c1", "fb1"),
        ]),
        "c1",
        END,
    );
    assert_eq!(ids(&trace), ["complaint", "open"]);
}

#[test]
fn what_the_core_names_belongs_also_if_nothing_links_it() {
    let trace = traced(
        &log([
            dropped_off("drop", DAY, "v1"),
            defect("noise", DAY, "v2", "f1"),
            dropped_off("drop-2", DAY, "v2"),
            feedback("answer", 4 * DAY, "fb2"),
            note("first", 2 * DAY, "c1").of_visit("v1"),
            note("second", 3 * DAY, "c1")
                .of_defect("f1")
                .of_feedback("fb2"),
        ]),
        "c1",
        END,
    );
    assert_eq!(
        ids(&trace),
        ["drop", "drop-2", "noise", "first", "second", "answer"]
    );
    assert_eq!(reasons(&trace, "second"), "Case, Defect f1");
}

#[test]
fn links_of_programs_are_none_and_a_human_can_undo_one() {
    let with = |links: Vec<Said>| {
        let mut said = vec![
            defect("first", DAY, "v1", "f1"),
            defect("second", 2 * DAY, "v2", "f2"),
            note("note", 3 * DAY, "c1").of_defect("f2"),
        ];
        said.extend(links);
        ids(&traced(&log(said), "c1", END)).contains(&"first")
    };
    let link = || linked("link", 4 * DAY, "c2", ["f1", "f2"]);
    assert!(with(vec![link()]), "a link in another case connects, too");
    assert!(!with(vec![link().by(ActorKind::System)]));
    assert!(!with(vec![link().by(ActorKind::Bot)]));
    let undone = || unlinked("undone", 5 * DAY, "c3", ["f2", "f1"]);
    assert!(!with(vec![link(), undone()]));
    assert!(!with(vec![undone(), link()]), "whichever arrives first");
    let again = || linked("again", 6 * DAY, "c3", ["f2", "f1"]);
    assert!(with(vec![again(), link(), undone()]));
    assert!(with(vec![link(), undone().by(ActorKind::Bot)]));
    let gone = retracted("gone", 7 * DAY, "link").of_case("c2");
    assert!(!with(vec![link(), gone]));
}

#[test]
fn links_connect_over_other_defects() {
    let trace = traced(
        &log([
            defect("far", DAY, "v4", "f4"),
            linked("a", 5 * DAY, "c9", ["f3", "f4"]),
            linked("b", 6 * DAY, "c8", ["f2", "f3"]),
            note("note", 3 * DAY, "c1").of_defect("f2"),
        ]),
        "c1",
        END,
    );
    assert_eq!(ids(&trace), ["far", "note", "a", "b"]);
    assert_eq!(reasons(&trace, "far"), "Defect f4, Visit v4");
    assert_eq!(reasons(&trace, "a"), "Defect f3");
}

#[test]
fn causes_and_effects_are_followed_each_in_its_direction() {
    let trace = traced(
        &log([
            note("root", DAY, "c2"),
            contact("call", 2 * DAY).caused_by("root"),
            goodwill("sibling", 3 * DAY).caused_by("call"),
            opened("open", 4 * DAY, "c1", "").caused_by("call"),
            notified("told", 5 * DAY, "open"),
            viewed("seen", 6 * DAY, "told"),
            contact("asks", 7 * DAY).caused_by("seen"),
            goodwill("cousin", 8 * DAY).caused_by("sibling"),
        ]),
        "c1",
        END,
    );
    assert_eq!(
        ids(&trace),
        ["root", "call", "open", "told", "seen", "asks"]
    );
    assert_eq!(reasons(&trace, "root"), "Cause through call");
    assert_eq!(reasons(&trace, "call"), "Cause through open");
    assert_eq!(reasons(&trace, "told"), "Effect through open");
    assert_eq!(reasons(&trace, "asks"), "Effect through seen");
}

#[test]
fn corrected_and_retracted_ones_stand_beside_what_replaced_them() {
    let trace = traced(
        &log([
            note("wrong", DAY, "c1").of_visit("v1"),
            note("right", 2 * DAY, "c1").correcting("wrong"),
            contact("mistake", 3 * DAY).of_case("c1").caused_by("ad"),
            retracted("never", 4 * DAY, "mistake").of_owner("ann"),
            goodwill("ad", DAY),
            dropped_off("drop", DAY, "v1"),
        ]),
        "c1",
        END,
    );
    assert_eq!(
        ids(&trace),
        ["drop", "wrong", "right", "mistake", "never"],
        "the correction inherits the visit, and what was retracted brings nothing in"
    );
    let [_, wrong, right, mistake, never] = trace.entries.as_slice() else {
        panic!("five entries");
    };
    assert_eq!(wrong.corrected_by.as_ref().unwrap().id, "right");
    assert_eq!(mistake.retracted_by.as_ref().unwrap().id, "never");
    let in_force = [wrong, right, mistake, never].map(|it| it.in_force);
    assert_eq!(in_force, [false, true, false, true]);
    assert_eq!(reasons(&trace, "mistake"), "Case");
    assert_eq!(reasons(&trace, "never"), "Replacement through mistake");
    assert_eq!(
        never.since_previous,
        Some(2 * DAY),
        "since the last in force"
    );
    assert_eq!((trace.total, trace.in_force), (5, 3));
}

#[test]
fn a_touchpoint_that_is_corrected_out_of_the_case_stays_visible_and_brings_nothing() {
    let trace = traced(
        &log([
            contact("call", DAY).of_case("c1").of_visit("v1"),
            contact("other", DAY).of_case("c2").correcting("call"),
            dropped_off("drop", DAY, "v1"),
            note("note", 2 * DAY, "c1"),
        ]),
        "c1",
        END,
    );
    assert_eq!(ids(&trace), ["call", "other", "note"]);
    assert_eq!(reasons(&trace, "call"), "Case");
    assert_eq!(reasons(&trace, "other"), "Replacement through call");
    assert!(!trace.entries[0].in_force);
}

#[test]
fn a_reference_to_any_touchpoint_of_a_chain_means_the_chain() {
    let trace = traced(
        &log([
            contact("call", DAY).caused_by("letter"),
            contact("call-2", DAY).correcting("call").caused_by("mail"),
            goodwill("letter", 0),
            goodwill("mail", 0),
            opened("open", 2 * DAY, "c1", "").caused_by("call"),
            note("note", 3 * DAY, "c1"),
            note("note-2", 3 * DAY, "c1").correcting("note"),
            notified("told", 4 * DAY, "note"),
        ]),
        "c1",
        END,
    );
    assert_eq!(
        ids(&trace),
        ["mail", "call", "call-2", "open", "note", "note-2", "told"]
    );
    assert_eq!(reasons(&trace, "told"), "Effect through note-2");
    assert_eq!(reasons(&trace, "call"), "Cause through open");
}

#[test]
fn packs_that_were_served_are_no_members() {
    let served = Said::new(
        "pack",
        DAY,
        ownerline_proto::v1::touchpoint::Payload::ContextPackServed(Default::default()),
    );
    let log = log([
        served.of_owner("ann").of_case("c1").correlated("K"),
        note("note", 2 * DAY, "c1")
            .caused_by("pack")
            .correlated("K"),
    ]);
    assert_eq!(ids(&traced(&log, "c1", END)), ["note"]);
}

#[test]
fn a_trace_counts_what_had_happened_and_was_not_known_yet() {
    let trace = traced(
        &log([
            note("promptly", 2 * DAY, "c1"),
            note("late", DAY, "c1"),
            note("later", 0, "c1"),
            note("last", 3 * DAY, "c1"),
        ]),
        "c1",
        END,
    );
    assert_eq!(ids(&trace), ["later", "late", "promptly", "last"]);
    let unknown = trace.entries.iter().map(|it| it.not_yet_known);
    assert_eq!(unknown.collect::<Vec<_>>(), [0, 1, 2, 0]);
}

#[test]
fn both_clocks_bound_a_trace() {
    let log = log(engine_light());
    let known = |known_at, as_of| {
        let viewer = Viewer::unrestricted();
        let trace = ask(&log, &question("c1"), Position(known_at), as_of, &viewer);
        trace.map(|trace| trace.entries.len())
    };
    assert_eq!(
        known(13, 27 * DAY).unwrap(),
        1,
        "the call, and nothing it led to"
    );
    assert_eq!(
        known(9, END).unwrap(),
        4,
        "before anybody linked the defects"
    );
    assert_eq!(
        known(13, 0).unwrap(),
        0,
        "it is known, and nothing has happened yet"
    );
    let unknown = known(7, END).unwrap_err();
    assert!(matches!(unknown, AnswerError::Unknown { what: "case", .. }));
}
