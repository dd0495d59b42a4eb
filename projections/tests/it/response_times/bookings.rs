//! Work booked after feedback: by whom, within which time, and of which feedback it is told.

use std::collections::BTreeSet;

use ownerline_projections::bookings::{self, BookingStates, booked};
use ownerline_projections::fold::ViewDef;
use ownerline_projections::person::ownership;
use ownerline_projections::person::{PersonLookup, WhoseStates};
use ownerline_projections::timeline;
use ownerline_projections::{MemoryState, Validity};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{
    AppointmentBooked, AppointmentCancelled, VehicleAcquired, VehicleDroppedOff,
};

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
    let mut states = <[MemoryState; 3]>::default();
    let views: [ViewDef; 3] = [bookings::VIEW, timeline::VIEW, ownership::VIEW];
    for (position, told) in (1..).zip(told) {
        for (view, state) in views.iter().zip(&mut states) {
            (view.apply)(&told.recorded(position), state).unwrap();
        }
    }
    let [bookings, timeline, ownership] = &states;
    let nothing = MemoryState::default();
    let validity = Validity::new(&nothing, u64::MAX).unwrap();
    let persons = PersonLookup::new(&nothing, &validity);
    let whose = WhoseStates {
        timeline,
        ownership,
    };
    let states = BookingStates { bookings, whose };
    let owners = BTreeSet::from([owner.to_owned()]);
    let found = booked(states, &validity, &persons, &owners, (as_of * HOUR).into()).unwrap();
    found.into_iter().map(|at| at / HOUR).collect()
}

#[test]
fn a_booking_that_names_only_a_vehicle_is_that_of_whoever_brought_the_car() {
    let car = |told: Told| told.about(|subjects| subjects.vin = "V1".to_owned());
    let acquired = |id: &str, hour: i64, owner: &str| {
        let payload = Payload::VehicleAcquired(VehicleAcquired {
            owner_id: owner.to_owned(),
            role: Role::Owner.into(),
        });
        Told::new(id, hour, payload).about(|subjects| {
            subjects.feedback_id = String::new();
            subjects.vin = "V1".to_owned();
            subjects.owner_id = owner.to_owned();
        })
    };
    let told = [
        acquired("a", 1, "ann"),
        car(of_visit("b", 5, "", books())),
        acquired("s", 6, "ben"),
        car(of_visit(
            "d",
            7,
            "",
            Payload::VehicleDroppedOff(VehicleDroppedOff::default()),
        )),
    ];
    assert_eq!(found(&told, "ann", 6), [5]);
    assert_eq!(found(&told, "ben", 20), [5]);
    assert!(found(&told, "ann", 20).is_empty());
}

#[test]
fn a_booking_belongs_to_whom_it_names_else_to_whoever_brought_the_car() {
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
