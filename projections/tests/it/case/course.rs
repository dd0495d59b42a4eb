//! Opening, episodes, outcomes, pauses, and the state that follows from them.

use std::collections::BTreeSet;

use ownerline_projections::cases::{CaseFact, CaseFlag, CaseState, Verdict, dealers};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{CaseReassigned, OwnerMessageReceived};

use super::{DAY, HOUR, by_owner, closed, flags, now, opened, read, said, state};
use crate::history::TestTouchpoint;

fn reopened(id: &str, at: i64) -> TestTouchpoint {
    said(id, at, Payload::CaseReopened(Default::default()))
}

fn resolved(id: &str, at: i64) -> TestTouchpoint {
    said(id, at, Payload::CaseResolved(Default::default()))
}

fn rejected(id: &str, at: i64) -> TestTouchpoint {
    by_owner(said(
        id,
        at,
        Payload::ResolutionRejected(Default::default()),
    ))
}

fn confirmed(id: &str, at: i64) -> TestTouchpoint {
    by_owner(said(
        id,
        at,
        Payload::ResolutionConfirmed(Default::default()),
    ))
}

fn paused(id: &str, at: i64) -> TestTouchpoint {
    said(id, at, Payload::CasePausedOnOwner(Default::default()))
}

fn resumed(id: &str, at: i64) -> TestTouchpoint {
    said(id, at, Payload::CaseResumed(Default::default()))
}

fn only(flag: CaseFlag) -> BTreeSet<CaseFlag> {
    BTreeSet::from([flag])
}

/// When each episode began and ended.
fn spans(said: &[TestTouchpoint], as_of: i64) -> Vec<(i64, Option<i64>)> {
    now(said, as_of, |_, course| {
        let episodes = course.episodes.iter();
        episodes.map(|it| (it.from, it.until())).collect()
    })
}

#[test]
fn a_closing_told_as_the_midnight_before_the_opening_closes_it_until_a_reopening() {
    let said = [
        closed("close", 0, &["the same colour"]),
        opened("open", 9 * HOUR),
        said(
            "ack",
            11 * HOUR,
            Payload::CaseAcknowledged(Default::default()),
        ),
        reopened("again", 31 * DAY),
    ];
    // As of the morning nothing but the closing is known to have occurred.
    assert_eq!(state(&said, 5 * HOUR), CaseState::Closed);
    assert_eq!(flags(&said, 5 * HOUR), only(CaseFlag::OpeningMissing));
    assert_eq!(spans(&said, 5 * HOUR), [(0, Some(0))]);
    assert_eq!(state(&said, 14 * DAY), CaseState::Closed);
    assert_eq!(flags(&said, 14 * DAY), only(CaseFlag::ClosedFirst));
    assert_eq!(spans(&said, 14 * DAY), [(9 * HOUR, Some(9 * HOUR))]);
    assert_eq!(state(&said, 32 * DAY), CaseState::Open);
    let both = [(9 * HOUR, Some(9 * HOUR)), (31 * DAY, None)];
    assert_eq!(spans(&said, 32 * DAY), both);
}

#[test]
fn a_case_whose_opening_was_retracted_goes_on_from_its_first_touchpoint() {
    let said = [
        opened("open", 0),
        said(
            "ack",
            2 * DAY,
            Payload::CaseAcknowledged(Default::default()),
        ),
        said("x", 3 * DAY, Payload::CaseNoteAdded(Default::default())).retracting("", "open"),
    ];
    let opening = |known_at| {
        let id = |fact: &CaseFact| fact.key.id.clone();
        let opening = read(&said, 30 * DAY, known_at, |history, course| {
            let flags = course.flags.len();
            (course.opening.map(id), flags, history.owners())
        });
        opening.unwrap()
    };
    let ann = || vec!["ann".to_owned()];
    assert_eq!(opening(2), (Some("open".to_owned()), 0, ann()));
    assert_eq!(opening(3), (Some("ack".to_owned()), 1, Vec::new()));
    // The retraction itself begins nothing.
    let nothing = [said[0].clone(), said[2].clone()];
    assert_eq!(state(&nothing, 30 * DAY), CaseState::NotOpened);
    assert!(read(&nothing, 30 * DAY, 0, |_, _| ()).is_none());
}

