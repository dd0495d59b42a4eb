//! Random histories: the clock-keeper comes to an end, issues nothing twice, and changes no answer.

use std::collections::BTreeSet;

use ownerline_projections::obligation::ItemState;
use proptest::prelude::*;

use super::super::properties::{Mixed, histories};
use super::*;
use crate::cases::cases;

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn however_a_history_comes_it_says_nothing_twice_and_changes_no_state(
        history in histories(),
        looks in prop::collection::vec(0_usize..40, 0..4),
    ) {
        let keeper = Keeper::by(&Mixed);
        let mut told = Vec::new();
        let mut ids = BTreeSet::new();
        for (at, one) in history.iter().enumerate() {
            told.push(one.clone());
            if looks.contains(&at) {
                for feedback in ["f", "g"] {
                    for notice in keeper.keeps_at(feedback, &mut told, 50) {
                        prop_assert!(ids.insert(notice.id.clone()), "{:?}", notice);
                    }
                }
            }
        }
        for feedback in ["f", "g"] {
            for notice in keeper.keeps_at(feedback, &mut told, 60) {
                prop_assert!(notice.occurred_at <= 60 * HOUR);
                prop_assert!(ids.insert(notice.id.clone()), "{:?}", notice);
            }
            prop_assert_eq!(keeper.looks_at(feedback, &told, 60).notices, vec![]);
            let at = |told: &[Told]| {
                let item = folded(told).item(feedback)?;
                Some(ItemState::at(&item, &Mixed, 60 * HOUR))
            };
            prop_assert_eq!(at(&history), at(&told));
        }
    }
}
