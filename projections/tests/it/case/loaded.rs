//! What is loaded of a case: corrections with their chains, touchpoints elsewhere that name it, and the feedback that it
//! came from.

use ownerline_projections::cases::{
    CaseFact, CaseFactKind, CaseList, CaseState, CaseStates, Place, UnfinishedAt, cases_in,
    is_unfinished, unfinished_cases,
};
use ownerline_projections::{Position, Viewer};
use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{AdvocateAssigned, CaseOpened, CommitmentKept, CommitmentMade};

use super::{DAY, closed, now, opened, read, said, state};
use crate::history::{TestTouchpoint, answered, log};

fn promise(id: &str, at: i64, due_at: i64) -> TestTouchpoint {
    let payload = Payload::CommitmentMade(CommitmentMade {
        commitment_id: "p".to_owned(),
        due_at: Some(time::timestamp(due_at)),
        ..CommitmentMade::default()
    });
    said(id, at, payload)
}

fn kept(id: &str, at: i64) -> TestTouchpoint {
    let payload = Payload::CommitmentKept(CommitmentKept {
        commitment_id: "p".to_owned(),
    });
    said(id, at, payload)
}

#[test]
fn a_correction_has_the_name_and_the_receipt_of_the_first_of_its_chain() {
    let said = [
        opened("open", 0),
        promise("made", DAY, 5 * DAY),
        promise("moved", DAY, 9 * DAY).correcting("made"),
    ];
    let (promises, replaced) = now(&said, 20 * DAY, |history, _| {
        let promises = history.of_kind(CaseFactKind::CommitmentMade).cloned();
        (
            promises.collect::<Vec<CaseFact>>(),
            history.replaced.clone(),
        )
    });
    let [promise] = &promises[..] else {
        panic!("one of them is in force")
    };
    assert_eq!(promise.key.id, "moved");
    assert_eq!(promise.row.due_at, Some((9 * DAY).into()));
    assert_eq!(promise.first.id, "made");
    // Received and known since position 2, recorded at position 3.
    assert_eq!((promise.received_at, promise.known_from), (1_002, 1_002));
    assert_eq!(promise.recorded_at, 1_003);
    let [before] = &replaced[..] else {
        panic!("the promise before is kept beside it")
    };
    assert_eq!(before.fact.row.due_at, Some((5 * DAY).into()));
    let by = before.corrected_by.as_ref().map(|it| it.id.as_str());
    assert_eq!(by, Some("moved"));
}

#[test]
fn touchpoints_elsewhere_belong_to_the_case_that_they_name_or_inherit() {
    let visit = |id: &str, at| {
        TestTouchpoint::new("work_performed", id, at).about(|it| it.visit_id = "v".to_owned())
    };
    let names = |said: TestTouchpoint, case: &str| said.about(|it| it.case_id = case.to_owned());
    let said = [
        opened("open", 0),
        names(visit("named", DAY), "c"),
        visit("inherits", 2 * DAY).correcting("named"),
        names(visit("moved", DAY), "c"),
        names(visit("away", 2 * DAY), "other").correcting("moved"),
        visit("unnamed", DAY),
    ];
    let elsewhere = |known_at| {
        read(&said, 9 * DAY, known_at, |history, _| {
            let facts = history.facts.iter();
            let facts = facts.filter(|it| it.place == Place::Elsewhere);
            facts.map(|it| it.key.id.clone()).collect::<Vec<_>>()
        })
    };
    assert_eq!(elsewhere(2).unwrap(), ["named"]);
    assert_eq!(elsewhere(6).unwrap(), ["inherits"]);
    // A case of which only touchpoints elsewhere are known is known, and not opened.
    let alone = [names(visit("named", DAY), "c")];
    assert_eq!(state(&alone, 9 * DAY), CaseState::NotOpened);
}

