//! Open cases, commitments, and the advocates of the owner.

use ownerline_projections::Position;
use ownerline_projections::context_pack::Relationship;
use ownerline_proto::time;
use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::not_to_say_again::Reason as Avoid;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocateAssigned, AdvocateReleased, CaseClosed, CaseEscalated, CaseNoteAdded, CaseOpened,
    CasePausedOnOwner, CaseReopened, CaseResolved, CommitmentBroken, CommitmentKept,
    CommitmentMade, CommitmentWithdrawn, DesiredOutcomeStated, NextStepAgreed, NextStepDeclined,
    NextStepProposed, OwnerMessageReceived, ProgressUpdateSent, RootCauseDeclined,
    RootCauseProvided, RootCauseRequested, TouchpointRef, Visibility,
};

use super::{Ask, DAY, PackWithLog, ask, pack_of, say_in};
use crate::history::TestTouchpoint;

fn case(id: &str, day: i64, case: &str, payload: Payload) -> TestTouchpoint {
    say_in(id, day, payload, |it| {
        case.clone_into(&mut it.case_id);
        it.dealer_id = "d1".to_owned();
    })
}

fn opened(id: &str, day: i64, at: &str) -> TestTouchpoint {
    case(id, day, at, Payload::CaseOpened(CaseOpened::default()))
}

fn closed(id: &str, day: i64, at: &str) -> TestTouchpoint {
    case(id, day, at, Payload::CaseClosed(CaseClosed::default()))
}

fn reopened(id: &str, day: i64, at: &str) -> TestTouchpoint {
    case(id, day, at, Payload::CaseReopened(CaseReopened {}))
}

fn assigned(id: &str, day: i64, at: &str, agent: &str) -> TestTouchpoint {
    let assigned = AdvocateAssigned {
        agent_id: agent.to_owned(),
    };
    case(id, day, at, Payload::AdvocateAssigned(assigned))
}

fn released(id: &str, day: i64, at: &str, agent: &str) -> TestTouchpoint {
    let released = AdvocateReleased {
        agent_id: agent.to_owned(),
        ..AdvocateReleased::default()
    };
    case(id, day, at, Payload::AdvocateReleased(released))
}

fn made(id: &str, day: i64, promise: &str, due: Option<i64>) -> TestTouchpoint {
    let made = CommitmentMade {
        commitment_id: promise.to_owned(),
        due_at: due.map(|day| time::timestamp(day * DAY)),
        ..CommitmentMade::default()
    };
    case(id, day, "c", Payload::CommitmentMade(made))
}

fn kept(id: &str, day: i64, promise: &str) -> TestTouchpoint {
    let kept = CommitmentKept {
        commitment_id: promise.to_owned(),
    };
    case(id, day, "c", Payload::CommitmentKept(kept))
}

fn broken(id: &str, day: i64, promise: &str) -> TestTouchpoint {
    let broken = CommitmentBroken {
        commitment_id: promise.to_owned(),
    };
    case(id, day, "c", Payload::CommitmentBroken(broken))
}

fn updated(id: &str, day: i64, new_information: bool) -> TestTouchpoint {
    let updated = ProgressUpdateSent {
        new_information,
        ..ProgressUpdateSent::default()
    };
    case(id, day, "c", Payload::ProgressUpdateSent(updated))
}

fn open(pack: &PackWithLog) -> Vec<&str> {
    let cases = pack.pack.open_cases.items.iter();
    cases.map(|it| &*it.case_id).collect()
}

fn avoided(pack: &PackWithLog) -> Vec<(Avoid, &str, u32)> {
    let avoid = pack.pack.not_to_say_again.items.iter();
    avoid
        .map(|it| (it.reason, pack.id(it.fact), it.count))
        .collect()
}

#[test]
fn a_case_is_open_until_it_is_closed_and_again_when_it_is_reopened() {
    let mut said = vec![
        opened("a", 1, "c1"),
        opened("b", 2, "c2"),
        closed("c", 3, "c1"),
    ];
    assert_eq!(open(&pack_of(&said)), ["c2"]);
    said.push(closed("second closing", 4, "c1"));
    said.push(closed("d", 4, "c2"));
    let all = pack_of(&said);
    assert!(open(&all).is_empty() && all.lacks(Reason::NoOpenCase));
    assert_eq!(
        open(&ask(
            &said,
            &Ask {
                known_at: Position(2),
                ..Ask::default()
            }
        )),
        ["c2", "c1"]
    );
    said.push(reopened("e", 5, "c1"));
    let again = pack_of(&said);
    assert_eq!(open(&again), ["c1"]);
    assert_eq!(again.id(again.pack.open_cases.items[0].reopened), "e");
    said.push(closed("closed before it was opened", 1, "c3"));
    said.push(opened("f", 2, "c3"));
    assert_eq!(open(&pack_of(&said)), ["c1"]);
    said.push(closed("r", 6, "c1").about(|it| it.owner_id.clear()));
    assert!(
        open(&pack_of(&said)).is_empty(),
        "what leaves out the owner is of its stream's"
    );
    said.push(closed("x", 7, "c1").retracting("", "r"));
    assert_eq!(open(&pack_of(&said)), ["c1"]);
}

