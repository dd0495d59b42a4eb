//! Random publications: terms against plain choice, and the order of arrival.

use ownerline_proto::v1::policy_published::{Body, Kind};
use proptest::prelude::*;

use super::{World, calendar, for_whom, moved, owed, published, sla, with_calendar};
use crate::cases::cases;
use crate::history::TestTouchpoint;
use ownerline_projections::Position;

/// Publications and dealers in a small world, so that they meet.
fn policy_histories() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    let name = |names: &'static [&'static str]| prop::sample::select(names);
    let one = (
        0_u8..10,
        0_i64..12,
        (name(&["sla", "gb", "own"]), 1_i32..4, 0_i64..12, 1_i64..100),
        (name(&["", "d-1", "d-2"]), name(&["", "GB", "DE"])),
        any::<bool>(),
    )
        .prop_map(
            |(what, at, (policy, version, from, budget), (dealer, market), hours)| match what {
                0 => moved(
                    "",
                    at,
                    if dealer.is_empty() { "d-1" } else { dealer },
                    market,
                ),
                1 => published(
                    "",
                    at,
                    for_whom(calendar("hours", version, from, 100), dealer, ""),
                ),
                _ => {
                    let market = if dealer.is_empty() { market } else { "" };
                    let sla = for_whom(sla(policy, version, from, budget), dealer, market);
                    let calendar = if hours { "hours" } else { "" };
                    published("", at, with_calendar(sla, calendar))
                }
            },
        );
    prop::collection::vec(one, 0..14).prop_map(|mut all| {
        for (number, said) in all.iter_mut().enumerate() {
            said.id = number.to_string();
        }
        all
    })
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn terms_are_those_of_the_policy_in_force(said in policy_histories(), as_of in 0_i64..14) {
        let policies = World::of(&said).known(as_of, Position::MAX);
        let terms = policies.terms();
        for dealer_id in ["", "d-1", "d-2", "d-3"] {
            for start in 0..14 {
                let place = policies.place(dealer_id, start);
                let found_terms = owed(&terms, dealer_id, start);
                let version = policies.version(&found_terms.0, found_terms.1).unwrap();
                let in_force = policies.in_force(Kind::Sla, None, place, start.into()).unwrap();
                let calendar = policies.calendar("hours", place, start.into());
                let Some(Body::Sla(sla)) = &in_force.published.body else { panic!("an SLA") };
                let named = &sla.obligations[0].calendar;
                if named.is_empty() || calendar.is_some() {
                    prop_assert_eq!(version, in_force);
                    let clock = if named.is_empty() { "elapsed" } else { "100" };
                    prop_assert_eq!(found_terms.3, clock);
                } else {
                    prop_assert_ne!(version, in_force);
                }
            }
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(
        said in policy_histories(), seed in any::<u64>(), as_of in 0_i64..14,
    ) {
        let mut shuffled: Vec<(u64, TestTouchpoint)> = said
            .iter()
            .enumerate()
            .map(|(at, said)| (seed.rotate_left(at as u32 * 7) ^ (at as u64 * 0x9e37_79b9), said.clone()))
            .collect();
        shuffled.sort_by_key(|(at, _)| *at);
        let shuffled: Vec<TestTouchpoint> = shuffled.into_iter().map(|(_, said)| said).collect();
        let found_terms = |world: &World| {
            let policies = world.known(as_of, Position::MAX);
            let all: Vec<_> = policies
                .versions()
                .iter()
                .map(|it| (it.published.clone(), it.flaw.clone()))
                .collect();
            (all, world.dealers(as_of, Position::MAX))
        };
        prop_assert_eq!(found_terms(&World::of(&said)), found_terms(&World::of(&shuffled)));
    }
}
