//! Appointments of a person: what was booked for when, what became of it, whose it is, and who may see it.

use std::collections::BTreeSet;

use ownerline_projections::bookings::{
    Booking, BookingState, BookingsPage, BookingsQuestion, answer,
};
use ownerline_projections::vantage::DealerScope;
use ownerline_projections::{AnswerError, Position, Viewer};
use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{AppointmentBooked, AppointmentCancelled};

use crate::history::{TestTouchpoint, answered, log};

/// Ann books a visit for a start.
fn books(id: &str, at: i64, visit: &str, start: Option<i64>) -> TestTouchpoint {
    let payload = Payload::AppointmentBooked(AppointmentBooked {
        starts_at: start.map(time::timestamp),
        ..AppointmentBooked::default()
    });
    of_visit(TestTouchpoint::with_payload(id, at, payload), visit)
        .about(|it| it.owner_id = "ann".to_owned())
}

fn of_visit(said: TestTouchpoint, visit: &str) -> TestTouchpoint {
    said.about(|it| it.visit_id = visit.to_owned())
}

fn of_ann() -> BookingsQuestion {
    BookingsQuestion {
        owner_id: "ann".to_owned(),
        limit: 10,
        ..BookingsQuestion::default()
    }
}

fn ask(
    said: &[TestTouchpoint],
    as_of: i64,
    viewer: &Viewer,
    question: &BookingsQuestion,
) -> Result<BookingsPage, AnswerError> {
    let log = log(said);
    answered(
        &log,
        Position(log.len() as u64),
        as_of,
        viewer,
        |snapshots, vantage| answer(snapshots, vantage, question),
    )
}

fn listed(said: &[TestTouchpoint], as_of: i64) -> Vec<Booking> {
    ask(said, as_of, &Viewer::unrestricted(), &of_ann())
        .unwrap()
        .bookings
}

fn states(said: &[TestTouchpoint], as_of: i64) -> Vec<BookingState> {
    listed(said, as_of).iter().map(|it| it.state).collect()
}

fn visits(found: &[Booking]) -> Vec<&str> {
    found.iter().map(|it| it.place.visit_id.as_str()).collect()
}

#[test]
fn an_appointment_is_ahead_until_its_start_and_then_passed() {
    let said = [books("b", 1, "v", Some(50))];
    assert_eq!(states(&said, 49), [BookingState::Booked]);
    // Law: ahead is what starts at or after the instant of the question.
    assert_eq!(states(&said, 50), [BookingState::Booked]);
    assert_eq!(states(&said, 51), [BookingState::Passed]);
    let without_start = [books("b", 1, "v", None)];
    assert_eq!(states(&without_start, 99), [BookingState::Booked]);
}

#[test]
fn a_move_keeps_the_first_start_and_counts_other_starts_only() {
    let said = [
        books("b1", 1, "v", Some(50)),
        books("b2", 2, "v", Some(50)),
        books("b3", 3, "v", None),
        books("b4", 4, "v", Some(70)),
    ];
    let [booking] = &listed(&said, 60)[..] else {
        panic!("one visit, one appointment")
    };
    assert_eq!(booking.place.starts_at, Some(70.into()));
    assert_eq!(booking.first_starts_at, Some(50.into()));
    assert_eq!((booking.moves, booking.state), (1, BookingState::Booked));
    let facts: Vec<&str> = booking.facts.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(facts, ["b1", "b2", "b3", "b4"]);
    // As it was before it was moved.
    assert_eq!(listed(&said, 3)[0].moves, 0);
}

#[test]
fn a_cancelled_appointment_may_be_booked_again_and_a_visit_ends_both() {
    let cancelled = Payload::AppointmentCancelled(AppointmentCancelled::default());
    let cancels = |at| {
        of_visit(
            TestTouchpoint::with_payload("c", at, cancelled.clone()),
            "v",
        )
    };
    let booked = books("b", 1, "v", Some(50));
    let again = books("a", 3, "v", Some(60));
    let came = of_visit(TestTouchpoint::new("vehicle_dropped_off", "d", 4), "v");
    let defect = of_visit(TestTouchpoint::new("defect_reported", "r", 4), "v");
    let said = [booked, cancels(2), again, came];
    assert_eq!(states(&said[..2], 10), [BookingState::Cancelled]);
    assert_eq!(states(&said[..3], 10), [BookingState::Booked]);
    assert_eq!(states(&said, 10), [BookingState::Attended]);
    assert_eq!(states(&said, 3), [BookingState::Booked]);
    // What the owner reports beforehand is no visit.
    let reported = [said[0].clone(), defect];
    assert_eq!(states(&reported, 10), [BookingState::Booked]);
    // A cancellation of what nobody booked is no appointment.
    let of_nothing = cancels(2).about(|it| it.owner_id = "ann".to_owned());
    assert_eq!(states(&[of_nothing], 10), []);
}

