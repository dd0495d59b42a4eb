//! Holdings: the view against a model in plain code.

use std::collections::BTreeSet;

use ownerline_projections::Position;
use ownerline_projections::person::PersonLookup;
use ownerline_projections::person::holding::{HeldAs, Holding};
use ownerline_projections::person::ownership::{held_by, holders, holdings};
use ownerline_proto::v1::vehicle_acquired::Role;
use proptest::prelude::*;

use crate::cases::cases;
use crate::history::{TestTouchpoint, World, folded, lives, log};
use crate::life_model::Life;

fn about(id: &str, at: i64) -> TestTouchpoint {
    TestTouchpoint::new("odometer_read", id, at).about(|subjects| subjects.vin = "V1".to_owned())
}

/// (owner, role, from, until)
fn held(world: &World, as_of: i64, known_at: Position) -> Vec<(String, HeldAs, i64, Option<i64>)> {
    let validity = world.validity(known_at);
    let persons = PersonLookup::new(&world.identity, &validity);
    let holdings = holdings(&world.ownership, &validity, &persons, "V1", as_of.into()).unwrap();
    let fields = |h: Holding| (h.owner_id, h.held_as, h.from, h.until);
    holdings.into_iter().map(fields).collect()
}

fn time(
    owner: &str,
    held_as: HeldAs,
    from: i64,
    until: Option<i64>,
) -> (String, HeldAs, i64, Option<i64>) {
    (owner.to_owned(), held_as, from, until)
}

#[test]
fn a_new_owner_ends_the_time_of_the_former_owner_and_of_co_owners_and_drivers() {
    let world = folded(&log(&[
        about("1", 10).acquired("ann", true),
        about("2", 15).acquired("eve", false),
        about("3", 15).acquired_as("cleo", Role::CoOwner),
        about("4", 20).acquired("ben", true),
        about("5", 25).acquired("eve", false),
        about("6", 30).released("eve"),
        about("7", 40).released("ben"),
    ]));
    assert_eq!(
        held(&world, 100, Position(7)),
        [
            time("ann", HeldAs::Owner, 10, Some(20)),
            time("cleo", HeldAs::CoOwner, 15, Some(20)),
            time("eve", HeldAs::Driver, 15, Some(20)),
            time("ben", HeldAs::Owner, 20, Some(40)),
            time("eve", HeldAs::Driver, 25, Some(30)),
        ]
    );
    assert_eq!(
        held(&world, 100, Position(1)),
        [time("ann", HeldAs::Owner, 10, None)]
    );
    let validity = world.validity(Position(7));
    let persons = PersonLookup::new(&world.identity, &validity);
    let owners = BTreeSet::from(["ben".to_owned()]);
    let found = held_by(&world.ownership, &validity, &persons, &owners, 100.into()).unwrap();
    let of_vehicle: Vec<_> = found["V1"].iter().map(|h| h.owner_id.as_str()).collect();
    assert_eq!(of_vehicle, ["ben"]);
}

#[test]
fn one_id_of_a_person_releases_what_another_acquired() {
    let link = TestTouchpoint::new("", "link", 12)
        .about(|subjects| subjects.owner_id = "ann".to_owned())
        .linking("ann2");
    let world = folded(&log(&[
        about("1", 10).acquired("ann", true),
        about("2", 20).released("ann2"),
        link,
    ]));
    assert_eq!(
        held(&world, 100, Position(2)),
        [time("ann", HeldAs::Owner, 10, None)]
    );
    let ended = [time("ann", HeldAs::Owner, 10, Some(20))];
    assert_eq!(held(&world, 100, Position(3)), ended);
}

#[test]
fn who_acquires_a_vehicle_once_more_ends_only_their_own_other_role() {
    let link = TestTouchpoint::new("", "link", 12)
        .about(|subjects| subjects.owner_id = "ann".to_owned())
        .linking("ann2");
    let world = folded(&log(&[
        about("1", 10).acquired("ann", true),
        about("2", 11).acquired("eve", false),
        about("3", 12).acquired("ann", false),
        about("4", 20).acquired("ann2", true),
        link,
    ]));
    assert_eq!(
        held(&world, 100, Position(5)),
        [
            time("ann", HeldAs::Owner, 10, None),
            time("eve", HeldAs::Driver, 11, None),
            time("ann", HeldAs::Driver, 12, Some(20)),
        ]
    );
}

#[test]
fn at_one_instant_what_was_open_ends_first_and_what_begins_ends_last_whatever_their_ids() {
    for ids in [["1", "2", "3", "4"], ["4", "3", "2", "1"]] {
        let [first, released, again, co_owner] = ids;
        let world = folded(&log(&[
            about(&format!("a{first}"), 10).acquired("ann", true),
            about(&format!("r{released}"), 20).released("ann"),
            about(&format!("q{again}"), 20).acquired("ben", true),
            about(&format!("c{co_owner}"), 20).acquired_as("cleo", Role::CoOwner),
            about(&format!("x{first}"), 30).acquired("eve", false),
            about(&format!("w{again}"), 30).released("eve"),
        ]));
        assert_eq!(
            held(&world, 100, Position(6)),
            [
                time("ann", HeldAs::Owner, 10, Some(20)),
                time("ben", HeldAs::Owner, 20, None),
                time("cleo", HeldAs::CoOwner, 20, None),
            ]
        );
    }
}

#[test]
fn a_corrected_acquisition_moves_the_border_as_known_from_then_on() {
    let mut moved = about("4", 25).acquired("ben", true);
    moved.corrects = Some((String::new(), "3".to_owned()));
    let world = folded(&log(&[
        about("1", 10).acquired("ann", true),
        about("2", 10).acquired("ann", true),
        about("3", 20).acquired("ben", true),
        moved,
    ]));
    assert_eq!(held(&world, 100, Position(3))[0].3, Some(20));
    assert_eq!(held(&world, 100, Position(4))[0].3, Some(25));
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_holder_is_the_one_of_the_model(
        said in lives(), as_of in 0_i64..14, known_at in 0_usize..42,
    ) {
        let log = log(&said);
        let world = folded(&log);
        let validity = world.validity(Position(known_at as u64));
        let persons = PersonLookup::new(&world.identity, &validity);
        let life = Life::new(&log[..known_at.min(log.len())], as_of);
        for vin in ["V1", "V2"] {
            let whole = holdings(&world.ownership, &validity, &persons, vin, as_of.into()).unwrap();
            for instant in 0..=as_of {
                let then = holders(&world.ownership, &validity, &persons, vin, instant).unwrap();
                let then: BTreeSet<_> = then.into_iter().map(|h| (h.held_as, h.owner_id)).collect();
                let within = whole.iter().filter(|holding| holding.includes(instant));
                let within: BTreeSet<_> = within.map(|h| (h.held_as, h.owner_id.clone())).collect();
                prop_assert_eq!(&then, &life.holders(vin, instant));
                prop_assert_eq!(then, within);
            }
        }
    }
}
