//! Follow-ups about visits: which made no sense by what was known then.

use ownerline_projections::contacts::Irrelevance;
use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{AppointmentBooked, AppointmentCancelled};

use super::{follow_up, of_owner, page};
use crate::history::TestTouchpoint;

fn visit(kind: &'static str, id: &str, at: i64, visit: &str) -> TestTouchpoint {
    TestTouchpoint::new(kind, id, at).about(|it| {
        it.visit_id = visit.to_owned();
        it.owner_id = "o".to_owned();
    })
}

fn booked(id: &str, at: i64, visit_id: &str, start: i64) -> TestTouchpoint {
    let payload = Payload::AppointmentBooked(AppointmentBooked {
        starts_at: Some(time::timestamp(start)),
        ..AppointmentBooked::default()
    });
    TestTouchpoint::with_payload(id, at, payload).about(|it| {
        it.visit_id = visit_id.to_owned();
        it.owner_id = "o".to_owned();
    })
}

/// Why the only contact made no sense, and the person's last visit.
fn judged(said: &[TestTouchpoint]) -> (Vec<Irrelevance>, String) {
    let found = page(said, &of_owner("o"));
    let [contact] = &found.contacts[..] else {
        panic!("one contact")
    };
    let follow_up = contact.follow_up.clone().unwrap();
    assert_eq!(found.totals.irrelevant.n, 1);
    (
        follow_up.irrelevant.into_iter().collect(),
        follow_up.last_visit_id,
    )
}

fn reasons(said: &[TestTouchpoint]) -> Vec<Irrelevance> {
    judged(said).0
}

#[test]
fn a_follow_up_about_the_last_visit_once_the_car_is_back_makes_sense() {
    let said = [
        visit("vehicle_dropped_off", "d", 1, "v1"),
        visit("vehicle_picked_up", "p", 5, "v1"),
        follow_up("call", 9, "o", "v1"),
    ];
    assert_eq!(judged(&said), (vec![], String::new()));
}

#[test]
fn a_visit_that_was_only_booked_never_happened_unless_it_is_still_ahead() {
    let call = || follow_up("call", 9, "o", "v1");
    let cancels = Payload::AppointmentCancelled(AppointmentCancelled::default());
    let cancelled =
        TestTouchpoint::with_payload("c", 3, cancels).about(|it| it.visit_id = "v1".to_owned());
    let never = [Irrelevance::NeverHappened];
    assert_eq!(reasons(&[call()]), never);
    assert_eq!(reasons(&[booked("b", 1, "v1", 8), call()]), never);
    assert_eq!(reasons(&[booked("b", 1, "v1", 9), call()]), []);
    assert_eq!(
        reasons(&[booked("b", 1, "v1", 20), cancelled, call()]),
        never
    );
    // The report of a defect beforehand is no visit.
    let reported = visit("defect_reported", "r", 2, "v1");
    assert_eq!(reasons(&[reported, call()]), never);
}

#[test]
fn a_visit_that_goes_on_or_ended_in_a_refusal_is_no_reason_to_ask_how_it_was() {
    let call = || follow_up("call", 9, "o", "v1");
    let dropped = visit("vehicle_dropped_off", "d", 1, "v1");
    let declined = visit("assistance_declined", "x", 2, "v1");
    let picked = visit("vehicle_picked_up", "p", 5, "v1");
    let tried = visit("repair_attempted", "t", 3, "v1");
    let elsewhere = visit("resolved_elsewhere", "e", 4, "v1");
    let going_on = [Irrelevance::StillGoingOn];
    let refused = [Irrelevance::Refused];
    assert_eq!(reasons(&[dropped.clone(), call()]), going_on);
    assert_eq!(reasons(&[declined.clone(), call()]), refused);
    let all = [dropped, declined.clone(), picked.clone(), call()];
    assert_eq!(reasons(&all), refused);
    assert_eq!(
        reasons(&[declined.clone(), tried, picked.clone(), call()]),
        []
    );
    assert_eq!(reasons(&[declined, elsewhere, picked, call()]), []);
}

#[test]
fn only_the_last_visit_of_the_person_is_followed_up_in_any_car() {
    let said = [
        visit("vehicle_dropped_off", "d1", 1, "v1"),
        visit("vehicle_picked_up", "p1", 2, "v1"),
        TestTouchpoint::new("", "own", 1)
            .about(|it| it.vin = "V2".to_owned())
            .acquired("o", true),
        // The second visit names the car alone.
        TestTouchpoint::new("work_performed", "w", 5).about(|it| {
            it.visit_id = "v2".to_owned();
            it.vin = "V2".to_owned();
        }),
        follow_up("call", 9, "o", "v1"),
    ];
    assert_eq!(judged(&said), (vec![Irrelevance::NotLast], "v2".to_owned()));
}

#[test]
fn what_became_known_after_the_contact_was_reported_changes_nothing() {
    let call = follow_up("call", 9, "o", "v1");
    let dropped = visit("vehicle_dropped_off", "d", 1, "v1");
    let picked = visit("vehicle_picked_up", "p", 2, "v1");
    let late = visit("vehicle_dropped_off", "late", 5, "v2");
    // The later visit was reported after the call.
    let said = [dropped.clone(), picked.clone(), call.clone(), late.clone()];
    assert_eq!(reasons(&said), []);
    let said = [dropped.clone(), picked.clone(), late, call.clone()];
    assert_eq!(reasons(&said), [Irrelevance::NotLast]);
    // A correction of the call is judged by what was known when the call was first reported.
    let corrected = follow_up("again", 9, "o", "v1").correcting("call");
    let said = [call, dropped, picked, corrected];
    assert_eq!(reasons(&said), [Irrelevance::NeverHappened]);
}
