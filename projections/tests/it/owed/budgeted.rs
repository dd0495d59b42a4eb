//! Acknowledgements, updates and resolutions.

use ownerline_projections::obligation::case::obligations;
use ownerline_projections::obligation::{Remark, State};
use ownerline_projections::policy::Policies;
use ownerline_proto::v1::OwnerMessageReceived;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{CaseReassigned, actor};

use super::{
    acknowledged, assigned, broken, by_program, done, kept, line, lines, made, now, of_kind, on,
    owed, received, resolved, rules, seconds, term, update,
};
use crate::case::{DAY, HOUR, by_owner, closed, opened, read, said};
use crate::history::TestTouchpoint;

const MINUTE: i64 = HOUR / 60;

#[test]
fn nothing_new_is_an_update_and_what_a_program_sends_is_none() {
    let said = [
        opened("open", on(1, 10)),
        update("u1", on(5, 10), true),
        update("u2", on(12, 10), false),
        by_program(update("auto", on(15, 10), true)),
        by_owner(said(
            "hello",
            on(17, 10),
            Payload::OwnerMessageReceived(OwnerMessageReceived::default()),
        )),
        update("u3", on(20, 10), false),
    ];
    let late = State::AnsweredLate;
    let in_time = State::AnsweredInTime;
    let line = |kind, by: &str, state, due: i64, end: Option<i64>| {
        (kind, by.to_owned(), state, Some(due), end)
    };
    let due_day_19 = lines(&said, on(19, 10));
    assert_eq!(
        due_day_19,
        [
            line(
                Kind::Acknowledgement,
                "open",
                late,
                on(2, 10),
                Some(on(5, 10))
            ),
            line(
                Kind::ProgressUpdate,
                "open",
                in_time,
                on(8, 10),
                Some(on(5, 10))
            ),
            line(Kind::Resolution, "open", State::Open, on(31, 10), None),
            line(
                Kind::ProgressUpdate,
                "u1",
                in_time,
                on(12, 10),
                Some(on(12, 10))
            ),
            line(Kind::ProgressUpdate, "u2", State::Open, on(19, 10), None),
        ]
    );
    let open = &owed(&said, on(19, 10))[4];
    assert!(!open.outcome.is_due(), "the deadline itself is in time");
    let later = lines(&said, on(21, 0));
    assert_eq!(
        later[4..],
        [
            line(
                Kind::ProgressUpdate,
                "u2",
                late,
                on(19, 10),
                Some(on(20, 10))
            ),
            line(Kind::ProgressUpdate, "u3", State::Open, on(27, 10), None),
        ]
    );
}

#[test]
fn a_rejected_outcome_was_none_and_updates_are_owed_from_the_rejection() {
    let rejected = by_owner(said(
        "no",
        on(12, 10),
        Payload::ResolutionRejected(Default::default()),
    ));
    let said = [
        opened("open", on(1, 10)),
        resolved("r1", on(10, 10)),
        rejected,
        resolved("r2", on(51, 10)),
        by_owner(said(
            "yes",
            on(52, 10),
            Payload::ResolutionConfirmed(Default::default()),
        )),
    ];
    let before = owed(&said, on(11, 0));
    assert_eq!(
        of_kind(&before, Kind::Resolution)[0].outcome.state,
        State::AnsweredInTime
    );
    assert_eq!(of_kind(&before, Kind::ProgressUpdate).len(), 1);
    let after = owed(&said, on(60, 0));
    let found: Vec<_> = after.iter().map(line).collect();
    let late = State::AnsweredLate;
    let open = "open".to_owned();
    let expected = [
        (
            Kind::Acknowledgement,
            open.clone(),
            State::Open,
            Some(on(2, 10)),
            None,
        ),
        (
            Kind::ProgressUpdate,
            open.clone(),
            late,
            Some(on(8, 10)),
            Some(on(10, 10)),
        ),
        (
            Kind::Resolution,
            open,
            late,
            Some(on(31, 10)),
            Some(on(51, 10)),
        ),
        (
            Kind::ProgressUpdate,
            "no".to_owned(),
            late,
            Some(on(19, 10)),
            Some(on(51, 10)),
        ),
    ];
    assert_eq!(found, expected);
    assert_eq!(after[2].notes, [Remark::ResolutionRejected]);
    assert_eq!(after[2].answer.as_ref().unwrap().key.id, "r2");
    assert_eq!(seconds(&after[2]), 4_320_000);
    // While the outcome is void, it is open from its original start.
    let void = owed(&said, on(13, 0));
    let resolution = of_kind(&void, Kind::Resolution)[0].outcome;
    assert_eq!((resolution.state, resolution.ended_at), (State::Open, None));
}

