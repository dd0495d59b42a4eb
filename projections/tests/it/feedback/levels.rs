//! The levels of an obligation, and the events that were issued for them.

use ownerline_projections::obligation::{ItemState, Level, levels, obligation_id};
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{ObligationBreached, ObligationWarned};

use super::touchpoints::*;

fn first_levels(touchpoints: &[FeedbackTouchpoint], hour: i64) -> Vec<Level> {
    let item = folded(touchpoints).item("f").unwrap();
    let state = ItemState::at(&item, &default_rules(), hour * HOUR);
    levels(&item, first(&state), &term(Kind::FirstReply, 24))
}

fn reached(touchpoints: &[FeedbackTouchpoint], hour: i64) -> Vec<bool> {
    let levels = first_levels(touchpoints, hour);
    levels.iter().map(|level| level.reached).collect()
}

fn warned(id: &str, hour: i64, level: f64, version: i32) -> FeedbackTouchpoint {
    let key = ("crm", "fb");
    let payload = Payload::ObligationWarned(ObligationWarned {
        obligation_id: obligation_id("f", Kind::FirstReply, 0, key),
        kind: Kind::FirstReply.into(),
        policy: "sla".to_owned(),
        policy_version: version,
        level,
        ..ObligationWarned::default()
    });
    FeedbackTouchpoint::new(id, hour, payload)
}

#[test]
fn warnings_come_at_shares_of_the_budget_and_then_the_breach() {
    let levels = first_levels(&[received(0)], 1);
    let seen: Vec<_> = levels
        .iter()
        .map(|it| (it.share, it.at, it.breach))
        .collect();
    let minutes = |minutes: i64| Some(minutes * HOUR / 60);
    assert_eq!(
        seen,
        [
            (0.5, minutes(720), false),
            (0.75, minutes(1080), false),
            (0.9, minutes(1296), false),
            (1.0, minutes(1440), true),
        ]
    );
}

#[test]
fn a_level_is_reached_only_while_the_obligation_is_open() {
    let answered = |hour| reached(&[received(0), reply("r", hour)], 100);
    assert_eq!(answered(12), [false; 4]);
    assert_eq!(answered(13), [true, false, false, false]);
    assert_eq!(answered(24), [true, true, true, false]);
    assert_eq!(answered(25), [true; 4]);
    assert_eq!(reached(&[received(0), closed("c", 13)], 100), answered(13));
}

#[test]
fn a_level_is_issued_once_for_an_obligation_and_policy_version() {
    let issued = |touchpoints: &[FeedbackTouchpoint]| -> Vec<bool> {
        first_levels(touchpoints, 20)
            .iter()
            .map(|level| level.issued)
            .collect()
    };
    let touchpoints = [received(0), warned("w", 12, 0.5, 1)];
    assert_eq!(issued(&touchpoints), [true, false, false, false]);
    assert_eq!(issued(&[received(0), warned("w", 12, 0.5, 2)]), [false; 4]);
    // A warning at the whole budget is no breach.
    assert_eq!(issued(&[received(0), warned("w", 12, 1.0, 1)]), [false; 4]);
}

#[test]
fn notices_of_the_clock_keeper_change_no_state() {
    let touchpoints = [received(0), reply("r", 30)];
    let breached = Payload::ObligationBreached(ObligationBreached {
        obligation_id: obligation_id("f", Kind::FirstReply, 0, ("crm", "fb")),
        ..ObligationBreached::default()
    });
    let said = [
        touchpoints.as_slice(),
        &[
            warned("w", 12, 0.5, 1),
            FeedbackTouchpoint::new("b", 24, breached),
        ],
    ]
    .concat();
    assert_eq!(state(&touchpoints, 40), state(&said, 40));
}

#[test]
fn an_obligation_is_named_by_its_parts_and_no_two_mixtures_are_one() {
    let id = |feedback, source, id| obligation_id(feedback, Kind::FirstReply, 0, (source, id));
    assert_eq!(id("f", "crm", "1").len(), 32);
    assert_ne!(id("f", "crm", "1"), id("f", "cr", "m1"));
    assert_ne!(id("f", "crm", "1"), id("g", "crm", "1"));
    assert_ne!(
        obligation_id("f", Kind::FirstReply, 0, ("crm", "1")),
        obligation_id("f", Kind::NextReply, 0, ("crm", "1"))
    );
    // Whoever changes it warns everybody a second time.
    assert_eq!(id("f", "crm", "fb"), "cf9dd7cd50480bab683e9c7e67e375be");
}
