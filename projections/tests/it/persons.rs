//! The timeline of a person: under every id, and of the vehicles they held while they held them.

use std::collections::BTreeSet;

use ownerline_projections::Viewer;
use ownerline_projections::view::identity::MAX_IDENTITIES;
use ownerline_projections::view::timeline::{
    TimelineError, TimelineFilter, TimelineOrder, TimelineQuery, TimelineRow, page,
};
use proptest::prelude::*;

use crate::cases::cases;
use crate::history::{Said, World, folded, lives, log};
use crate::life_model::Life;

fn query(owner: &str, known_at: u64) -> TimelineQuery {
    TimelineQuery {
        owner_id: owner.to_owned(),
        filter: TimelineFilter::default(),
        order: TimelineOrder::OldestFirst,
        as_of: 1_000.into(),
        known_at,
        after: None,
        limit: 1_000,
    }
}

fn rows(world: &World, query: &TimelineQuery) -> Vec<TimelineRow> {
    match page(world.states(), &Viewer::Unrestricted, query) {
        Ok(page) => page.rows,
        Err(TimelineError::UnknownOwner { .. }) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}

fn ids(world: &World, owner: &str, known_at: u64) -> Vec<String> {
    let rows = rows(world, &query(owner, known_at));
    rows.into_iter().map(|row| row.key.id).collect()
}

fn vehicle(id: &str, at: i64) -> Said {
    Said::new("odometer_read", id, at).about(|subjects| subjects.vin = "V1".to_owned())
}

fn visit(id: &str, at: i64) -> Said {
    Said::new("work_performed", id, at).about(|subjects| subjects.visit_id = "1".to_owned())
}

fn news(id: &str, at: i64, owner: &str) -> Said {
    Said::new("news_sent", id, at).about(|subjects| subjects.owner_id = owner.to_owned())
}

#[test]
fn neither_owner_sees_the_time_of_the_other() {
    let world = folded(&log(&[
        vehicle("of nobody", 5),
        vehicle("ann's", 15),
        vehicle("at the border", 20),
        vehicle("ben's", 25),
        vehicle("a", 10).acquired("ann", true),
        vehicle("b", 20).acquired("ben", true),
    ]));
    assert_eq!(ids(&world, "ann", 6), ["a", "ann's"]);
    assert_eq!(ids(&world, "ben", 6), ["b", "at the border", "ben's"]);
    let row = &rows(&world, &query("ann", 6))[1];
    assert_eq!((&*row.owner_id, &*row.vin), ("ann", "V1"));
    // Before the sale was known, what came after it was ann's.
    assert_eq!(
        ids(&world, "ann", 5),
        ["a", "ann's", "at the border", "ben's"]
    );
    assert!(ids(&world, "ben", 5).is_empty());
}

#[test]
fn owner_and_driver_both_see_the_vehicle() {
    let world = folded(&log(&[
        vehicle("a", 10).acquired("ann", true),
        vehicle("e", 20).acquired("eve", false),
        vehicle("before", 15),
        vehicle("both", 25),
        vehicle("r", 30).released("eve"),
        vehicle("after", 35),
    ]));
    assert_eq!(ids(&world, "ann", 6), ["a", "before", "both", "after"]);
    assert_eq!(ids(&world, "eve", 6), ["e", "both", "r"]);
}

#[test]
fn a_visit_of_nobody_belongs_to_who_held_the_vehicle_until_somebody_is_named() {
    let named = visit("named", 30).about(|subjects| subjects.owner_id = "eve".to_owned());
    let world = folded(&log(&[
        vehicle("a", 10).acquired("ann", true),
        vehicle("b", 20).acquired("ben", true),
        visit("first", 15).about(|subjects| subjects.vin = "V1".to_owned()),
        visit("second", 25),
        named,
    ]));
    assert_eq!(ids(&world, "ann", 4), ["a", "first"]);
    assert_eq!(ids(&world, "ben", 4), ["b", "second"]);
    assert_eq!(ids(&world, "eve", 5), ["first", "second", "named"]);
    assert_eq!(ids(&world, "ann", 5), ["a"]);
}

#[test]
fn one_person_under_several_ids_is_one_timeline_without_doubles() {
    let world = folded(&log(&[
        news("1", 1, "ann"),
        news("2", 2, "ann2"),
        vehicle("3", 3).acquired("ann", true),
        vehicle("4", 4).acquired("ann2", false),
        vehicle("5", 5),
        news("6", 6, "ann").linking("ann2"),
    ]));
    for id in ["ann", "ann2"] {
        assert_eq!(ids(&world, id, 6), ["1", "2", "3", "4", "5", "6"]);
    }
    assert_eq!(ids(&world, "ann2", 5), ["2", "4", "5"]);
    let owners = rows(&world, &query("ann2", 6));
    let owners: Vec<&str> = owners.iter().map(|row| row.owner_id.as_str()).collect();
    assert_eq!(owners, ["ann", "ann2", "ann", "ann2", "ann", "ann"]);
}

#[test]
fn an_id_that_only_a_link_names_exists_and_too_many_are_refused() {
    let mut said = vec![news("1", 500, "ann").linking("ann2")];
    let world = folded(&log(&said));
    let before_it_happened = TimelineQuery {
        as_of: 10.into(),
        ..query("ann2", 1)
    };
    let found = page(world.states(), &Viewer::Unrestricted, &before_it_happened);
    assert!(found.unwrap().rows.is_empty());
    for number in 0..MAX_IDENTITIES {
        said.push(news(&format!("n{number}"), 1, "ann").linking(&number.to_string()));
    }
    let world = folded(&log(&said));
    let refused = page(world.states(), &Viewer::Unrestricted, &query("ann", 1_000));
    assert!(matches!(
        refused,
        Err(TimelineError::TooManyIdentities { .. })
    ));
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn what_names_only_a_vehicle_is_seen_by_who_held_it_then_and_by_nobody_else(
        said in lives(), known_at in 0_usize..42,
    ) {
        let log = log(&said);
        let world = folded(&log);
        let known = &log[..known_at.min(log.len())];
        let life = Life::new(known, 1_000);
        for owner in ["ann", "ben", "eve", "ann2"] {
            let person = life.person(owner);
            let seen = ids(&world, owner, known_at as u64);
            let distinct: BTreeSet<&String> = seen.iter().collect();
            prop_assert_eq!(distinct.len(), seen.len(), "doubles");
            for recorded in known.iter().filter(|r| &*r.kind.name == "odometer_read") {
                let subjects = recorded.touchpoint.subjects.as_ref().unwrap();
                if subjects.owner_id.is_empty() {
                    let holders = life.holders(&subjects.vin, recorded.occurred_at);
                    let held = holders.iter().any(|(_, id)| person.contains(id));
                    let sees = seen.contains(&recorded.touchpoint.id);
                    prop_assert_eq!(sees, held, "{} and {}", owner, recorded.touchpoint.id);
                }
            }
        }
    }
}
