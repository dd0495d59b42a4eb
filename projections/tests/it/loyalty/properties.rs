//! Random histories: the answer does not depend on the order of arrival, and every owner is counted.

use ownerline_projections::loyalty::{LoyaltyFigures, LoyaltyScope};
use ownerline_projections::person::PersonLookup;
use ownerline_projections::person::ownership::{every_holding, holdings};
use ownerline_projections::vehicles::{every_order, every_vehicle, order, vehicle};
use ownerline_projections::{Position, Validity};
use ownerline_proto::v1::repurchased::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AcquisitionSourceStated, Defected, HandoverCompleted, Loyalty, Money, OrderCancelled,
    OrderPlaced, OwnerRegistered, Repurchased, VehicleRegistered, WorkPerformed,
};
use proptest::prelude::*;

use super::{DAY, World};
use crate::history::{TestTouchpoint, change_of_holder, change_of_life, history_of, log};

/// Histories advance in steps of half a year.
const STEP: i64 = 183 * DAY;

fn histories() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    let said = prop_oneof![3 => touchpoint(), 1 => change_of_life()];
    history_of(said.boxed()).prop_map(|mut said| {
        for touchpoint in &mut said {
            touchpoint.occurred_at *= STEP;
        }
        said
    })
}

fn touchpoint() -> impl Strategy<Value = TestTouchpoint> {
    let name = |names: &'static [&'static str]| prop::sample::select(names);
    (
        (0_usize..10, 0_i64..12),
        name(&["ann", "ann2", "ben", "eve"]),
        name(&["", "V1", "V2"]),
        name(&["1", "2"]),
        name(&["", "Halden", "Halden", "Sylt"]),
        (any::<bool>(), 0_i64..3),
    )
        .prop_map(|((what, at), owner, vin, number, make, (flag, euros))| {
            let said =
                TestTouchpoint::with_payload("", at, payload(what, number, make, flag, euros));
            said.about(|it| {
                if what <= 3 || flag {
                    owner.clone_into(&mut it.owner_id);
                }
                match what {
                    0 => number.clone_into(&mut it.order_id),
                    4..=6 => {
                        number.clone_into(&mut it.order_id);
                        vin.clone_into(&mut it.vin);
                    }
                    7 => {
                        number.clone_into(&mut it.visit_id);
                        vin.clone_into(&mut it.vin);
                    }
                    8.. => "V1".clone_into(&mut it.vin),
                    _ => {}
                }
                if what == 9 {
                    "V2".clone_into(&mut it.vin);
                }
            })
        })
}

fn payload(what: usize, number: &str, make: &str, flag: bool, euros: i64) -> Payload {
    let amount = (euros > 0).then(|| Money {
        minor_units: euros * 100,
        currency: if flag { "EUR" } else { "GBP" }.to_owned(),
    });
    let brand = make.to_owned();
    match what {
        0 => Payload::Repurchased(Repurchased {
            order_id: number.to_owned(),
            kind: if flag { Kind::Lease } else { Kind::Buy }.into(),
            brand,
        }),
        1 => Payload::Defected(Defected { brand }),
        2 => Payload::AcquisitionSourceStated(AcquisitionSourceStated {
            earned: flag,
            ..AcquisitionSourceStated::default()
        }),
        3 => Payload::OwnerRegistered(OwnerRegistered {
            market: if flag { "de" } else { "gb" }.to_owned(),
            ..OwnerRegistered::default()
        }),
        4 => Payload::OrderPlaced(OrderPlaced {
            brand,
            amount,
            ..OrderPlaced::default()
        }),
        5 => Payload::HandoverCompleted(HandoverCompleted::default()),
        6 => Payload::OrderCancelled(OrderCancelled::default()),
        7 => Payload::WorkPerformed(WorkPerformed {
            amount,
            ..WorkPerformed::default()
        }),
        _ => Payload::VehicleRegistered(VehicleRegistered {
            brand,
            ..VehicleRegistered::default()
        }),
    }
}

/// Scopes: all owners, and one market.
fn answers(world: &World, step: i64, known_at: Position) -> [LoyaltyFigures; 2] {
    let market = [None, Some("de".to_owned())];
    market.map(|market| {
        let mut query = world.asking(0);
        query.as_of = (step * STEP).into();
        query.known_at = known_at;
        query.scope = LoyaltyScope {
            market,
            ..LoyaltyScope::default()
        };
        world.asked(&query)
    })
}