#[test]
fn a_case_of_which_only_a_note_is_known_is_open_without_an_opening() {
    let pack = pack_of(&[case(
        "note",
        1,
        "c",
        Payload::CaseNoteAdded(CaseNoteAdded::default()),
    )]);
    let case = &pack.pack.open_cases.items[0];
    assert_eq!(
        (case.opened, case.last_heard, case.days_silent),
        (None, None, None)
    );
    assert_eq!(case.dealer_id, "d1");
}

#[test]
fn silence_is_counted_to_as_of_from_what_the_owner_could_notice() {
    let escalated = CaseEscalated::default();
    let mut hidden = case(
        "escalated",
        8,
        "c",
        Payload::CaseEscalated(escalated.clone()),
    );
    hidden.visibility = Visibility::Internal.into();
    let mut shown = case("shown", 9, "c", Payload::CaseEscalated(escalated));
    shown.visibility = Visibility::Owner.into();
    shown.visible_from = Some(30 * DAY);
    let said = [opened("a", 1, "c"), updated("b", 5, false), hidden, shown];
    let silent = |as_of| {
        let pack = ask(
            &said,
            &Ask {
                as_of,
                ..Ask::default()
            },
        );
        let case = &pack.pack.open_cases.items[0];
        (
            pack.id(case.last_heard).to_owned(),
            case.days_silent,
            case.escalations,
        )
    };
    assert_eq!(silent(20 * DAY), ("b".to_owned(), Some(15), 2));
    assert_eq!(silent(20 * DAY - 1), ("b".to_owned(), Some(14), 2));
    assert_eq!(silent(30 * DAY), ("shown".to_owned(), Some(21), 2));
}

#[test]
fn open_requests_of_a_case_are_shown_until_they_are_answered() {
    let with = |payload: fn() -> Payload, id: &str, day| case(id, day, "c", payload());
    let requested = || Payload::RootCauseRequested(RootCauseRequested {});
    let provided = || Payload::RootCauseProvided(RootCauseProvided::default());
    let refused = || Payload::RootCauseDeclined(RootCauseDeclined::default());
    let paused = || Payload::CasePausedOnOwner(CasePausedOnOwner {});
    let desired = || Payload::DesiredOutcomeStated(DesiredOutcomeStated::default());
    let resolved = || Payload::CaseResolved(CaseResolved::default());
    let mut said = vec![
        opened("a", 1, "c"),
        with(requested, "why", 2),
        with(paused, "paused", 3),
        with(desired, "wants", 3),
        with(resolved, "resolved", 3),
    ];
    let first = pack_of(&said);
    let it = &first.pack.open_cases.items[0];
    assert_eq!(
        [
            it.root_cause_requested,
            it.paused_on_owner,
            it.desired_outcome,
            it.resolved
        ]
        .map(|fact| first.id(fact)),
        ["why", "paused", "wants", "resolved"]
    );
    assert_eq!(avoided(&first), [(Avoid::AlreadyAnswered, "wants", 1)]);
    let answer = OwnerMessageReceived {
        in_reply_to: Some(TouchpointRef {
            source: String::new(),
            id: "a".to_owned(),
        }),
        ..OwnerMessageReceived::default()
    };
    said.push(case(
        "answer",
        4,
        "c",
        Payload::OwnerMessageReceived(answer),
    ));
    said.push(with(refused, "refused", 5));
    let second = pack_of(&said);
    let it = &second.pack.open_cases.items[0];
    assert_eq!((it.root_cause_requested, it.paused_on_owner), (None, None));
    assert_eq!(
        avoided(&second),
        [
            (Avoid::RootCauseDeclined, "refused", 1),
            (Avoid::AlreadyAnswered, "answer", 1),
            (Avoid::AlreadyAnswered, "wants", 1),
        ]
    );
    said.push(with(provided, "provided", 6));
    said.push(closed("closed", 7, "c"));
    assert!(pack_of(&said).lacks(Reason::NothingToAvoidKnown));
}