#[test]
fn a_pause_stops_the_resolution_until_the_owner_writes_anywhere_and_stops_no_other_clock() {
    let paused = |id, at| said(id, at, Payload::CasePausedOnOwner(Default::default()));
    let mail = by_owner(said(
        "mail",
        on(21, 10),
        Payload::OwnerMessageReceived(OwnerMessageReceived::default()),
    ))
    .about(|it| {
        it.case_id = String::new();
        it.feedback_id = "another".to_owned();
        it.owner_id = "ann".to_owned();
    });
    let said = [
        opened("open", on(1, 10)),
        paused("wait", on(11, 10)),
        mail,
        said(
            "go on",
            on(25, 10),
            Payload::CaseResumed(Default::default()),
        ),
        paused("wait again", on(30, 10)),
    ];
    let day_28 = owed(&said, on(28, 0));
    let due: Vec<_> = day_28
        .iter()
        .map(|it| (it.kind, it.outcome.due_at))
        .collect();
    assert_eq!(
        due,
        [
            (Kind::Acknowledgement, Some(on(2, 10))),
            (Kind::ProgressUpdate, Some(on(8, 10))),
            (Kind::Resolution, Some(on(41, 10))),
        ]
    );
    assert_eq!(seconds(&day_28[2]), 1_432_800);
    let day_60 = owed(&said, on(60, 0));
    assert_eq!(day_60[2].outcome.due_at, None);
    assert_eq!(seconds(&day_60[2]), 1_641_600);
    assert_eq!(seconds(&day_60[1]), 59 * 86_400 - 36_000);
}

#[test]
fn a_closing_ends_what_is_owed_by_a_budget_and_only_a_reopening_begins_anew() {
    let said = [
        closed("close", 0, &["the same colour"]),
        opened("open", 9 * HOUR),
        acknowledged("ack", 11 * HOUR),
        said(
            "again",
            on(32, 0),
            Payload::CaseReopened(Default::default()),
        ),
    ];
    let closed_unanswered = |it: &super::Line| it.2 == State::ClosedUnanswered;
    let before = lines(&said, on(15, 0));
    assert_eq!(before.len(), 3);
    assert!(before.iter().all(closed_unanswered), "{before:?}");
    assert_eq!(owed(&said, on(15, 0)).iter().map(seconds).max(), Some(0));
    let after = lines(&said, on(32, 5));
    let begun: Vec<_> = after.iter().filter(|it| it.1 == "again").collect();
    assert_eq!(begun.len(), 3);
    assert!(begun.iter().all(|it| it.2 == State::Open));
    // As of the morning, nothing but the closing had occurred: it opens the case, and closes it.
    let morning = owed(&said, 5 * HOUR);
    assert!(
        morning
            .iter()
            .all(|it| it.notes == [Remark::OpeningMissing])
    );
    assert!(morning.iter().map(line).all(|it| closed_unanswered(&it)));
}

