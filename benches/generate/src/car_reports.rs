//! What a car reports by itself, and what its owner reports about it outside any visit.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, ContactMade, DrivingTipDismissed, DrivingTipOffered, Level, OdometerRead,
    RecallIssued, RecallPerformed, Subjects, TouchpointRef, TouchpointRetracted,
    VehicleAlertRaised, VehicleIssueClosed, VehicleIssueReported, Visibility,
};

use crate::calendar::{DAY, HOUR, Season};
use crate::car::Car;
use crate::journey::Journey;
use crate::pen::Performer;
use crate::{odds, vins, visit, words};

const TIPS: [(&str, &str); 5] = [
    ("tip-eco", "economy"),
    ("tip-tyre", "tyre pressure"),
    ("tip-coast", "coasting"),
    ("tip-charge", "charging"),
    ("tip-cold", "cold starts"),
];
const ALERTS: [(&str, Level, &str); 6] = [
    ("E101", Level::Medium, "check engine"),
    ("B210", Level::High, "brake fluid low"),
    ("T310", Level::Low, "tyre pressure low"),
    ("L404", Level::Low, "lamp out"),
    (
        "S550",
        Level::Critical,
        "stop safely: steering assistance lost",
    ),
    ("M020", Level::Low, "service due"),
];
const CAMPAIGNS: [&str; 4] = ["R-24-017", "R-24-052", "R-25-003", "R-25-041"];

/// Odometer readings, alerts, tips, recalls and issues while the owner has the car.
pub(crate) fn write_car_reports(journey: &mut Journey<'_>, car: &Car, leaves: i64) {
    let period = (car.since, leaves);
    for at in journey.arrivals(period, odds::ODOMETER_A_YEAR, Season::Even) {
        write_odometer_reading(journey, car, at);
    }
    for at in journey.arrivals(period, odds::ALERTS_A_YEAR, Season::Even) {
        write_alert(journey, car, at, true);
    }
    for at in journey.arrivals(period, odds::TIPS_A_YEAR, Season::Even) {
        write_driving_tip(journey, car, at);
    }
    for at in journey.arrivals(period, odds::ISSUES_A_YEAR, Season::Repairing) {
        write_issue(journey, car, at);
    }
    if journey.chance.happens(odds::CAR_RECALLED) && leaves > car.since {
        let at = journey.chance.between(car.since, leaves);
        write_recall(journey, car, at);
    }
}

/// Reports about a car after its sale, which name the car only.
pub(crate) fn write_reports_after_sale(journey: &mut Journey<'_>, car: &Car, since: i64) {
    let until = journey.settings.until;
    for at in journey.arrivals((since, until), odds::ODOMETER_A_YEAR, Season::Even) {
        write_odometer_reading(journey, car, at);
    }
    for at in journey.arrivals((since, until), odds::ALERTS_A_YEAR, Season::Even) {
        write_alert(journey, car, at, false);
    }
    for at in journey.arrivals((since, until), 1.0, Season::Repairing) {
        visit::write_visit_without_owner(journey, car, at);
    }
}

fn write_odometer_reading(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let distance_metres = car.metres_at(at);
    let north_american = car.vin.starts_with('4');
    if north_american && journey.chance.happens(odds::VIN_MISTYPED) {
        write_mistyped_reading(journey, car, at, distance_metres);
    }
    journey
        .pen
        .about(car.alone())
        .by(&Performer::Car, Channel::Vehicle)
        .at(at);
    journey
        .pen
        .write(Payload::OdometerRead(OdometerRead { distance_metres }));
}

/// A reading under a mistyped North American VIN, which its check digit reveals, and the retraction.
fn write_mistyped_reading(journey: &mut Journey<'_>, car: &Car, at: i64, distance_metres: i64) {
    let vin = vins::mistyped(&mut journey.chance, &car.vin);
    let at = journey.working(at);
    journey
        .pen
        .about(Subjects {
            vin,
            ..Subjects::default()
        })
        .at(at);
    journey.by_staff("advisor", Channel::InPerson);
    let wrong = journey
        .pen
        .write(Payload::OdometerRead(OdometerRead { distance_metres }));
    let retracted = journey.working(at + 2 * DAY);
    journey
        .pen
        .at(retracted)
        .write(Payload::TouchpointRetracted(TouchpointRetracted {
            r#ref: Some(wrong),
            reason: "the number of the vehicle was mistyped".to_owned(),
            ..TouchpointRetracted::default()
        }));
}

