//! The timeline, the context pack and the holdings of a person on random lives.

use std::collections::BTreeSet;

use ownerline_projections::person::PersonLookup;
use ownerline_projections::person::holding::HeldAs;
use ownerline_projections::person::ownership::holdings;
use ownerline_projections::timeline::{
    TimelineError, TimelineFilter, TimelineOrder, TimelineQuery, page,
};
use ownerline_projections::{Position, Viewer};
use proptest::prelude::*;

use crate::cases::cases;
use crate::context;
use crate::history::{TestTouchpoint, World, folded, lives, log, plain_lives};
use crate::life_model::Life;
use crate::standing_model::Known;

fn ids(world: &World, owner: &str, known_at: Position) -> Vec<String> {
    let query = TimelineQuery {
        owner_id: owner.to_owned(),
        filter: TimelineFilter::default(),
        order: TimelineOrder::OldestFirst,
        as_of: 1_000.into(),
        known_at,
        after: None,
        limit: 1_000,
    };
    match page(world.states(), &Viewer::unrestricted(), &query) {
        Ok(page) => page.rows.into_iter().map(|row| row.key.id).collect(),
        Err(TimelineError::UnknownOwner { .. }) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}

/// The holdings of the two vehicles.
fn held(world: &World) -> Vec<(String, String, HeldAs, i64, Option<i64>)> {
    let validity = world.validity(Position::MAX);
    let persons = PersonLookup::new(&world.identity, &validity);
    let of = |vin| holdings(&world.ownership, &validity, &persons, vin, 1_000.into()).unwrap();
    let all = ["V1", "V2"].into_iter().flat_map(of);
    all.map(|it| (it.vin, it.person, it.held_as, it.from, it.until))
        .collect()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_touchpoint_that_names_only_a_vehicle_belongs_to_its_holder_then(
        said in lives(), known_at in 0_usize..42,
    ) {
        let log = log(&said);
        let world = folded(&log);
        let known = &log[..known_at.min(log.len())];
        let life = Life::new(known, 1_000);
        for owner in ["ann", "ben", "eve", "ann2"] {
            let person = life.person(owner);
            let seen = ids(&world, owner, Position(known_at as u64));
            let distinct: BTreeSet<&String> = seen.iter().collect();
            prop_assert_eq!(distinct.len(), seen.len(), "doubles");
            for recorded in known.iter().filter(|r| &*r.kind.name == "odometer_read") {
                let effective = Known(known).effective(recorded);
                let subjects = effective.touchpoint.subjects.as_ref().unwrap();
                if subjects.owner_id.is_empty() {
                    let holders = life.holders(&subjects.vin, recorded.occurred_at);
                    let held = holders.iter().any(|(_, id)| person.contains(id));
                    let sees = seen.contains(&recorded.touchpoint.id);
                    prop_assert_eq!(sees, held, "{} and {}", owner, recorded.touchpoint.id);
                }
            }
        }
    }

    #[test]
    fn answers_do_not_depend_on_the_ids_that_facts_are_reported_under(
        said in plain_lives(), other in prop::sample::select(&["ann2", "eve"][..]),
    ) {
        let one: Vec<TestTouchpoint> = said.iter().map(|it| it.under_one_id(other)).collect();
        let link = TestTouchpoint::new("news_sent", "link", 0)
            .about(|it| other.clone_into(&mut it.owner_id))
            .linking("ann");
        let several: Vec<TestTouchpoint> = said.into_iter().chain([link]).collect();
        let answers = |said: &[TestTouchpoint]| {
            let world = folded(&log(said));
            let mut rows = ids(&world, "ann", Position::MAX);
            rows.retain(|id| id != "link");
            let is_known = !rows.is_empty();
            (rows, is_known.then(|| context::pack_of(said).pack), held(&world))
        };
        prop_assert_eq!(answers(&several), answers(&one));
    }

    #[test]
    fn of_a_car_that_was_sold_neither_owner_sees_the_time_of_the_other(
        said in plain_lives(), border in 1_i64..11,
    ) {
        // Ben buys it from ann, once: whoever else there was drives or owns it with them.
        let mut life: Vec<TestTouchpoint> = (said.into_iter())
            .filter(|it| !it.kind.starts_with("vehicle_") && it.kind != "owner_message_received")
            .collect();
        let car = |id: &str, at| TestTouchpoint::new("odometer_read", id, at)
            .about(|it| it.vin = "V1".to_owned());
        life.push(car("a", 0).acquired("ann", true));
        life.push(car("s", border).acquired("ben", true));
        let world = folded(&log(&life));
        for (owner, other) in [("ann", "ben"), ("ben", "ann")] {
            let seen = ids(&world, owner, Position::MAX);
            for it in life.iter().filter(|it| seen.contains(&it.id)) {
                prop_assert_ne!(it.subjects.owner_id.as_str(), other);
                if it.kind == "odometer_read" && it.subjects.owner_id.is_empty() {
                    prop_assert_eq!(it.occurred_at < border, owner == "ann", "{}", it.id);
                }
            }
        }
        // A visit is on one timeline, whole.
        let (anns, bens) = (ids(&world, "ann", Position::MAX), ids(&world, "ben", Position::MAX));
        for visit in ["1", "2", "3"] {
            let of_nobody = |it: &&TestTouchpoint| it.subjects.visit_id == visit && it.subjects.owner_id.is_empty();
            let all: Vec<&String> = life.iter().filter(of_nobody).map(|it| &it.id).collect();
            for seen in [&anns, &bens] {
                let there = all.iter().filter(|id| seen.contains(id)).count();
                prop_assert!(there == 0 || there == all.len(), "{} of {:?}", there, all);
            }
        }
    }
}
