//! Odometer readings lower than before: the timeline shows them, whoever held the car.

use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    OdometerRead, Subjects, Touchpoint, TouchpointRef, TouchpointRetracted, VehicleAcquired,
    VehicleDroppedOff, vehicle_acquired,
};

use crate::support::{NOW, Server, all_of};

const VIN: &str = "WBA00000000000000";

fn touchpoint(id: &str, seconds: i64, subjects: Subjects, payload: Payload) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//test".to_owned(),
        occurred_at: Some(time::timestamp((NOW + seconds) * 1_000_000_000)),
        subjects: Some(subjects),
        payload: Some(payload),
        ..Touchpoint::default()
    }
}

fn of_car(owner: &str) -> Subjects {
    Subjects {
        owner_id: owner.to_owned(),
        vin: VIN.to_owned(),
        ..Subjects::default()
    }
}

fn read(id: &str, seconds: i64, owner: &str, distance_metres: i64) -> Touchpoint {
    let payload = Payload::OdometerRead(OdometerRead { distance_metres });
    touchpoint(id, seconds, of_car(owner), payload)
}

fn acquired(id: &str, seconds: i64, owner: &str) -> Touchpoint {
    let payload = Payload::VehicleAcquired(VehicleAcquired {
        owner_id: owner.to_owned(),
        role: vehicle_acquired::Role::Owner.into(),
    });
    touchpoint(id, seconds, of_car(owner), payload)
}

/// A drop-off that names no vehicle: its visit does.
fn dropped_off(id: &str, seconds: i64, odometer_metres: i64) -> Touchpoint {
    let subjects = Subjects {
        owner_id: "buyer".to_owned(),
        visit_id: "v".to_owned(),
        ..Subjects::default()
    };
    let payload = Payload::VehicleDroppedOff(VehicleDroppedOff {
        odometer_metres: Some(odometer_metres),
        ..VehicleDroppedOff::default()
    });
    touchpoint(id, seconds, subjects, payload)
}

fn booked(id: &str, seconds: i64) -> Touchpoint {
    let mut subjects = of_car("buyer");
    subjects.visit_id = "v".to_owned();
    touchpoint(
        id,
        seconds,
        subjects,
        Payload::AppointmentBooked(Default::default()),
    )
}

/// The ids of entries that say the odometer fell.
async fn fallen(server: &Server, owner: &str) -> Vec<String> {
    let mut request = all_of(owner);
    request.at_least = server.head().await;
    let page = server.timeline(request).await.unwrap();
    let fell = |warning: &ownerline_proto::v1::Warning| warning.reason == "ODOMETER_FELL";
    page.entries
        .into_iter()
        .filter(|entry| entry.warnings.iter().any(fell))
        .map(|entry| entry.recorded.unwrap().touchpoint.unwrap().id)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_below_the_one_just_before_is_flagged_and_no_other() {
    let server = Server::start().await;
    for touchpoint in [
        acquired("a", 0, "seller"),
        read("r1", 10, "seller", 90_000),
        acquired("b", 20, "buyer"),
        read("r2", 30, "buyer", 40_000),
        read("r3", 40, "buyer", 40_000),
        booked("v0", 45),
        dropped_off("v1", 50, 39_999),
        read("r4", 60, "buyer", 39_999),
        // Reported late: it stands before the drop-off.
        read("r5", 47, "buyer", 41_000),
    ] {
        server.record(touchpoint).await.unwrap();
    }
    assert_eq!(fallen(&server, "buyer").await, ["r2", "v1"]);
    assert!(fallen(&server, "seller").await.is_empty());

    let reference = TouchpointRef {
        id: "r1".to_owned(),
        source: String::new(),
    };
    let retracted = TouchpointRetracted {
        r#ref: Some(reference),
        ..TouchpointRetracted::default()
    };
    let payload = Payload::TouchpointRetracted(retracted);
    let mut subjects = of_car("");
    subjects.owner_id.clear();
    let retraction = touchpoint("x", 70, subjects, payload);
    server.record(retraction).await.unwrap();
    assert_eq!(fallen(&server, "buyer").await, ["v1"]);
    server.stop().await;
}
