//! Random histories: the order of arrival does not matter, and what was known at a position is what a log knows that ends
//! there.

use ownerline_projections::cases::{
    CaseCourse, CaseFlag, CaseHistory, CaseState, CaseStates, Silence, UnfinishedAt, dealers,
    is_unfinished, unfinished_cases,
};
use ownerline_projections::obligation::case::{Fate, promises};
use ownerline_projections::{Position, Viewer};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocateAssigned, AdvocateReleased, CaseReassigned, CommitmentKept, CommitmentMade,
    ContactMade, actor,
};
use proptest::prelude::*;

use super::{DAY, by_owner, closed, opened, read, said};
use crate::cases::cases;
use crate::history::{TestTouchpoint, answered, history_of, log, shuffled};

/// Everything that follows from a history, without positions and stamps.
fn answer(history: &CaseHistory, course: &CaseCourse<'_>) -> String {
    let facts = history.facts.iter();
    let facts: Vec<_> = facts
        .map(|it| (&it.key.id, it.place, &it.first.id))
        .collect();
    let state: CaseState = course.state();
    let flags: Vec<&CaseFlag> = course.flags.iter().collect();
    let episodes = course.episodes.iter();
    let episodes: Vec<_> = episodes
        .map(|it| {
            let pauses: Vec<_> = it.pauses.iter().map(|it| (it.from(), it.until())).collect();
            (it.from, it.until(), it.verdict(), it.closings.len(), pauses)
        })
        .collect();
    let silence = Silence::of(history, course);
    let dealers = dealers(history, course);
    format!("{state:?} {flags:?} {episodes:?} {silence:?} {dealers:?} {facts:?}")
}

fn touchpoint() -> impl Strategy<Value = TestTouchpoint> {
    let payload = prop::sample::select(vec![
        Payload::CaseAcknowledged(Default::default()),
        Payload::CaseResolved(Default::default()),
        Payload::CaseReopened(Default::default()),
        Payload::CasePausedOnOwner(Default::default()),
        Payload::CaseResumed(Default::default()),
        Payload::ProgressUpdateSent(Default::default()),
        Payload::ResolutionConfirmed(Default::default()),
        Payload::ResolutionRejected(Default::default()),
        Payload::OwnerMessageReceived(Default::default()),
        Payload::AdvocateAssigned(AdvocateAssigned {
            agent_id: "eve".to_owned(),
        }),
        Payload::AdvocateReleased(AdvocateReleased {
            agent_id: "eve".to_owned(),
            ..AdvocateReleased::default()
        }),
        Payload::CaseReassigned(CaseReassigned {
            to_dealer_id: "d2".to_owned(),
            ..CaseReassigned::default()
        }),
        Payload::CommitmentMade(CommitmentMade {
            commitment_id: "p".to_owned(),
            ..CommitmentMade::default()
        }),
        Payload::CommitmentKept(CommitmentKept {
            commitment_id: "p".to_owned(),
        }),
    ]);
    let contact = any::<bool>().prop_map(|proactive| {
        let payload = Payload::ContactMade(ContactMade {
            proactive,
            ..ContactMade::default()
        });
        said("", 0, payload).about(|it| it.owner_id = "ann".to_owned())
    });
    let origin = prop::sample::select(vec!["", "f"]);
    let message = prop::sample::select(vec![("f", "c"), ("f", ""), ("g", ""), ("g", "c2")]);
    let message = message.prop_map(|(feedback, case)| {
        said("", 0, Payload::OwnerMessageReceived(Default::default())).about(|it| {
            feedback.clone_into(&mut it.feedback_id);
            case.clone_into(&mut it.case_id);
            "ann".clone_into(&mut it.owner_id);
        })
    });
    let of_case = prop_oneof![
        10 => payload.prop_map(|payload| said("", 0, payload)),
        2 => origin.prop_map(|origin| opened("", 0).about(|it| it.feedback_id = origin.to_owned())),
        2 => Just(closed("", 0, &[])),
        2 => contact,
        2 => message,
    ];
    (of_case, -9_i64..9, 0..4_i32, any::<bool>()).prop_map(|(mut said, at, seen, is_owner)| {
        said.occurred_at = at;
        said.visibility = seen;
        match is_owner {
            true => by_owner(said),
            false => said.by("adv", actor::Kind::Human),
        }
    })
}

fn histories() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    history_of(touchpoint().boxed())
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_order_of_arrival_does_not_matter(
        said in histories(), seed in any::<u64>(), as_of in -9_i64..9,
    ) {
        let other = shuffled(&said, seed);
        let known = said.len() as u64;
        let there = read(&other, as_of, known, answer);
        prop_assert_eq!(read(&said, as_of, known, answer), there);
    }

    #[test]
    fn as_known_at_a_position_is_what_a_log_knows_that_ends_there(
        said in histories(), until in any::<prop::sample::Index>(), as_of in -9_i64..9,
    ) {
        let until = until.index(said.len() + 1);
        let known = until as u64;
        let there = read(&said[..until], as_of, known, answer);
        prop_assert_eq!(read(&said, as_of, known, answer), there);
    }

    #[test]
    fn a_case_that_is_not_listed_as_unfinished_is_closed_and_owes_nothing(
        said in histories(),
        until in any::<prop::sample::Index>(),
        as_of in prop_oneof![-10_i64..10, Just(DAY)],
    ) {
        let log = log(&said);
        let viewer = Viewer::unrestricted();
        let known = Position(until.index(said.len() + 1) as u64);
        let [now, then] = [UnfinishedAt::Now, UnfinishedAt::Then { as_of: as_of.into(), known_at: known }];
        for (at, as_of, known) in [(now, DAY, Position(said.len() as u64)), (then, as_of, known)] {
            let listed = answered(&log, known, as_of, &viewer, |snapshots, _| {
                let cases = CaseStates::of(snapshots).cases;
                let listed = is_unfinished(cases, "c", at)?;
                assert_eq!(unfinished_cases(cases, at)?.contains("c"), listed);
                Ok(listed)
            });
            let stands = read(&said, as_of, known.0, |history, course| {
                let open = promises(history).iter().any(|it| matches!(it.fate, Fate::Open | Fate::Overdue));
                (course.state(), open)
            });
            if !listed.unwrap() {
                let finished = [None, Some((CaseState::Closed, false)), Some((CaseState::NotOpened, false))];
                prop_assert!(finished.contains(&stands), "{:?} {:?}", at, stands);
            }
        }
    }
}
