//! Work booked after feedback: by whom, within which time, and of which feedback it is told.

use std::collections::BTreeSet;

use ownerline_projections::view::View;
use ownerline_projections::view::bookings::{Bookings, booked};
use ownerline_projections::{MemoryState, Validity};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{AppointmentBooked, AppointmentCancelled, VehicleDroppedOff};

use crate::feedback::told::{HOUR, Told};

fn of_visit(id: &str, hour: i64, owner: &str, payload: Payload) -> Told {
    Told::new(id, hour, payload).about(|subjects| {
        subjects.feedback_id = String::new();
        subjects.visit_id = "v1".to_owned();
        subjects.owner_id = owner.to_owned();
    })
}

fn books() -> Payload {
    Payload::AppointmentBooked(AppointmentBooked::default())
}

fn found(told: &[Told], owner: &str, as_of: i64) -> Vec<i64> {
    let mut state = MemoryState::default();
    for (position, told) in (1..).zip(told) {
        Bookings
            .apply(&told.recorded(position), &mut state)
            .unwrap();
    }
    let nothing = MemoryState::default();
    let validity = Validity::new(&nothing, u64::MAX).unwrap();
    let owners = BTreeSet::from([owner.to_owned()]);
    let found = booked(&state, &validity, &owners, (as_of * HOUR).into()).unwrap();
    found.into_iter().map(|at| at / HOUR).collect()
}

#[test]
fn a_booking_belongs_to_whom_it_names_else_to_whom_its_visit_names_first() {
    let cancelled = Payload::AppointmentCancelled(AppointmentCancelled::default());
    let told = [
        of_visit("b2", 9, "other", books()),
        of_visit("b1", 5, "", books()),
        of_visit("c", 6, "", cancelled),
        of_visit(
            "d",
            7,
            "ann",
            Payload::VehicleDroppedOff(VehicleDroppedOff::default()),
        ),
    ];
    assert_eq!(found(&told, "ann", 20), [5]);
    assert_eq!(found(&told, "other", 20), [9]);
    assert!(found(&told, "other", 8).is_empty());
    assert!(
        found(&told, "ann", 6).is_empty(),
        "nobody was named by then"
    );
    assert!(found(&told, "bob", 20).is_empty());
}

#[test]
fn the_order_of_arrival_changes_no_booking() {
    let mut told = vec![
        of_visit("b1", 5, "", books()),
        of_visit("n1", 6, "ann", books()),
        of_visit("n2", 4, "bob", books()),
    ];
    for _ in 0..3 {
        told.rotate_left(1);
        assert_eq!(found(&told, "ann", 20), [6]);
        assert_eq!(found(&told, "bob", 20), [4, 5]);
    }
}
