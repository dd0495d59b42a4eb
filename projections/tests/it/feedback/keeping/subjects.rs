//! The clock-keeper repeats the owner and the vehicle of a feedback. That never names them.

use ownerline_projections::obligation::{ItemState, ItemSubjects};

use super::super::touchpoints::*;
use super::{Keeper, first_reply};

/// A feedback that a later message attributes to ann; it is warned about, and then the message is retracted.
fn warned_about_and_taken_back() -> Vec<FeedbackTouchpoint> {
    let rules = first_reply();
    let named = message("m", 1).about(|subjects| {
        subjects.owner_id = "ann".to_owned();
        subjects.vin = "V1".to_owned();
    });
    let mut touchpoints = vec![received(0), named];
    let notices = Keeper::by(&rules).keeps(&mut touchpoints, 30);
    assert!(!notices.is_empty());
    assert!(
        notices
            .iter()
            .all(|it| (&*it.owner_id, &*it.vin) == ("ann", "V1"))
    );
    touchpoints.push(retracted("x", 31, "m"));
    touchpoints
}

#[test]
fn an_item_does_not_belong_to_an_owner_named_only_by_the_clock_keeper() {
    let item = folded(&warned_about_and_taken_back()).item("f").unwrap();
    let before = ItemSubjects {
        owner_id: "ann",
        vin: "V1",
    };
    let state = ItemState::at(&item, &first_reply(), 40 * HOUR);
    let received = state.received.unwrap();
    assert_eq!((&*received.owner_id, &*received.vin), ("", ""));
    assert_eq!(item.subjects((40 * HOUR).into()), ItemSubjects::default());
    let item = folded(&warned_about_and_taken_back()[..2])
        .item("f")
        .unwrap();
    assert_eq!(item.subjects((40 * HOUR).into()), before);
    assert_eq!(item.subjects(0.into()), ItemSubjects::default());
}

#[test]
fn a_held_item_does_not_belong_to_an_owner_named_only_by_the_clock_keeper() {
    let mut touchpoints = warned_about_and_taken_back();
    touchpoints.push(retracted("y", 32, "fb"));
    let item = folded(&touchpoints).item("f").unwrap();
    assert!(
        ItemState::at(&item, &first_reply(), 40 * HOUR)
            .received
            .is_none()
    );
    assert_eq!(item.subjects((40 * HOUR).into()), ItemSubjects::default());
}

#[test]
fn subjects_of_a_feedback_itself_come_before_earlier_ones_of_its_stream() {
    let about = |touchpoint: FeedbackTouchpoint, vin: &'static str, owner: &'static str| {
        touchpoint.about(|subjects| {
            subjects.vin = vin.to_owned();
            subjects.owner_id = owner.to_owned();
        })
    };
    let touchpoints = [
        about(edited("e", -1, false), "V1", "ann"),
        about(received(0), "V2", ""),
    ];
    let item = folded(&touchpoints).item("f").unwrap();
    let subjects = item.subjects(0.into());
    assert_eq!((subjects.owner_id, subjects.vin), ("ann", "V2"));
}
