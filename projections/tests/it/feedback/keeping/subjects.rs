//! The clock-keeper repeats the owner and the vehicle of a feedback. That never names them.

use ownerline_projections::obligation::{ItemState, ItemSubjects};

use super::super::told::*;
use super::{Keeper, first_reply};

/// A feedback that a later message attributes to ann; it is warned about, and then the message is retracted.
fn warned_about_and_taken_back() -> Vec<Told> {
    let rules = first_reply();
    let named = message("m", 1).about(|subjects| {
        subjects.owner_id = "ann".to_owned();
        subjects.vin = "V1".to_owned();
    });
    let mut told = vec![received(0), named];
    let notices = Keeper::by(&rules).keeps(&mut told, 30);
    assert!(!notices.is_empty());
    assert!(
        notices
            .iter()
            .all(|it| (&*it.owner_id, &*it.vin) == ("ann", "V1"))
    );
    told.push(retracted("x", 31, "m"));
    told
}

#[test]
fn an_item_is_of_nobody_whom_only_the_clock_keeper_names() {
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
fn a_held_item_is_of_nobody_whom_only_the_clock_keeper_names() {
    let mut told = warned_about_and_taken_back();
    told.push(retracted("y", 32, "fb"));
    let item = folded(&told).item("f").unwrap();
    assert!(
        ItemState::at(&item, &first_reply(), 40 * HOUR)
            .received
            .is_none()
    );
    assert_eq!(item.subjects((40 * HOUR).into()), ItemSubjects::default());
}

#[test]
fn what_a_feedback_names_itself_comes_before_what_its_stream_named_earlier() {
    let about = |told: Told, vin: &'static str, owner: &'static str| {
        told.about(|subjects| {
            subjects.vin = vin.to_owned();
            subjects.owner_id = owner.to_owned();
        })
    };
    let told = [
        about(edited("e", -1, false), "V1", "ann"),
        about(received(0), "V2", ""),
    ];
    let item = folded(&told).item("f").unwrap();
    let subjects = item.subjects(0.into());
    assert_eq!((subjects.owner_id, subjects.vin), ("ann", "V2"));
}
