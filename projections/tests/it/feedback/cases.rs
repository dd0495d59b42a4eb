//! Resolutions, and the linked cases that affect them.

use ownerline_projections::obligation::State;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CaseClosed, CaseOpened, CasePausedOnOwner, CaseReopened, CaseResolved, CaseResumed,
    ResolutionConfirmed, ResolutionRejected,
};

use super::touchpoints::*;

fn of_case(id: &str, hour: i64, payload: Payload) -> FeedbackTouchpoint {
    FeedbackTouchpoint::new(id, hour, payload).of_case("c1")
}

fn case_opened(hour: i64) -> FeedbackTouchpoint {
    let opened = CaseOpened {
        origin_feedback_id: "f".to_owned(),
        ..CaseOpened::default()
    };
    of_case("opened", hour, Payload::CaseOpened(opened))
}

fn paused(id: &str, hour: i64) -> FeedbackTouchpoint {
    of_case(id, hour, Payload::CasePausedOnOwner(CasePausedOnOwner {}))
}

fn resumed(id: &str, hour: i64) -> FeedbackTouchpoint {
    of_case(id, hour, Payload::CaseResumed(CaseResumed {}))
}

fn resolved(id: &str, hour: i64) -> FeedbackTouchpoint {
    of_case(id, hour, Payload::CaseResolved(CaseResolved::default()))
}

fn confirmed(id: &str, hour: i64) -> FeedbackTouchpoint {
    FeedbackTouchpoint::new(
        id,
        hour,
        Payload::ResolutionConfirmed(ResolutionConfirmed {}),
    )
}

fn rejected(id: &str, hour: i64) -> FeedbackTouchpoint {
    FeedbackTouchpoint::new(id, hour, Payload::ResolutionRejected(ResolutionRejected {}))
}

fn with(more: &[FeedbackTouchpoint]) -> Vec<FeedbackTouchpoint> {
    [&[received(0), case_opened(1)], more].concat()
}

/// (state, ended at, due at) in hours, at hour 100.
fn resolution(more: &[FeedbackTouchpoint]) -> (State, Option<i64>, Option<i64>) {
    let state = state(&with(more), 100);
    let outcome = owed(&state, Kind::Resolution)[0].outcome;
    let hours = |at: Option<i64>| at.map(|at| at / HOUR);
    (
        outcome.state,
        hours(outcome.ended_at),
        hours(outcome.due_at),
    )
}

#[test]
fn waiting_for_the_owner_pauses_the_resolution_and_never_the_first_reply() {
    let touchpoints = [paused("p", 10), resumed("q", 15)];
    assert_eq!(resolution(&touchpoints).2, Some(53));
    let mut pausing = term(Kind::FirstReply, 24);
    pausing.pauses_on_owner = true;
    let state = by(&rules(vec![pausing]), &with(&touchpoints), 100);
    assert_eq!(first(&state).outcome.due_at, Some(24 * HOUR));
    assert!(first(&state).pauses.is_empty());
}

#[test]
fn a_policy_that_does_not_pause_is_not_paused() {
    let touchpoints = with(&[paused("p", 10), resumed("q", 15)]);
    let state = by(&rules(vec![term(Kind::Resolution, 48)]), &touchpoints, 100);
    let resolution = owed(&state, Kind::Resolution)[0];
    assert_eq!(resolution.outcome.due_at, Some(48 * HOUR));
}

#[test]
fn a_pause_ends_with_any_owner_message_on_any_channel() {
    for ends in [
        message("m", 15),
        edited("m", 15, false),
        message("m", 15).of_case("c1"),
    ] {
        let touchpoints = [paused("p", 10), ends, resumed("q", 40)];
        assert_eq!(resolution(&touchpoints).2, Some(53));
    }
    let open = [paused("p", 10)];
    assert_eq!(resolution(&open), (State::Open, None, None));
}

#[test]
fn pauses_of_several_cases_that_overlap_count_once() {
    let second =
        |touchpoint: FeedbackTouchpoint| touchpoint.about(|it| it.case_id = "c2".to_owned());
    let mut other = second(case_opened(1));
    other.touchpoint.id = "opened2".to_owned();
    let touchpoints = [
        other,
        paused("p", 10),
        second(paused("p2", 12)),
        resumed("q", 15),
        second(resumed("q2", 18)),
    ];
    assert_eq!(resolution(&touchpoints).2, Some(56));
    let state = state(&with(&touchpoints), 100);
    let spans = owed(&state, Kind::Resolution)[0].pauses.iter();
    let spans: Vec<_> = spans.map(|it| (it.from, it.until)).collect();
    assert_eq!(spans, [(10 * HOUR, Some(18 * HOUR))]);
}

#[test]
fn a_resolution_is_met_by_confirmation_closing_or_the_end_of_a_linked_case() {
    let case_closed = of_case("x", 20, Payload::CaseClosed(CaseClosed::default()));
    for met in [
        confirmed("x", 20),
        closed("x", 20),
        resolved("x", 20),
        case_closed,
    ] {
        let (state, ended_at, _) = resolution(&[met, confirmed("y", 30)]);
        assert_eq!((state, ended_at), (State::AnsweredInTime, Some(20)));
    }
    assert_eq!(resolution(&[confirmed("x", 49)]).0, State::AnsweredLate);
}

#[test]
fn a_rejected_or_reopened_case_is_not_resolved() {
    let case_reopened = of_case("u", 25, Payload::CaseReopened(CaseReopened {}));
    for undone in [rejected("u", 25), case_reopened] {
        assert_eq!(resolution(&[resolved("x", 20), undone]).0, State::Open);
    }
    let touchpoints = [closed("x", 20), reopened("u", 25), confirmed("y", 30)];
    let (state, ended_at, due_at) = resolution(&touchpoints);
    assert_eq!(
        (state, ended_at, due_at),
        (State::AnsweredInTime, Some(30), Some(48))
    );
}

#[test]
fn a_case_bears_on_a_feedback_only_once_it_is_linked() {
    let touchpoints = [received(0), paused("p", 10), resolved("x", 20)];
    let open = state(&touchpoints, 100);
    assert_eq!(owed(&open, Kind::Resolution)[0].outcome.state, State::Open);
    let linking = of_case("l", 30, Payload::CaseResumed(CaseResumed {})).of("f");
    let linked = [touchpoints.as_slice(), &[linking]].concat();
    assert_eq!(
        owed(&state(&linked, 29), Kind::Resolution)[0].outcome.state,
        State::Open
    );
    let after = state(&linked, 30);
    let resolution = owed(&after, Kind::Resolution)[0];
    assert_eq!(resolution.outcome.state, State::AnsweredInTime);
    assert_eq!(resolution.outcome.spent, (10 * HOUR).into());
}

#[test]
fn the_owner_confirms_and_rejects_in_the_case_as_well() {
    let in_case = |touchpoint: FeedbackTouchpoint| touchpoint.of_case("c1");
    let told = [resolved("1", 10), in_case(rejected("2", 20))];
    assert_eq!(resolution(&told).0, State::Open);
    let told = [in_case(confirmed("1", 30))];
    assert_eq!(
        resolution(&told),
        (State::AnsweredInTime, Some(30), Some(48))
    );
}

#[test]
fn a_policy_may_owe_the_resolution_of_cases_only() {
    let mut resolution = term(Kind::Resolution, 48);
    resolution.cases_only = true;
    let of_case_only = rules(vec![term(Kind::FirstReply, 24), resolution]);
    let state = by(&of_case_only, &with(&[]), 100);
    assert!(owed(&state, Kind::Resolution).is_empty());
}
