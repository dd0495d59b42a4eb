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
    fn in_any_order_of_arrival_notices_come_once_and_change_no_state(
        history in histories(),
        looks in prop::collection::vec(0_usize..40, 0..4),
    ) {
        let keeper = Keeper::by(&Mixed);
        let mut touchpoints = Vec::new();
        let mut ids = BTreeSet::new();
        for (at, one) in history.iter().enumerate() {
            touchpoints.push(one.clone());
            if looks.contains(&at) {
                for feedback in ["f", "g"] {
                    for notice in keeper.keeps_at(feedback, &mut touchpoints, 50) {
                        prop_assert!(ids.insert(notice.id.clone()), "{:?}", notice);
                    }
                }
            }
        }
        for feedback in ["f", "g"] {
            for notice in keeper.keeps_at(feedback, &mut touchpoints, 60) {
                prop_assert!(notice.occurred_at <= 60 * HOUR);
                prop_assert!(ids.insert(notice.id.clone()), "{:?}", notice);
            }
            prop_assert_eq!(keeper.looks_at(feedback, &touchpoints, 60).notices, vec![]);
            let at = |touchpoints: &[FeedbackTouchpoint]| {
                let item = folded(touchpoints).item(feedback)?;
                Some(ItemState::at(&item, &Mixed, 60 * HOUR))
            };
            prop_assert_eq!(at(&history), at(&touchpoints));
        }
    }
}