fn nobody_is_lost(figures: &LoyaltyFigures) -> Result<(), TestCaseError> {
    let groups = figures.groups.iter();
    let known = groups.filter(|it| !it.make.is_empty());
    let known: Vec<Loyalty> = known.map(|it| it.loyalty.clone().unwrap()).collect();
    let total = &figures.total;
    let sum = |part: fn(&Loyalty) -> u64| known.iter().map(part).sum::<u64>();
    prop_assert_eq!(total.spells, sum(|it| it.spells));
    prop_assert_eq!(total.open, sum(|it| it.open));
    prop_assert_eq!(total.returned, sum(|it| it.returned));
    prop_assert!(total.owners <= sum(|it| it.owners));
    for it in &known {
        // Without a period every spell of a known make is open or has ended.
        prop_assert_eq!(it.spells, it.open + it.returned);
        let rate = it.rate.as_ref().unwrap();
        prop_assert_eq!(rate.returns, it.returned - it.undecided);
        for point in &it.curve {
            let Some(left) = point.not_returned else {
                prop_assert_eq!(point.at_risk, 0);
                continue;
            };
            let gone = point.same_brand.unwrap() + point.other_brand.unwrap();
            prop_assert!((0.0..=1.0).contains(&left));
            prop_assert!(gone <= 1.0 + 2e-6);
            if it.undecided == 0 {
                prop_assert!((left + gone - 1.0).abs() < 3e-6);
            }
        }
    }
    Ok(())
}

/// Touchpoints about owners and cars, without corrections and identity links.
fn plain_histories() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    let said = prop_oneof![touchpoint(), change_of_holder()];
    prop::collection::vec(said, 1..40).prop_map(|mut said| {
        for (number, touchpoint) in said.iter_mut().enumerate() {
            touchpoint.id = number.to_string();
            touchpoint.occurred_at *= STEP;
        }
        said
    })
}

proptest! {
    #[test]
    fn a_person_of_several_ids_is_counted_as_if_reported_under_one(
        said in plain_histories(),
        step in 0_i64..13,
        other in prop::sample::select(&["ann2", "eve"][..]),
    ) {
        let one: Vec<TestTouchpoint> = said.iter().map(|it| it.under_one_id(other)).collect();
        let link = TestTouchpoint::new("owner_identity_linked", "link", 0)
            .about(|it| other.clone_into(&mut it.owner_id))
            .linking("ann");
        let several: Vec<TestTouchpoint> = said.into_iter().chain([link]).collect();
        let counted = |said: &[TestTouchpoint]| {
            let world = World::of(said);
            answers(&world, step, world.head)
        };
        prop_assert_eq!(counted(&several), counted(&one));
    }

    #[test]
    fn reading_everything_at_once_equals_reading_one_by_one(
        said in histories(),
        step in 0_i64..13,
        cut in any::<prop::sample::Index>(),
    ) {
        let world = World::of(&said);
        let known_at = Position(cut.index(said.len() + 1) as u64);
        let [_, vehicles, ownership, identity, _, corrections] = &world.states[..] else {
            panic!("six views");
        };
        let validity = Validity::for_all(corrections, known_at).unwrap();
        let as_of = step * STEP;
        let mut all = (Vec::new(), Vec::new(), Vec::new());
        every_vehicle(vehicles, &validity, as_of.into(), |vin, it| {
            all.0.push((vin.to_owned(), it));
            Ok(())
        })
        .unwrap();
        every_order(vehicles, &validity, as_of.into(), |id, it| {
            all.1.push((id.to_owned(), it));
            Ok(())
        })
        .unwrap();
        let persons = PersonLookup::new(identity, &validity);
        every_holding(ownership, &validity, &persons, as_of.into(), |_, it| {
            all.2.extend(it);
            Ok(())
        })
        .unwrap();
        let mut each = (Vec::new(), Vec::new(), Vec::new());
        for vin in ["V1", "V2"] {
            let found = vehicle(vehicles, &validity, vin, as_of.into()).unwrap();
            each.0.extend(found.map(|it| (vin.to_owned(), it)));
            each.2.extend(holdings(ownership, &validity, &persons, vin, as_of.into()).unwrap());
        }
        for id in ["1", "2"] {
            let found = order(vehicles, &validity, id, as_of.into()).unwrap();
            each.1.extend(found.map(|it| (id.to_owned(), it)));
        }
        prop_assert_eq!(all, each);
    }

    #[test]
    fn the_answer_does_not_depend_on_the_order_of_arrival(
        said in histories(),
        step in 0_i64..13,
        seed in any::<u64>(),
    ) {
        let world = World::of(&said);
        let expected = answers(&world, step, world.head);
        for figures in &expected {
            nobody_is_lost(figures)?;
        }
        let mut shuffled: Vec<(u64, TestTouchpoint)> = (0..).zip(said).collect();
        shuffled.sort_by_key(|(index, _)| {
            (index + 1).wrapping_mul(seed | 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20
        });
        let shuffled: Vec<TestTouchpoint> = shuffled.into_iter().map(|(_, said)| said).collect();
        let other = World::of(&shuffled);
        prop_assert_eq!(answers(&other, step, other.head), expected);
    }

    #[test]
    fn the_answer_as_known_then_is_that_of_a_server_that_stopped_there(
        said in histories(),
        step in 0_i64..13,
        cut in any::<prop::sample::Index>(),
    ) {
        let all = log(&said);
        let known_at = cut.index(all.len() + 1);
        let stopped = World::recorded(&all[..known_at]);
        let known_at = Position(known_at as u64);
        let now = World::recorded(&all);
        prop_assert_eq!(answers(&now, step, known_at), answers(&stopped, step, known_at));
    }
}
