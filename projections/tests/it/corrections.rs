//! Corrections and retractions: touchpoints in force as known at a position.

use ownerline_projections::fold::key::KeyWriter;
use ownerline_projections::fold::state::{ScanOrder, StateMap as _, StateRead as _};
use ownerline_projections::{Position, Rank};
use proptest::prelude::*;

use crate::cases::cases;
use crate::history::{TestTouchpoint, World, folded, histories, log};
use crate::standing_model::Known;

fn change(id: &str, at: i64) -> TestTouchpoint {
    TestTouchpoint::new("order_changed", id, at)
        .about(|subjects| subjects.order_id = "1".to_owned())
}

fn retraction(id: &str, at: i64, of: &str) -> TestTouchpoint {
    change(id, at).retracting("", of)
}

/// The ids of the touchpoints in force at a position.
fn counting(world: &World, said: &[TestTouchpoint], known_at: Position) -> Vec<String> {
    let validity = world.validity(known_at);
    let keys = log(said);
    let counts = keys.iter().map(crate::model::key);
    let counts = counts.filter(|key| validity.counts(key).unwrap());
    counts.map(|key| key.id).collect()
}

fn by_position(said: &[TestTouchpoint]) -> Vec<Vec<String>> {
    let world = folded(&log(said));
    let last = u64::try_from(said.len()).unwrap();
    (1..=last)
        .map(Position)
        .map(|known_at| counting(&world, said, known_at))
        .collect()
}

/// Only a damaged row can say so; it once went on until memory ended.
#[test]
fn a_row_that_makes_a_correction_correct_itself_comes_to_an_end() {
    const LINKS: u8 = b'l';
    let said = [change("a", 10), change("b", 20).correcting("a")];
    let mut world = folded(&log(&said));
    let mut link = Vec::new();
    let all = (&[LINKS][..], &[LINKS + 1][..]);
    world
        .corrections
        .scan(all.0..all.1, ScanOrder::Ascending, &mut |_, value| {
            link = value.to_vec();
            std::ops::ControlFlow::Break(())
        })
        .unwrap();
    let under = KeyWriter::table(LINKS).text("crm").text("b");
    let damaged = under
        .raw(&KeyWriter::history_tail(
            10,
            Rank::NEUTRAL,
            "crm",
            "a",
            Position(1),
        ))
        .finish();
    world.corrections.put(damaged, link);
    assert_eq!(counting(&world, &said, Position(2)), ["b"]);
}

#[test]
fn a_correction_counts_from_its_own_position_and_a_chain_ends_with_its_last() {
    let said = [
        change("a", 10),
        change("b", 20).correcting("a"),
        change("c", 5).correcting("b"),
    ];
    assert_eq!(by_position(&said), [["a"], ["b"], ["c"]]);
    let validity = folded(&log(&said));
    let standing = validity.validity(Position(3)).standing("crm", "a").unwrap();
    let by = standing.corrected_by.unwrap();
    assert_eq!((by.key.id.as_str(), by.key.occurred_at), ("c", 5));
    assert!(standing.retracted_by.is_none());
}

#[test]
fn of_several_corrections_the_last_in_history_order_wins_whatever_arrived_first() {
    let said = [
        change("a", 10),
        change("late", 20).correcting("a"),
        change("early", 15).correcting("a"),
    ];
    assert_eq!(by_position(&said), [["a"], ["late"], ["late"]]);
}

#[test]
fn a_retracted_correction_restores_its_target() {
    let said = [
        change("a", 10),
        change("b", 20).correcting("a"),
        retraction("r", 30, "b"),
        retraction("s", 40, "r"),
    ];
    assert_eq!(
        by_position(&said),
        [vec!["a"], vec!["b"], vec!["a", "r"], vec!["b", "s"]]
    );
}

#[test]
fn a_retraction_of_the_corrected_leaves_its_correction() {
    let said = [
        change("a", 10),
        change("b", 20).correcting("a"),
        retraction("r", 30, "a"),
    ];
    assert_eq!(by_position(&said)[2], ["b", "r"]);
}

#[test]
fn a_touchpoint_that_arrives_before_its_target_is_held_and_paired() {
    let said = [
        change("b", 20).correcting("a"),
        retraction("r", 30, "c"),
        change("a", 10),
        change("c", 10),
    ];
    assert_eq!(
        by_position(&said),
        [vec!["b"], vec!["b", "r"], vec!["b", "r"], vec!["b", "r"]]
    );
}

