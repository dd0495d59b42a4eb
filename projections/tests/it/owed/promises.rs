//! The fate of promises and tasks.

use ownerline_projections::obligation::case::{Fate, Promise, PromiseFlag, promises};
use ownerline_projections::obligation::{Remark, State};
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::{assigned, broken, done, kept, made, now, of_kind, on, owed, withdrawn};
use crate::case::{HOUR, closed, opened};
use crate::history::TestTouchpoint;

fn fates(said: &[TestTouchpoint], as_of: i64) -> Vec<Promise> {
    now(said, as_of, promises)
}

/// Id, fate and flags.
fn brief(said: &[TestTouchpoint], as_of: i64) -> Vec<(String, Fate, Vec<PromiseFlag>)> {
    let all = fates(said, as_of).into_iter();
    all.map(|it| (it.id, it.fate, it.flags)).collect()
}

#[test]
fn a_declared_break_a_withdrawal_and_a_missed_date_stay_a_miss_beyond_the_closing() {
    let due = Some(on(10, 0));
    let said = [
        opened("open", on(1, 10)),
        made("m1", on(2, 0), "p1", due),
        made("m2", on(2, 0), "p2", due),
        made("m3", on(2, 0), "p3", due),
        broken("b1", on(8, 0), "p1"),
        kept("k1", on(9, 0), "p1"),
        withdrawn("w2", on(10, 0) - 1_000_000_000, "p2"),
        kept("k9", on(5, 0), "p9"),
        closed("close", on(9, 0), &[]),
    ];
    let as_of = on(11, 0);
    let expected = [
        ("p1", Fate::KeptLate, vec![PromiseFlag::BrokenAndKept]),
        ("p2", Fate::Withdrawn, vec![]),
        ("p3", Fate::Overdue, vec![]),
        ("p9", Fate::Kept, vec![PromiseFlag::Unmatched]),
    ];
    let expected = expected.map(|(id, fate, flags)| (id.to_owned(), fate, flags));
    assert_eq!(brief(&said, as_of), expected);
    let owed = owed(&said, as_of);
    let states: Vec<_> = of_kind(&owed, Kind::Commitment)
        .into_iter()
        .map(|it| {
            (
                it.subject_id.as_str(),
                it.outcome.state,
                it.outcome.in_time_as_told,
            )
        })
        .collect();
    // What was kept and never made is owed by no date.
    assert_eq!(
        states,
        [
            ("p1", State::AnsweredLate, Some(false)),
            ("p2", State::ClosedUnanswered, Some(false)),
            ("p3", State::Open, Some(false)),
        ]
    );
    // Before it was kept after all, it was broken.
    let before = brief(&said, on(8, 12));
    assert_eq!(before[0].1, Fate::Broken);
}

#[test]
fn a_date_moved_before_it_fell_due_is_forgotten_and_one_moved_later_stays_missed() {
    let said = [
        opened("open", on(1, 10)),
        made("m1", on(2, 0), "p1", Some(on(10, 0))),
        made("n1", on(9, 0), "p1", Some(on(20, 0))),
        made("m2", on(2, 0), "p2", Some(on(10, 0))),
        made("n2", on(11, 0), "p2", Some(on(20, 0))),
        kept("k1", on(15, 0), "p1"),
        kept("k2", on(15, 0), "p2"),
    ];
    let moved = vec![PromiseFlag::DueMoved];
    let moved_late = vec![PromiseFlag::DueMoved, PromiseFlag::MovedAfterDue];
    let at = |as_of| {
        let found = brief(&said, as_of).into_iter();
        found
            .map(|(_, fate, flags)| (fate, flags))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        at(on(10, 12)),
        [(Fate::Open, moved.clone()), (Fate::Overdue, vec![])]
    );
    assert_eq!(
        at(on(12, 0)),
        [
            (Fate::Open, moved.clone()),
            (Fate::Open, moved_late.clone())
        ]
    );
    assert_eq!(
        at(on(16, 0)),
        [(Fate::Kept, moved), (Fate::KeptLate, moved_late)]
    );
    let owed = owed(&said, on(12, 0));
    let commitments = of_kind(&owed, Kind::Commitment);
    let times: Vec<_> = commitments
        .iter()
        .map(|it| {
            (
                it.outcome.due_at,
                it.outcome.in_time_until,
                it.outcome.is_due(),
            )
        })
        .collect();
    let new = Some(on(20, 0));
    assert_eq!(times, [(new, new, false), (new, Some(on(10, 0)), true)]);
    assert_eq!(
        commitments[1].notes,
        [Remark::DueMoved, Remark::MovedAfterDue]
    );
}

#[test]
fn what_ended_is_made_anew_in_a_round_of_its_own() {
    let said = [
        opened("open", on(1, 10)),
        made("m1", on(2, 0), "p", Some(on(3, 0))),
        broken("b", on(4, 0), "p"),
        made("m2", on(5, 0), "p", Some(on(6, 0))),
        kept("k", on(6, 0), "p"),
        kept("again", on(9, 0), "p"),
    ];
    let found = fates(&said, on(10, 0));
    let rounds: Vec<_> = found.iter().map(|it| (it.round, it.fate)).collect();
    assert_eq!(rounds, [(0, Fate::Broken), (1, Fate::Kept)]);
    let owed = owed(&said, on(10, 0));
    let openers: Vec<_> = of_kind(&owed, Kind::Commitment)
        .iter()
        .map(|it| it.opened_by.id.clone())
        .collect();
    assert_eq!(openers, ["m1", "m2"]);
}

#[test]
fn what_is_due_before_it_is_made_falls_due_at_once_and_what_has_no_date_is_owed_by_none() {
    let said = [
        opened("open", on(1, 10)),
        made("late", on(5, 0), "p1", Some(on(4, 0))),
        made("undated", on(5, 0), "p2", None),
        assigned("task", on(5, 0), "t", on(5, 0) + HOUR),
        done("done", on(5, 0) + HOUR, "t"),
    ];
    let found = brief(&said, on(6, 0));
    let expected = [
        ("p1", Fate::Overdue, vec![PromiseFlag::DueBeforeMade]),
        ("t", Fate::Kept, vec![]),
        ("p2", Fate::Open, vec![]),
    ];
    let expected = expected.map(|(id, fate, flags)| (id.to_owned(), fate, flags));
    assert_eq!(found, expected);
    let owed = owed(&said, on(6, 0));
    let commitments = of_kind(&owed, Kind::Commitment);
    assert_eq!(commitments.len(), 1);
    assert_eq!(commitments[0].outcome.in_time_until, Some(on(5, 0)));
    assert!(commitments[0].outcome.is_due());
    // Done at the deadline itself is in time.
    let tasks = of_kind(&owed, Kind::Task);
    assert_eq!(tasks[0].outcome.state, State::AnsweredInTime);
}

#[test]
fn a_correction_of_a_date_that_had_passed_rewrites_it_and_says_so() {
    let mut corrected = made("fix", on(2, 0), "p", Some(on(20, 0))).correcting("m");
    corrected.recorded_at = Some(on(12, 0));
    let said = [
        opened("open", on(1, 10)),
        made("m", on(2, 0), "p", Some(on(10, 0))),
        corrected,
    ];
    let found = brief(&said, on(13, 0));
    assert_eq!(
        found,
        [(
            "p".to_owned(),
            Fate::Open,
            vec![PromiseFlag::DueCorrectedLate]
        )]
    );
}
