//! Work booked after feedback: who booked it, and which bookings count as soon after.

use std::collections::BTreeSet;

use ownerline_projections::bookings::{self, BookedSoon, BookingStates, bookings_of_person};
use ownerline_projections::fold::ViewDef;
use ownerline_projections::person::identity;
use ownerline_projections::person::ownership;
use ownerline_projections::person::{PersonLookup, WhoseStates};
use ownerline_projections::timeline;
use ownerline_projections::{MemoryState, Position, Validity};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{
    AppointmentBooked, AppointmentCancelled, OwnerIdentityLinked, VehicleAcquired,
    VehicleDroppedOff,
};

use crate::feedback::touchpoints::{FeedbackTouchpoint, Folded, HOUR, folded, received};

fn of_visit(id: &str, hour: i64, owner: &str, payload: Payload) -> FeedbackTouchpoint {
    FeedbackTouchpoint::new(id, hour, payload).about(|subjects| {
        subjects.feedback_id = String::new();
        subjects.visit_id = "v1".to_owned();
        subjects.owner_id = owner.to_owned();
    })
}

fn books() -> Payload {
    Payload::AppointmentBooked(AppointmentBooked::default())
}

/// The states that say who booked, and the items.
struct World {
    bookings: MemoryState,
    timeline: MemoryState,
    ownership: MemoryState,
    identity: MemoryState,
    items: Folded,
}

impl World {
    fn of(touchpoints: &[FeedbackTouchpoint]) -> Self {
        let mut states = <[MemoryState; 4]>::default();
        let views: [ViewDef; 4] = [
            bookings::VIEW,
            timeline::VIEW,
            ownership::VIEW,
            identity::VIEW,
        ];
        for (position, touchpoints) in (1..).zip(touchpoints) {
            for (view, state) in views.iter().zip(&mut states) {
                (view.apply)(&touchpoints.recorded(Position(position)), state).unwrap();
            }
        }
        let [bookings, timeline, ownership, identity] = states;
        Self {
            bookings,
            timeline,
            ownership,
            identity,
            items: folded(touchpoints),
        }
    }

    fn states(&self) -> BookingStates<'_> {
        let whose = WhoseStates {
            timeline: &self.timeline,
            ownership: &self.ownership,
        };
        BookingStates {
            bookings: &self.bookings,
            whose,
        }
    }

    /// Whether the owner of feedback `f` booked soon after it was received, as of an hour.
    fn booked_soon(&self, start: i64, as_of: i64) -> Option<bool> {
        let validity = self.items.validity();
        let as_of = (as_of * HOUR).into();
        let lookup = BookedSoon::new(self.states(), &self.identity, &validity, as_of);
        let item = self.items.item("f").unwrap();
        lookup.after(&item, start * HOUR).unwrap()
    }
}

fn found(touchpoints: &[FeedbackTouchpoint], owner: &str, as_of: i64) -> Vec<i64> {
    let world = World::of(touchpoints);
    let nothing = MemoryState::default();
    let validity = Validity::new(&nothing, Position::MAX).unwrap();
    let persons = PersonLookup::new(&nothing, &validity);
    let (states, as_of) = (world.states(), (as_of * HOUR).into());
    let owners = BTreeSet::from([owner.to_owned()]);
    let found = bookings_of_person(states, &validity, &persons, &owners, as_of).unwrap();
    found.into_iter().map(|at| at / HOUR).collect()
}

fn of_ann(touchpoint: FeedbackTouchpoint) -> FeedbackTouchpoint {
    touchpoint.about(|subjects| subjects.owner_id = "ann".to_owned())
}

#[test]
fn soon_is_after_the_feedback_and_at_most_90_days_later() {
    let end = 10 + 90 * 24;
    let late = end + 1;
    for (at, is_soon) in [
        (9, false),
        (10, false),
        (11, true),
        (end, true),
        (late, false),
    ] {
        let touchpoints = [of_ann(received(10)), of_visit("b", at, "ann", books())];
        let world = World::of(&touchpoints);
        assert_eq!(world.booked_soon(10, late), Some(is_soon), "booked at {at}");
        // Before the 90 days are over nobody can say that there was none.
        assert_eq!(world.booked_soon(10, end - 1), None);
        assert_eq!(world.booked_soon(10, end), Some(is_soon), "booked at {at}");
    }
}

#[test]
fn soon_may_be_under_another_id_and_is_not_known_of_a_feedback_without_owner() {
    let linked = Payload::OwnerIdentityLinked(OwnerIdentityLinked {
        other_owner_id: "ann2".to_owned(),
    });
    let linked =
        of_ann(FeedbackTouchpoint::new("l", 1, linked)).about(|it| it.feedback_id = String::new());
    let touchpoints = [
        of_ann(received(10)),
        of_visit("b", 11, "ann2", books()),
        linked,
    ];
    let over = 10 + 90 * 24;
    assert_eq!(
        World::of(&touchpoints[..2]).booked_soon(10, over),
        Some(false)
    );
    assert_eq!(World::of(&touchpoints).booked_soon(10, over), Some(true));
    let of_nobody = [received(10), of_visit("b", 11, "ann", books())];
    assert_eq!(World::of(&of_nobody).booked_soon(10, over), None);
}

#[test]
fn a_booking_that_names_only_a_vehicle_belongs_to_the_one_who_brought_the_car() {
    let car = |touchpoint: FeedbackTouchpoint| {
        touchpoint.about(|subjects| subjects.vin = "V1".to_owned())
    };
    let acquired = |id: &str, hour: i64, owner: &str| {
        let payload = Payload::VehicleAcquired(VehicleAcquired {
            owner_id: owner.to_owned(),
            role: Role::Owner.into(),
        });
        FeedbackTouchpoint::new(id, hour, payload).about(|subjects| {
            subjects.feedback_id = String::new();
            subjects.vin = "V1".to_owned();
            subjects.owner_id = owner.to_owned();
        })
    };
    let touchpoints = [
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
    assert_eq!(found(&touchpoints, "ann", 6), [5]);
    assert_eq!(found(&touchpoints, "ben", 20), [5]);
    assert!(found(&touchpoints, "ann", 20).is_empty());
}

#[test]
fn a_booking_belongs_to_the_named_owner_or_else_to_the_one_who_brought_the_car() {
    let cancelled = Payload::AppointmentCancelled(AppointmentCancelled::default());
    let touchpoints = [
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
    assert_eq!(found(&touchpoints, "ann", 20), [5]);
    assert_eq!(found(&touchpoints, "other", 20), [9]);
    assert!(found(&touchpoints, "other", 8).is_empty());
    assert!(
        found(&touchpoints, "ann", 6).is_empty(),
        "nobody was named by then"
    );
    assert!(found(&touchpoints, "bob", 20).is_empty());
}

#[test]
fn the_order_of_arrival_changes_no_booking() {
    let mut touchpoints = vec![
        of_visit("b1", 5, "", books()),
        of_visit("n1", 6, "ann", books()),
        of_visit("n2", 4, "bob", books()),
    ];
    for _ in 0..3 {
        touchpoints.rotate_left(1);
        assert_eq!(found(&touchpoints, "ann", 20), [6]);
        assert_eq!(found(&touchpoints, "bob", 20), [4, 5]);
    }
}
