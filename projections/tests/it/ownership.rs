//! Who held which vehicle when: the view against the model in plain code.

use std::collections::BTreeSet;

use ownerline_projections::view::ownership::{HeldAs, held_by, holders, holdings};
use proptest::prelude::*;

use crate::cases::cases;
use crate::history::{Said, World, folded, lives, log};
use crate::life_model::Life;

fn about(id: &str, at: i64) -> Said {
    Said::new("odometer_read", id, at).about(|subjects| subjects.vin = "V1".to_owned())
}

/// (owner, as what, from, until)
fn held(world: &World, as_of: i64, known_at: u64) -> Vec<(String, HeldAs, i64, Option<i64>)> {
    let validity = world.validity(known_at);
    let holdings = holdings(&world.ownership, &validity, "V1", as_of.into()).unwrap();
    let told = |h: ownerline_projections::view::ownership::Holding| {
        (h.owner_id, h.held_as, h.from, h.until)
    };
    holdings.into_iter().map(told).collect()
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
fn a_new_owner_ends_the_former_but_no_driver() {
    let world = folded(&log(&[
        about("1", 10).acquired("ann", true),
        about("2", 15).acquired("eve", false),
        about("3", 20).acquired("ben", true),
        about("4", 30).released("eve"),
        about("5", 40).released("ben"),
    ]));
    assert_eq!(
        held(&world, 100, 5),
        [
            time("ann", HeldAs::Owner, 10, Some(20)),
            time("eve", HeldAs::Driver, 15, Some(30)),
            time("ben", HeldAs::Owner, 20, Some(40)),
        ]
    );
    assert_eq!(
        held(&world, 20, 5),
        [
            time("ann", HeldAs::Owner, 10, Some(20)),
            time("eve", HeldAs::Driver, 15, None),
            time("ben", HeldAs::Owner, 20, None),
        ]
    );
    assert_eq!(held(&world, 100, 1), [time("ann", HeldAs::Owner, 10, None)]);
    let validity = world.validity(5);
    let owners = BTreeSet::from(["ben".to_owned(), "ann".to_owned()]);
    let found = held_by(&world.ownership, &validity, &owners, 100.into()).unwrap();
    let of_vehicle: Vec<_> = found["V1"].iter().map(|h| h.owner_id.as_str()).collect();
    assert_eq!(of_vehicle, ["ann", "ben"]);
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
    assert_eq!(held(&world, 100, 3)[0].3, Some(20));
    assert_eq!(held(&world, 100, 4)[0].3, Some(25));
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_holder_is_whom_the_model_says(
        said in lives(), as_of in 0_i64..14, known_at in 0_usize..42,
    ) {
        let log = log(&said);
        let world = folded(&log);
        let validity = world.validity(known_at as u64);
        let life = Life::new(&log[..known_at.min(log.len())], as_of);
        for vin in ["V1", "V2"] {
            let whole = holdings(&world.ownership, &validity, vin, as_of.into()).unwrap();
            for instant in 0..=as_of {
                let then = holders(&world.ownership, &validity, vin, instant).unwrap();
                let within = whole.iter().filter(|holding| holding.includes(instant));
                let within = within.map(|h| (h.held_as, h.owner_id.clone())).collect();
                prop_assert_eq!(&then, &life.holders(vin, instant));
                prop_assert_eq!(then, within);
            }
        }
    }
}