#[test]
fn a_reference_to_another_kind_or_stream_has_no_effect_and_is_flagged() {
    let said = [
        change("a", 10),
        TestTouchpoint::new("order_placed", "kind", 20)
            .about(|subjects| subjects.order_id = "1".to_owned())
            .correcting("a"),
        TestTouchpoint::new("order_changed", "stream", 20)
            .about(|subjects| subjects.order_id = "2".to_owned())
            .correcting("a"),
        TestTouchpoint::new("", "r", 30)
            .about(|subjects| subjects.order_id = "2".to_owned())
            .retracting("", "a"),
    ];
    let world = folded(&log(&said));
    assert_eq!(
        counting(&world, &said, Position(4)),
        ["a", "kind", "stream", "r"]
    );
    let validity = world.validity(Position(4));
    for (id, without_effect) in [("a", false), ("kind", true), ("stream", true), ("r", true)] {
        let standing = validity.standing("crm", id).unwrap();
        assert_eq!(standing.without_effect, without_effect, "{id}");
    }
}

#[test]
fn corrections_in_a_circle_have_no_effect_but_corrections_of_them_have() {
    let said = [
        change("a", 10).correcting("b"),
        change("b", 20).correcting("a"),
        change("c", 30).correcting("b"),
        change("self", 40).correcting("self"),
    ];
    assert_eq!(by_position(&said)[3], ["a", "c", "self"]);
}

#[test]
fn a_long_chain_is_followed_without_recursion() {
    let mut said = vec![change("0", 0)];
    for number in 1..20_000 {
        said.push(change(&number.to_string(), 0).correcting(&(number - 1).to_string()));
    }
    let mut retractions = vec![change("r0", 0).retracting("", "0")];
    for number in 1..20_000 {
        let of = format!("r{}", number - 1);
        retractions.push(change(&format!("r{number}"), number).retracting("", &of));
    }
    let last = Position::MAX;
    let world = folded(&log(&said));
    let standing = world.validity(last).standing("crm", "7").unwrap();
    assert_eq!(standing.corrected_by.unwrap().key.id, "19999");
    retractions.insert(0, change("0", 0));
    let world = folded(&log(&retractions));
    assert!(
        world
            .validity(last)
            .standing("crm", "0")
            .unwrap()
            .in_force()
    );
}

fn shuffled() -> impl Strategy<Value = (Vec<TestTouchpoint>, Vec<TestTouchpoint>)> {
    histories().prop_flat_map(|said| (Just(said.clone()), Just(said).prop_shuffle()))
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn as_known_at_a_position_later_touchpoints_decide_nothing(
        said in histories(), known_at in 0_usize..42,
    ) {
        let log = log(&said);
        let prefix = &log[..known_at.min(log.len())];
        let model = Known(prefix);
        let world = folded(&log);
        let validity = world.validity(Position(known_at as u64));
        for recorded in prefix {
            let touchpoint = &recorded.touchpoint;
            let standing = validity.standing(&touchpoint.source, &touchpoint.id).unwrap();
            let id = |by: Option<String>| by.unwrap_or_default();
            prop_assert_eq!(standing.in_force(), model.in_force(recorded));
            prop_assert_eq!(
                id(standing.corrected_by.map(|by| by.key.id)),
                id(model.corrected_by(recorded).map(|by| by.touchpoint.id.clone()))
            );
            prop_assert_eq!(
                id(standing.retracted_by.map(|by| by.key.id)),
                id(model.retracted_by(recorded).map(|by| by.touchpoint.id.clone()))
            );
            prop_assert_eq!(standing.without_effect, model.without_effect(recorded));
        }
        for recorded in &log[prefix.len()..] {
            prop_assert!(!validity.counts(&crate::model::key(recorded)).unwrap());
        }
    }

    #[test]
    fn any_order_of_arrival_ends_in_the_same(both in shuffled()) {
        let ends = |said: &[TestTouchpoint]| {
            let mut ids = counting(&folded(&log(said)), said, Position::MAX);
            ids.sort();
            ids
        };
        prop_assert_eq!(ends(&both.0), ends(&both.1));
    }
}