/// An alert, which may come again; if a critical one comes from the owner's car, the dealer calls.
fn write_alert(journey: &mut Journey<'_>, car: &Car, at: i64, is_of_owner: bool) {
    let (code, severity, message) = *journey.chance.one_of(&ALERTS);
    journey
        .pen
        .about(car.alone())
        .by(&Performer::Car, Channel::Vehicle);
    let raised = |journey: &mut Journey<'_>, at: i64| {
        journey
            .pen
            .at(at)
            .write(Payload::VehicleAlertRaised(VehicleAlertRaised {
                code: code.to_owned(),
                severity: severity.into(),
                message: message.to_owned(),
            }))
    };
    let alert = raised(journey, at);
    if journey.turns.happens(odds::ALERT_REPEATED) {
        let mut again = at;
        for _ in 0..journey.turns.between(1, 3) {
            again += journey.turns.between(HOUR, 4 * DAY);
            raised(journey, again);
        }
    }
    let is_critical = is_of_owner && severity == Level::Critical;
    if is_critical && journey.turns.happens(odds::ALERT_ANSWERED) {
        write_call(journey, car, at, &alert);
    }
}

/// A call of the dealer after a critical alert.
fn write_call(journey: &mut Journey<'_>, car: &Car, at: i64, alert: &TouchpointRef) {
    let wait = journey.turns.heavy_tailed(4 * HOUR, 1.0);
    let called = journey.working_in_turn(at + wait);
    let about = car.subjects(journey);
    journey
        .by_staff("advisor", Channel::Phone)
        .about(about)
        .at(called)
        .caused_by(alert);
    let duration_seconds = journey.turns.heavy_tailed(240, 0.6);
    journey.pen.write(Payload::ContactMade(ContactMade {
        agents: vec!["agent-1".to_owned()],
        duration_seconds,
        proactive: true,
        subject: "an alert of the car".to_owned(),
    }));
}

fn write_driving_tip(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let (tip, topic) = *journey.chance.one_of(&TIPS);
    let (tip_id, topic) = (tip.to_owned(), topic.to_owned());
    journey
        .pen
        .about(car.alone())
        .by(&Performer::Car, Channel::Vehicle)
        .at(at);
    let offered = journey
        .pen
        .write(Payload::DrivingTipOffered(DrivingTipOffered {
            tip_id: tip_id.clone(),
            topic: topic.clone(),
        }));
    if journey.chance.happens(odds::TIP_DISMISSED) {
        let after = journey.chance.between(5, 900);
        journey.pen.at(at + after).caused_by(&offered);
        journey
            .pen
            .write(Payload::DrivingTipDismissed(DrivingTipDismissed {
                tip_id,
                topic,
            }));
    }
}

fn write_recall(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let at = journey.working(at);
    let campaign = journey.chance.text(&CAMPAIGNS).to_owned();
    let about = car.subjects(journey);
    journey.pen.about(about).seen_by(Visibility::Owner);
    journey.by_system("recalls", Channel::Email).at(at);
    let issued = journey.pen.write(Payload::RecallIssued(RecallIssued {
        campaign: campaign.clone(),
    }));
    let wait = journey.chance.heavy_tailed(12 * DAY, 0.8);
    let planned = visit::write_planned_visit(journey, car, at + wait, "recall");
    let (about, done) = match planned {
        Some(visit) if journey.turns.happens(odds::RECALL_PERFORMED) => {
            (visit.subjects, visit.worked + 60)
        }
        None if journey.turns.happens(odds::RECALL_PERFORMED_ELSEWHERE) => {
            let wait = journey.turns.heavy_tailed(60 * DAY, 0.5);
            let done = journey.working_in_turn(at + wait);
            (car.subjects(journey), done)
        }
        _ => return,
    };
    journey
        .by_staff("technician", Channel::InPerson)
        .about(about)
        .at(done)
        .caused_by(&issued);
    journey
        .pen
        .write(Payload::RecallPerformed(RecallPerformed { campaign }));
}

/// A fault that the owner reports from home.
fn write_issue(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let at = journey.leisure(at);
    let issue_id = journey.next_id("issue");
    let fault = words::fault(&mut journey.chance);
    let symptom = words::symptom(&mut journey.chance, fault);
    let about = car.subjects(journey);
    journey.pen.about(about).at(at);
    journey.by_owner(Channel::App);
    let reported = journey
        .pen
        .write(Payload::VehicleIssueReported(VehicleIssueReported {
            issue_id: issue_id.clone(),
            symptom: symptom.clone(),
            safety: fault.safety,
        }));
    if journey.chance.happens(odds::ISSUE_CLOSED) {
        let wait = journey.chance.heavy_tailed(4 * DAY, 1.0);
        let closed = journey.working(at + wait);
        journey
            .by_staff("advisor", Channel::App)
            .at(closed)
            .caused_by(&reported);
        journey
            .pen
            .write(Payload::VehicleIssueClosed(VehicleIssueClosed {
                issue_id,
                symptom,
                safety: fault.safety,
            }));
    }
}