#[test]
fn without_its_opening_a_case_owes_from_its_first_touchpoint() {
    let retracted = TestTouchpoint::new("touchpoint_retracted", "wrong", on(4, 0))
        .about(|it| it.case_id = "c".to_owned())
        .retracting("crm", "open");
    let said = [
        opened("open", on(1, 10)),
        acknowledged("ack", on(3, 10)),
        retracted,
    ];
    let terms = Policies::shipped_only().terms();
    let before = read(&received(&said), on(4, 0), 2, |history, _| {
        obligations(history, &terms)
    });
    let before = before.unwrap();
    assert_eq!(
        (before[0].outcome.state, seconds(&before[0])),
        (State::AnsweredLate, 172_800)
    );
    let after = owed(&said, on(4, 0));
    let first = &after[0];
    assert_eq!(
        (first.outcome.state, seconds(first)),
        (State::AnsweredInTime, 0)
    );
    assert_eq!(first.opened_by.id, "ack");
    assert_eq!(first.answer.as_ref().unwrap().key.id, "ack");
    assert_eq!(first.notes, [Remark::OpeningMissing]);
}

#[test]
fn the_engine_light_owes_what_was_promised_and_when() {
    let february = |day, hour, minute| on(day, hour) + minute * MINUTE;
    let said = [
        opened("open", february(10, 15, 20)),
        acknowledged("ack", february(10, 15, 21)),
        made(
            "m1",
            february(11, 12, 0),
            "loaner",
            Some(february(14, 12, 0)),
        ),
        made(
            "m2",
            february(11, 12, 1),
            "friday",
            Some(february(14, 18, 0)),
        ),
        assigned("t", february(11, 12, 10), "sensor", february(18, 12, 0)),
        kept("k", february(13, 12, 0), "loaner"),
        broken("b", february(14, 20, 0), "friday"),
        update("nothing", february(17, 15, 0), false),
        done("d", february(19, 12, 0), "sensor"),
        resolved("fixed", february(33, 10, 0)),
        closed("close", february(35, 10, 0), &["the root cause"]),
    ];
    let owed = owed(&said, on(60, 0));
    let found: Vec<_> = owed
        .iter()
        .map(|it| (it.kind, it.outcome.state, seconds(it)))
        .collect();
    assert_eq!(
        found,
        [
            (Kind::Acknowledgement, State::AnsweredInTime, 60),
            (Kind::ProgressUpdate, State::AnsweredInTime, 603_600),
            (Kind::Resolution, State::AnsweredInTime, 1_968_000),
            (Kind::Commitment, State::AnsweredInTime, 172_800),
            (Kind::Commitment, State::ClosedUnanswered, 287_940),
            (Kind::Task, State::AnsweredLate, 690_600),
            (Kind::ProgressUpdate, State::AnsweredLate, 1_364_400),
        ]
    );
}

#[test]
fn a_case_that_moves_runs_on_for_the_new_dealer_and_a_policy_may_demand_their_word() {
    let moved = CaseReassigned {
        to_dealer_id: "d2".to_owned(),
        ..CaseReassigned::default()
    };
    let mut first = acknowledged("of d1", 3 * HOUR).by("ann", actor::Kind::Human);
    first.actor.get_or_insert_default().dealer_id = "d1".to_owned();
    let said = [
        opened("open", 0),
        said("move", 2 * HOUR, Payload::CaseReassigned(moved)),
        first,
        acknowledged("of nobody", 4 * HOUR),
    ];
    let mut only = term(Kind::Acknowledgement, DAY);
    only.responsible_only = true;
    for (term, answered_by) in [
        (term(Kind::Acknowledgement, DAY), "of d1"),
        (only, "of nobody"),
    ] {
        let owed = now(&said, DAY, |history| {
            obligations(history, &rules(vec![term]))
        });
        assert_eq!(owed.len(), 1, "what a policy does not name is not owed");
        let dealers = (
            owed[0].dealer_at_start.as_str(),
            owed[0].dealer_at_end.as_str(),
        );
        assert_eq!(dealers, ("d1", "d2"));
        assert_eq!(owed[0].answer.as_ref().unwrap().key.id, answered_by);
    }
}
