//! Headlines about visits and appointments.

use ownerline_proto::v1::assistance_declined::Reason;
use ownerline_proto::v1::repair_attempted::Outcome;

use super::lines;
use super::text::{aside, instant, joined, kilometres, money, quoted, when, with};

lines! {
    AppointmentBooked(e) => with(
        &joined(
            " ",
            &["Appointment booked", when(e.starts_at.is_some(), "for"), &instant(e.starts_at.as_ref())],
        ),
        &e.reason,
    );
    AppointmentCancelled(_) => "Appointment cancelled";
    VehicleDroppedOff(e) => aside(
        "Vehicle dropped off",
        &joined(", ", &[&odometer(e.odometer_metres), when(e.goodwill, "goodwill")]),
    );
    DefectReported(e) => with(&aside("Defect reported", when(e.safety, "safety")), &quoted(&e.symptom));
    RepairAttempted(e) => with("Repair attempted", match e.outcome() {
        Outcome::Fixed => "fixed",
        Outcome::NotFixed => "not fixed",
        Outcome::NoFaultFound => "no fault found",
        Outcome::PartPending => "a part is missing",
        Outcome::Unspecified => "",
    });
    WorkPerformed(e) => aside(
        &with("Work performed", &e.summary),
        &e.amount.as_ref().map(|m| money(m.minor_units, &m.currency)).unwrap_or_default(),
    );
    LoanerProvided(_) => "Loaner provided";
    VehiclePickedUp(e) => aside("Vehicle picked up", &odometer(e.odometer_metres));
    AssistanceDeclined(e) => aside(
        &with("Help declined", &joined(", ", &[&e.asked_for, declined(e.reason())])),
        when(!e.owner_told_next_step, "owner not told what to do next"),
    );
    ResolvedElsewhere(e) => with("Resolved elsewhere", &e.r#where);
}

fn odometer(metres: Option<i64>) -> String {
    metres.map(kilometres).unwrap_or_default()
}

fn declined(reason: Reason) -> &'static str {
    match reason {
        Reason::StaffAbsent => "nobody was there",
        Reason::PartUnavailable => "the part was not there",
        Reason::OutOfScope => "not what this dealer does",
        Reason::Other | Reason::Unspecified => "",
    }
}