#[test]
fn promises_are_open_until_they_are_settled_soonest_due_first() {
    let mut said = vec![
        opened("a", 1, "c"),
        made("someday", 2, "p1", None),
        made("late", 3, "p2", Some(50)),
        made("soon", 4, "p3", Some(10)),
        made("done", 5, "p4", Some(6)),
        kept("kept", 6, "p4"),
        kept("nobody heard it made", 6, "p5"),
        kept("kept first", 6, "p6"),
        made("made later", 7, "p6", Some(8)),
    ];
    let seen = |said: &[TestTouchpoint], as_of| {
        let pack = ask(
            said,
            &Ask {
                as_of,
                ..Ask::default()
            },
        );
        let items = pack.pack.open_commitments.items.iter();
        let items: Vec<(String, bool)> = items
            .map(|it| (pack.id(it.made).to_owned(), it.overdue))
            .collect();
        items
    };
    let expected = |overdue: bool| {
        [("soon", overdue), ("late", false), ("someday", false)]
            .map(|(id, overdue)| (id.to_owned(), overdue))
    };
    assert_eq!(seen(&said, 10 * DAY), expected(false), "due now is in time");
    assert_eq!(seen(&said, 10 * DAY + 1), expected(true));
    said.push(closed("closed", 11, "c"));
    let all = pack_of(&said);
    assert!(
        all.pack
            .open_commitments
            .items
            .iter()
            .all(|it| it.case_closed)
    );
    for promise in ["p1", "p2", "p3"] {
        said.push(kept(&format!("kept {promise}"), 12, promise));
    }
    assert!(pack_of(&said).lacks(Reason::NoOpenCommitment));
}

#[test]
fn a_broken_promise_is_not_made_again_and_a_late_correction_mends_it() {
    let withdrawn = CommitmentWithdrawn {
        commitment_id: "p2".to_owned(),
    };
    let mut said = vec![
        made("made", 1, "p1", Some(2)),
        broken("broken", 3, "p1"),
        broken("nobody heard it made", 4, "p3"),
        broken("broken too", 5, "p2"),
        case("withdrawn", 6, "c", Payload::CommitmentWithdrawn(withdrawn)),
    ];
    let told_so = pack_of(&said);
    assert_eq!(
        avoided(&told_so),
        [
            (Avoid::CommitmentBroken, "nobody heard it made", 1),
            (Avoid::CommitmentBroken, "broken", 1)
        ]
    );
    let about: Vec<_> = told_so
        .pack
        .not_to_say_again
        .items
        .iter()
        .map(|it| it.about)
        .collect();
    assert_eq!((about[0], told_so.id(about[1])), (None, "made"));
    said.push(kept("kept after all", 7, "p1"));
    assert_eq!(avoided(&pack_of(&said)).len(), 1);
}

#[test]
fn nothing_new_is_flagged_from_the_second_update_in_a_row_and_a_declined_step_until_it_is_agreed() {
    let step = "s".to_owned();
    let proposed = NextStepProposed {
        step_id: step.clone(),
        ..NextStepProposed::default()
    };
    let declined = NextStepDeclined {
        step_id: step.clone(),
    };
    let agreed = NextStepAgreed { step_id: step };
    let mut said = vec![
        case("step", 1, "c", Payload::NextStepProposed(proposed)),
        case("declined", 2, "c", Payload::NextStepDeclined(declined)),
        updated("a", 3, false),
    ];
    assert_eq!(
        avoided(&pack_of(&said)),
        [(Avoid::NextStepDeclined, "declined", 1)]
    );
    said.push(updated("b", 4, false));
    said.push(case("agreed", 5, "c", Payload::NextStepAgreed(agreed)));
    assert_eq!(avoided(&pack_of(&said)), [(Avoid::NothingNew, "b", 2)]);
    said.push(updated("c", 6, true));
    assert!(avoided(&pack_of(&said)).is_empty());
}

#[test]
fn advocates_of_open_cases_hold_the_relationship_else_the_dealer_of_the_last_touchpoint() {
    let mut said = vec![
        opened("a", 1, "c1"),
        assigned("b", 2, "c1", "agent-1"),
        assigned("c", 2, "c1", "agent-2"),
        released("d", 3, "c1", "agent-2"),
        assigned("e", 3, "c2", "agent-1"),
    ];
    let first = pack_of(&said);
    let holders: Vec<_> = first
        .pack
        .relationship
        .items
        .iter()
        .map(|it| it.who.clone())
        .collect();
    let advocate = Relationship::Advocate {
        agent_id: "agent-1".to_owned(),
        case_id: "c2".to_owned(),
    };
    assert_eq!(holders, [advocate], "the case touched last");
    let advocates = first.pack.open_cases.items[1].advocates.iter();
    assert_eq!(
        advocates.map(|it| &*it.agent_id).collect::<Vec<_>>(),
        ["agent-1"]
    );
    said.push(closed("f", 4, "c2"));
    said.push(closed("g", 5, "c1"));
    let dealer = pack_of(&said);
    let holder = &dealer.pack.relationship.items[0];
    let who = Relationship::Dealer {
        dealer_id: "d1".to_owned(),
    };
    assert_eq!((&holder.who, dealer.id(holder.fact)), (&who, "g"));
}
