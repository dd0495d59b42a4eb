//! Headlines about vehicles: holders and what the car reports.

use ownerline_proto::v1::vehicle_acquired::Role;

use super::lines;
use super::text::{aside, joined, kilometres, quoted, value, when, with};

lines! {
    VehicleRegistered(e) => with(
        "Vehicle registered",
        &joined(" ", &[&e.brand, &e.model, &year(e.model_year)]),
    );
    VehicleAcquired(e) => match e.role() {
        Role::Driver => "Vehicle taken over as driver",
        Role::CoOwner => "Vehicle acquired as co-owner",
        Role::Owner | Role::Unspecified => "Vehicle acquired",
    };
    VehicleReleased(_) => "Vehicle given up";
    OdometerRead(e) => with("Odometer read", &kilometres(e.distance_metres));
    VehicleAlertRaised(e) => with(
        &aside("Vehicle alert", &value(e.severity().as_str_name(), "LEVEL_")),
        &joined(" ", &[&e.code, &quoted(&e.message)]),
    );
    DrivingTipOffered(e) => with("Driving tip offered", &e.topic);
    DrivingTipDismissed(e) => with("Driving tip dismissed", &e.topic);
    RecallIssued(e) => with("Recall issued", &e.campaign);
    RecallPerformed(e) => with("Recall performed", &e.campaign);
    VehicleIssueReported(e) => with(
        &aside("Owner reported a fault", when(e.safety, "safety")),
        &quoted(&e.symptom),
    );
    VehicleIssueClosed(e) => with("Fault reported by the owner settled", &quoted(&e.symptom));
}

fn year(year: i32) -> String {
    if year == 0 {
        String::new()
    } else {
        year.to_string()
    }
}