#[test]
fn a_rejected_outcome_was_none_and_a_second_one_stands() {
    let said = [
        opened("open", 0),
        resolved("first", 9 * DAY),
        rejected("no", 11 * DAY),
        resolved("second", 50 * DAY),
        confirmed("yes", 51 * DAY),
    ];
    let stands = |as_of| {
        now(&said, as_of, |_, course| {
            let last = course.last().unwrap();
            let by = last.resolved_by().map(|it| it.key.id.clone());
            (course.state(), last.verdict(), by.unwrap_or_default())
        })
    };
    let (open, resolved) = (CaseState::Open, CaseState::Resolved);
    assert_eq!(
        stands(10 * DAY),
        (resolved, Verdict::Unconfirmed, "first".to_owned())
    );
    assert_eq!(stands(12 * DAY), (open, Verdict::Rejected, String::new()));
    assert_eq!(
        stands(60 * DAY),
        (resolved, Verdict::Confirmed, "second".to_owned())
    );
    assert_eq!(flags(&said, 60 * DAY), BTreeSet::new());
}

#[test]
fn a_rejection_after_the_closing_reopens_nothing() {
    let said = [
        opened("open", 0),
        resolved("done", DAY),
        closed("close", 2 * DAY, &[]),
        rejected("no", 3 * DAY),
    ];
    assert_eq!(state(&said, 4 * DAY), CaseState::Closed);
    assert_eq!(flags(&said, 4 * DAY), only(CaseFlag::RejectedAfterClosing));
}

#[test]
fn a_second_closing_adds_unmet_requests_and_a_second_opening_changes_nothing_unless_it_was_closed()
{
    let said = [
        opened("open", 0),
        opened("twice", DAY),
        closed("close", 2 * DAY, &["a"]),
        closed("also", 3 * DAY, &["b"]),
        opened("again", 4 * DAY),
        reopened("in vain", 5 * DAY),
    ];
    let closings = now(&said, 9 * DAY, |_, course| {
        course.episodes[0].closings.len()
    });
    assert_eq!(closings, 2);
    assert_eq!(spans(&said, 9 * DAY), [(0, Some(2 * DAY)), (4 * DAY, None)]);
    let odd = [
        CaseFlag::OpenedTwice,
        CaseFlag::ClosedTwice,
        CaseFlag::OpenedAgain,
        CaseFlag::ReopenedWhileOpen,
    ];
    assert_eq!(flags(&said, 9 * DAY), BTreeSet::from(odd));
}

#[test]
fn a_resolved_case_can_be_opened_again_without_a_closing() {
    let said = [
        opened("open", 0),
        resolved("done", DAY),
        reopened("again", 2 * DAY),
    ];
    assert_eq!(state(&said, 3 * DAY), CaseState::Open);
    assert_eq!(spans(&said, 3 * DAY), [(0, Some(2 * DAY)), (2 * DAY, None)]);
}

/// When each pause began and ended, and what ended it.
fn pauses(said: &[TestTouchpoint], as_of: i64) -> Vec<(i64, Option<i64>, String)> {
    now(said, as_of, |_, course| {
        let pauses = course.pauses().map(|it| {
            let ended_by = it.ended_by.map(|it| it.key.id.clone());
            (it.from(), it.until(), ended_by.unwrap_or_default())
        });
        pauses.collect()
    })
}

fn writes(id: &str, at: i64, feedback_id: &str, owner_id: &str) -> TestTouchpoint {
    let payload = Payload::OwnerMessageReceived(OwnerMessageReceived::default());
    TestTouchpoint::with_payload(id, at, payload).about(|it| {
        feedback_id.clone_into(&mut it.feedback_id);
        owner_id.clone_into(&mut it.owner_id);
    })
}