#[test]
fn the_answer_to_the_outcome_counts_in_the_feedback_that_the_case_came_from() {
    let came_from = opened("open", 0);
    let mut came_from = came_from.about(|it| it.feedback_id = "f0".to_owned());
    came_from.payload = Some(Payload::CaseOpened(CaseOpened {
        origin_feedback_id: "f".to_owned(),
        ..CaseOpened::default()
    }));
    let answers = |id: &str, at, feedback: &str, case: &str| {
        let payload = Payload::ResolutionRejected(Default::default());
        TestTouchpoint::with_payload(id, at, payload).about(|it| {
            feedback.clone_into(&mut it.feedback_id);
            case.clone_into(&mut it.case_id);
        })
    };
    let resolved = said("done", 2 * DAY, Payload::CaseResolved(Default::default()));
    let stands =
        |answer: TestTouchpoint| state(&[came_from.clone(), resolved.clone(), answer], 9 * DAY);
    assert_eq!(stands(answers("1", 3 * DAY, "f", "")), CaseState::Open);
    assert_eq!(
        stands(answers("2", 3 * DAY, "f", "other")),
        CaseState::Resolved
    );
    assert_eq!(stands(answers("3", 3 * DAY, "f0", "")), CaseState::Resolved);
    assert_eq!(stands(answers("4", 3 * DAY, "f0", "c")), CaseState::Open);
}

#[test]
fn cases_are_listed_by_everybody_whom_their_streams_name() {
    let assigned = Payload::AdvocateAssigned(AdvocateAssigned {
        agent_id: "eve".to_owned(),
    });
    let said = [
        opened("open", 0),
        said("eve", DAY, assigned).about(|it| it.vin = "V1".to_owned()),
        said("note", DAY, Payload::CaseNoteAdded(Default::default())).about(|it| {
            it.owner_id = "ben".to_owned();
            it.feedback_id = "f".to_owned();
        }),
    ];
    let log = log(&said);
    let viewer = Viewer::unrestricted();
    let listed = |list| {
        let cases = answered(&log, Position(3), DAY, &viewer, |snapshots, _| {
            Ok(cases_in(CaseStates::of(snapshots).cases, list)?)
        });
        cases.unwrap().len()
    };
    for list in [
        CaseList::Owner("ann"),
        CaseList::Owner("ben"),
        CaseList::Dealer("d1"),
        CaseList::Vehicle("V1"),
        CaseList::Advocate("eve"),
        CaseList::Feedback("f"),
    ] {
        assert_eq!(listed(list), 1, "{list:?}");
    }
    assert_eq!(listed(CaseList::Owner("eve")), 0);
}

#[test]
fn a_case_is_unfinished_until_it_is_closed_and_its_promises_are_settled() {
    let is_listed = |said: &[TestTouchpoint]| {
        let log = log(said);
        let viewer = Viewer::unrestricted();
        let listed = answered(&log, Position(9), DAY, &viewer, |snapshots, _| {
            let cases = CaseStates::of(snapshots).cases;
            Ok(is_unfinished(cases, "c", UnfinishedAt::Now)?)
        });
        listed.unwrap()
    };
    // Recorded after they occurred: a fact that lies ahead keeps a case listed.
    let said = [
        opened("open", -9),
        promise("made", -8, DAY),
        closed("close", -7, &[]),
        kept("kept", -6),
        said("again", -5, Payload::CaseReopened(Default::default())),
    ];
    let listed: Vec<bool> = (1..=5).map(|until| is_listed(&said[..until])).collect();
    assert_eq!(listed, [true, true, true, false, true]);
    let mut late = said[..4].to_vec();
    late.rotate_left(2);
    assert!(!is_listed(&late), "the order of arrival does not matter");
}

#[test]
fn a_case_that_is_finished_now_was_unfinished_before_its_last_step_was_known_or_had_happened() {
    let said = [opened("open", -9), closed("close", -7, &[])];
    let log = log(&said);
    let viewer = Viewer::unrestricted();
    let unfinished = |as_of: i64, known_at: u64| {
        let position = Position(known_at);
        let found = answered(&log, position, as_of, &viewer, |snapshots, vantage| {
            let at = UnfinishedAt::of(snapshots, vantage);
            let cases = CaseStates::of(snapshots).cases;
            let all = unfinished_cases(cases, at)?;
            assert_eq!(all.contains("c"), is_unfinished(cases, "c", at)?);
            Ok(all.contains("c"))
        });
        found.unwrap()
    };
    assert!(unfinished(-8, 2), "before it was closed");
    assert!(unfinished(-7, 1), "before anybody knew that it was closed");
    assert!(!unfinished(-7, 2));
    assert!(!unfinished(DAY, 2));
}