#[test]
fn what_was_retracted_or_not_yet_recorded_does_not_count() {
    let said = [
        books("b", 1, "v", Some(50)),
        books("m", 2, "v", Some(70)),
        of_visit(TestTouchpoint::new("", "x", 3).retracting("", "m"), "v"),
    ];
    let start_as_known = |known_at| {
        let log = log(&said);
        let viewer = Viewer::unrestricted();
        let page = answered(&log, known_at, 10, &viewer, |snapshots, vantage| {
            answer(snapshots, vantage, &of_ann())
        });
        page.unwrap().bookings[0].place.starts_at
    };
    assert_eq!(start_as_known(Position(1)), Some(50.into()));
    assert_eq!(start_as_known(Position(2)), Some(70.into()));
    assert_eq!(start_as_known(Position(3)), Some(50.into()));
}

#[test]
fn appointments_are_those_of_the_person_and_of_the_cars_they_brought() {
    let car = |said: TestTouchpoint| said.about(|it| it.vin = "V1".to_owned());
    let nobody = |said: TestTouchpoint| said.about(|it| it.owner_id = String::new());
    let said = [
        car(TestTouchpoint::new("vehicle_acquired", "own", 1)).acquired("ann", true),
        nobody(car(books("car", 2, "of-the-car", Some(20)))),
        books("other", 3, "of-the-other-id", Some(30)).about(|it| it.owner_id = "ann2".to_owned()),
        books("ben", 4, "of-ben", Some(40)).about(|it| it.owner_id = "ben".to_owned()),
        TestTouchpoint::new("", "link", 5)
            .linking("ann2")
            .about(|it| it.owner_id = "ann".to_owned()),
    ];
    let found = listed(&said, 10);
    assert_eq!(visits(&found), ["of-the-car", "of-the-other-id"]);
    assert_eq!(found[0].vin, "V1");
}

#[test]
fn pages_go_by_start_and_filters_select_by_start_and_dealer() {
    let at = |said: TestTouchpoint, dealer: &str| said.about(|it| it.dealer_id = dealer.to_owned());
    let said = [
        at(books("1", 1, "late", Some(90)), "d1"),
        at(books("2", 1, "never", None), "d1"),
        at(books("3", 1, "early", Some(20)), "d2"),
        at(books("4", 1, "same", Some(20)), "d1"),
    ];
    let ask =
        |question: &BookingsQuestion| ask(&said, 10, &Viewer::unrestricted(), question).unwrap();
    let all = ask(&of_ann());
    assert_eq!(visits(&all.bookings), ["early", "same", "late", "never"]);
    assert!(!all.more);
    let mut paged = Vec::new();
    let mut question = BookingsQuestion {
        limit: 1,
        ..of_ann()
    };
    loop {
        let page = ask(&question);
        question.after = page.bookings.last().map(|it| it.place.clone());
        paged.extend(page.bookings);
        if !page.more {
            break;
        }
    }
    assert_eq!(paged, all.bookings);
    let within = BookingsQuestion {
        starts_from: Some(20.into()),
        starts_until: Some(90.into()),
        ..of_ann()
    };
    assert_eq!(visits(&ask(&within).bookings), ["early", "same"]);
    let of_dealer = BookingsQuestion {
        dealer_id: Some("d1".to_owned()),
        ..of_ann()
    };
    assert_eq!(visits(&ask(&of_dealer).bookings), ["same", "late", "never"]);
}

#[test]
fn a_viewer_of_one_dealer_sees_its_appointments_and_no_other_owner() {
    let at = |said: TestTouchpoint, dealer: &str| said.about(|it| it.dealer_id = dealer.to_owned());
    let said = [
        at(books("1", 1, "here", Some(20)), "d1"),
        at(books("2", 1, "there", Some(30)), "d2"),
        at(books("3", 1, "bens", Some(30)), "d2").about(|it| it.owner_id = "ben".to_owned()),
    ];
    let of_d1 = Viewer {
        dealers: DealerScope::Only(BTreeSet::from(["d1".to_owned()])),
        ..Viewer::unrestricted()
    };
    let found = ask(&said, 10, &of_d1, &of_ann()).unwrap();
    assert_eq!(visits(&found.bookings), ["here"]);
    for (owner_id, viewer) in [("ben", &of_d1), ("nobody", &Viewer::unrestricted())] {
        let question = BookingsQuestion {
            owner_id: owner_id.to_owned(),
            ..of_ann()
        };
        let refused = ask(&said, 10, viewer, &question);
        assert!(
            matches!(refused, Err(AnswerError::Unknown { .. })),
            "{owner_id}"
        );
    }
}