#[test]
fn a_pause_ends_with_the_owners_words_in_any_matter_under_any_id() {
    let said = [
        opened("open", 0),
        paused("wait", 10 * DAY),
        writes("photo", 20 * DAY, "another", "ann2"),
        TestTouchpoint::new("", "link", -500 * DAY)
            .linking("ann")
            .about(|it| it.owner_id = "ann2".to_owned()),
        resumed("late", 24 * DAY),
        paused("again", 29 * DAY),
    ];
    let ended = (10 * DAY, Some(20 * DAY), "photo".to_owned());
    assert_eq!(pauses(&said, 27 * DAY), std::slice::from_ref(&ended));
    assert_eq!(state(&said, 27 * DAY), CaseState::Open);
    assert_eq!(flags(&said, 27 * DAY), only(CaseFlag::ResumedWithoutPause));
    assert_eq!(state(&said, 30 * DAY), CaseState::PausedOnOwner);
    assert_eq!(
        pauses(&said, 30 * DAY),
        [ended, (29 * DAY, None, String::new())]
    );
    // Before the link was recorded nobody could know whose words they were.
    let waiting = read(&said, 23 * DAY, 3, |_, course| course.state());
    assert_eq!(waiting, Some(CaseState::PausedOnOwner));
}

#[test]
fn a_pause_ends_with_a_contact_that_the_owner_began_and_not_with_one_of_the_brand() {
    let contact = |id: &str, at, proactive| {
        let payload = Payload::ContactMade(ownerline_proto::v1::ContactMade {
            proactive,
            ..Default::default()
        });
        TestTouchpoint::with_payload(id, at, payload).about(|it| it.owner_id = "ann".to_owned())
    };
    let said = [
        contact("earlier", 9 * DAY, false),
        opened("open", 0),
        paused("wait", 10 * DAY),
        contact("ours", 11 * DAY, true),
        contact("theirs", 12 * DAY, false),
    ];
    let ended = (10 * DAY, Some(12 * DAY), "theirs".to_owned());
    assert_eq!(pauses(&said, 20 * DAY), [ended]);
}

#[test]
fn a_pause_ends_with_the_closing_and_none_begins_while_it_is_closed() {
    let said = [
        opened("open", 0),
        paused("wait", DAY),
        paused("twice", 2 * DAY),
        closed("close", 3 * DAY, &[]),
        paused("closed", 4 * DAY),
    ];
    let ended = (DAY, Some(3 * DAY), "close".to_owned());
    assert_eq!(pauses(&said, 5 * DAY), [ended]);
    let odd = [CaseFlag::PausedTwice, CaseFlag::PausedWhileClosed];
    assert_eq!(flags(&said, 5 * DAY), BTreeSet::from(odd));
}

#[test]
fn a_case_moves_from_dealer_to_dealer_when_it_is_reassigned() {
    let moves = |id: &str, at, from: &str, to: &str| {
        let payload = Payload::CaseReassigned(CaseReassigned {
            from_dealer_id: from.to_owned(),
            to_dealer_id: to.to_owned(),
        });
        said(id, at, payload)
    };
    let spans = |said: &[TestTouchpoint]| {
        now(said, 9 * DAY, |history, course| {
            let spans = dealers(history, course).into_iter();
            let spans = spans.map(|it| (it.dealer_id, it.from / DAY, it.until.map(|at| at / DAY)));
            spans.collect::<Vec<_>>()
        })
    };
    let named = |dealer: &str| dealer.to_owned();
    let twice = [
        opened("open", 0),
        moves("1", 2 * DAY, "d1", "d2"),
        moves("2", 4 * DAY, "", "d1"),
    ];
    let of_three = [
        (named("d1"), 0, Some(2)),
        (named("d2"), 2, Some(4)),
        (named("d1"), 4, None),
    ];
    assert_eq!(spans(&twice), of_three);
    let unnamed = opened("open", 0).about(|it| it.dealer_id.clear());
    assert_eq!(
        spans(std::slice::from_ref(&unnamed)),
        [(String::new(), 0, None)]
    );
    // Who gave it away had it.
    let given = [unnamed, moves("1", 2 * DAY, "d7", "d2")];
    assert_eq!(
        spans(&given),
        [(named("d7"), 0, Some(2)), (named("d2"), 2, None)]
    );
}
