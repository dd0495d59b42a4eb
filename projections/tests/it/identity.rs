//! Persons: the view of identities against a model in plain code.

use std::collections::BTreeSet;

use ownerline_projections::Position;
use ownerline_projections::person::identity::{IdentityError, MAX_IDENTITIES, person_ids};
use proptest::prelude::*;

use crate::cases::cases;
use crate::history::{TestTouchpoint, World, folded, lives, log};
use crate::life_model::Life;

fn link(id: &str, at: i64, one: &str, other: &str) -> TestTouchpoint {
    TestTouchpoint::new("news_sent", id, at)
        .about(|subjects| subjects.owner_id = one.to_owned())
        .linking(other)
}

fn unlink(id: &str, at: i64, one: &str, other: &str) -> TestTouchpoint {
    TestTouchpoint::new("news_sent", id, at)
        .about(|subjects| subjects.owner_id = one.to_owned())
        .unlinking(other)
}

fn person(world: &World, id: &str, known_at: Position) -> Vec<String> {
    let validity = world.validity(known_at);
    let found = person_ids(&world.identity, &validity, id).unwrap();
    found.into_iter().collect()
}

#[test]
fn links_hang_together_both_ways_and_the_last_word_about_a_pair_wins() {
    let world = folded(&log(&[
        link("1", 10, "ann", "ann2"),
        link("2", 20, "ann3", "ann2"),
        unlink("3", 30, "ann2", "ann"),
        link("late", 5, "ann", "ann2"),
    ]));
    assert_eq!(person(&world, "ann3", Position(2)), ["ann", "ann2", "ann3"]);
    assert_eq!(person(&world, "ann3", Position(3)), ["ann2", "ann3"]);
    assert_eq!(person(&world, "ann3", Position(4)), ["ann2", "ann3"]);
    assert_eq!(person(&world, "ann", Position(4)), ["ann"]);
    assert_eq!(person(&world, "nobody", Position(4)), ["nobody"]);
}

#[test]
fn a_retracted_link_never_was_as_known_from_then_on() {
    let world = folded(&log(&[
        link("1", 10, "ann", "ben"),
        TestTouchpoint::new("", "2", 20)
            .about(|subjects| subjects.owner_id = "ann".to_owned())
            .retracting("", "1"),
    ]));
    assert_eq!(person(&world, "ben", Position(1)), ["ann", "ben"]);
    assert_eq!(person(&world, "ben", Position(2)), ["ben"]);
}

#[test]
fn a_person_of_too_many_ids_is_refused_with_the_limit() {
    let of = |count: usize| {
        let said: Vec<TestTouchpoint> = (1..count)
            .map(|n| link(&n.to_string(), 1, "0", &n.to_string()))
            .collect();
        folded(&log(&said))
    };
    let world = of(MAX_IDENTITIES);
    assert_eq!(person(&world, "7", Position::MAX).len(), MAX_IDENTITIES);
    let world = of(MAX_IDENTITIES + 1);
    let refused = person_ids(&world.identity, &world.validity(Position::MAX), "7");
    assert!(matches!(
        refused,
        Err(IdentityError::TooMany {
            limit: MAX_IDENTITIES,
            ..
        })
    ));
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_person_is_the_one_of_the_model(
        said in lives(), as_of in 0_i64..14, known_at in 0_usize..42,
    ) {
        let log = log(&said);
        let world = folded(&log);
        let life = Life::new(&log[..known_at.min(log.len())], as_of);
        for id in ["ann", "ben", "eve", "ann2"] {
            let found: BTreeSet<String> =
                person(&world, id, Position(known_at as u64)).into_iter().collect();
            prop_assert_eq!(found, life.person(id));
        }
    }
}
