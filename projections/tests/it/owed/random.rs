//! Random histories: the order of arrival does not matter, and what was known at a position is what a log knows that ends
//! there.

use ownerline_projections::cases::CaseHistory;
use ownerline_projections::obligation::case::{obligations, promises};
use ownerline_projections::policy::Policies;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{CaseReassigned, actor};
use proptest::prelude::*;

use super::{
    acknowledged, assigned, broken, done, kept, made, received, resolved, update, withdrawn,
};
use crate::case::{DAY, by_owner, closed, opened, read, said};
use crate::cases::cases;
use crate::history::{TestTouchpoint, history_of, shuffled};

/// Everything that is owed and promised, without what depends on when it was recorded.
fn answer(history: &CaseHistory) -> String {
    let terms = Policies::shipped_only().terms();
    let mut owed = obligations(history, &terms);
    for owed in &mut owed {
        owed.outcome.in_time_as_known = None;
    }
    let mut promises = promises(history);
    for promise in &mut promises {
        promise
            .flags
            .retain(|flag| format!("{flag:?}") != "DueCorrectedLate");
    }
    for owed in &mut owed {
        owed.notes
            .retain(|note| format!("{note:?}") != "DueCorrectedLate");
    }
    format!("{owed:?} {promises:?}")
}

pub(crate) fn touchpoint() -> impl Strategy<Value = TestTouchpoint> {
    let of_case = prop::sample::select(vec![
        opened("", 0),
        opened("", 0),
        closed("", 0, &[]),
        acknowledged("", 0),
        update("", 0, false),
        update("", 0, true),
        resolved("", 0),
        said("", 0, Payload::ResolutionRejected(Default::default())),
        said("", 0, Payload::ResolutionConfirmed(Default::default())),
        said("", 0, Payload::CaseReopened(Default::default())),
        said("", 0, Payload::CasePausedOnOwner(Default::default())),
        said("", 0, Payload::CaseResumed(Default::default())),
        said("", 0, Payload::OwnerMessageReceived(Default::default())),
        said(
            "",
            0,
            Payload::CaseReassigned(CaseReassigned {
                to_dealer_id: "d2".to_owned(),
                ..CaseReassigned::default()
            }),
        ),
        kept("", 0, "p"),
        broken("", 0, "p"),
        withdrawn("", 0, "p"),
        done("", 0, "p"),
        made("", 0, "p", None),
    ]);
    let dated = (any::<bool>(), -9_i64..30).prop_map(|(task, due)| match task {
        true => assigned("", 0, "p", due * DAY),
        false => made("", 0, "p", Some(due * DAY)),
    });
    let told = prop_oneof![4 => of_case, 2 => dated];
    (told, -9_i64..30, 0..3_i64, 0..4_u8).prop_map(|(mut said, at, late, actor)| {
        said.occurred_at = at * DAY;
        said.received_at = Some((at + late) * DAY);
        match actor {
            0 => by_owner(said),
            1 => said.by("mailer", actor::Kind::Bot),
            _ => said.by("adv", actor::Kind::Human),
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
        said in histories(), seed in any::<u64>(), as_of in -9_i64..60,
    ) {
        let said = received(&said);
        let other = shuffled(&said, seed);
        let known = said.len() as u64;
        let there = read(&other, as_of * DAY, known, |history, _| answer(history));
        let here = read(&said, as_of * DAY, known, |history, _| answer(history));
        prop_assert_eq!(here, there);
    }

    #[test]
    fn as_known_at_a_position_is_what_a_log_knows_that_ends_there(
        said in histories(), until in any::<prop::sample::Index>(), as_of in -9_i64..60,
    ) {
        let said = received(&said);
        let until = until.index(said.len() + 1);
        let there = read(&said[..until], as_of * DAY, until as u64, |history, _| answer(history));
        let here = read(&said, as_of * DAY, until as u64, |history, _| answer(history));
        prop_assert_eq!(here, there);
    }

    #[test]
    fn a_history_until_an_instant_is_the_history_as_of_that_instant(
        said in histories(), as_of in -9_i64..60, later in 0_i64..30,
    ) {
        let said = received(&said);
        let known = said.len() as u64;
        let there = read(&said, as_of * DAY, known, |history, _| answer(history));
        let here = read(&said, (as_of + later) * DAY, known, |history, _| {
            answer(&history.until((as_of * DAY).into()))
        });
        prop_assert_eq!(here, there);
    }
}
