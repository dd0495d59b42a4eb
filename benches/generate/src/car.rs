//! What a car reports by itself, and what its owner reports about it outside any visit.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, DrivingTipDismissed, DrivingTipOffered, Level, OdometerRead, RecallIssued, Subjects,
    TouchpointRetracted, VehicleAlertRaised, VehicleIssueClosed, VehicleIssueReported, Visibility,
};

use super::calendar::{DAY, Season, arrivals};
use super::chance::Chance;
use super::journey::Journey;
use super::network::{BRAND, SISTER};
use super::pen::Who;
use super::{odds, vins, visit, words};

const MODELS: [&str; 4] = ["Grand Tourer", "Saloon", "Estate", "Roadster"];
const SISTER_MODELS: [&str; 2] = ["City", "Tour"];
const OTHER_MODELS: [&str; 3] = ["Compact", "Wagon", "Coupe"];
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

/// A car of the journey.
#[derive(Debug, Clone)]
pub(super) struct Car {
    pub(super) vin: String,
    pub(super) brand: &'static str,
    pub(super) model: &'static str,
    pub(super) model_year: i32,
    /// Since when it is the owner's.
    pub(super) since: i64,
    /// On the odometer at that time.
    pub(super) metres: i64,
    pub(super) metres_a_day: i64,
}

impl Car {
    /// The owner with this car.
    pub(super) fn subjects(&self, journey: &Journey<'_>) -> Subjects {
        Subjects {
            vin: self.vin.clone(),
            ..journey.subjects()
        }
    }

    /// On the odometer at an instant.
    pub(super) fn metres_at(&self, at: i64) -> i64 {
        self.metres + (at - self.since).max(0) / 600 * self.metres_a_day / (DAY / 600)
    }

    /// The car alone: whose it is follows from who holds it then.
    fn alone(&self) -> Subjects {
        Subjects {
            vin: self.vin.clone(),
            ..Subjects::default()
        }
    }
}

/// A model of a brand.
pub(super) fn model(chance: &mut Chance, brand: &str) -> &'static str {
    chance.text(match brand {
        BRAND => &MODELS,
        SISTER => &SISTER_MODELS,
        _ => &OTHER_MODELS,
    })
}

/// Odometer, alerts, tips, recalls and issues while the owner has the car.
pub(super) fn reports(journey: &mut Journey<'_>, car: &Car, leaves: i64) {
    let kept = (car.since, leaves);
    for at in arrivals(
        &mut journey.chance,
        kept,
        odds::ODOMETER_A_YEAR,
        Season::Even,
    ) {
        odometer(journey, car, at);
    }
    for at in arrivals(&mut journey.chance, kept, odds::ALERTS_A_YEAR, Season::Even) {
        alert(journey, car, at);
    }
    for at in arrivals(&mut journey.chance, kept, odds::TIPS_A_YEAR, Season::Even) {
        tip(journey, car, at);
    }
    for at in arrivals(
        &mut journey.chance,
        kept,
        odds::ISSUES_A_YEAR,
        Season::Repairing,
    ) {
        issue(journey, car, at);
    }
    if journey.chance.happens(odds::CAR_RECALLED) && leaves > car.since {
        let at = journey.chance.between(car.since, leaves);
        recall(journey, car, at);
    }
}

/// A car after its owner sold it: reports that name nothing but the car.
pub(super) fn goes_on_without_name(journey: &mut Journey<'_>, car: &Car, since: i64) {
    let until = journey.settings.until;
    for at in arrivals(
        &mut journey.chance,
        (since, until),
        odds::ODOMETER_A_YEAR,
        Season::Even,
    ) {
        odometer(journey, car, at);
    }
    for at in arrivals(
        &mut journey.chance,
        (since, until),
        odds::ALERTS_A_YEAR,
        Season::Even,
    ) {
        alert(journey, car, at);
    }
    for at in arrivals(&mut journey.chance, (since, until), 1.0, Season::Repairing) {
        visit::of_the_car_alone(journey, car, at);
    }
}

fn odometer(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let distance_metres = car.metres_at(at);
    let north_american = car.vin.starts_with('4');
    if north_american && journey.chance.happens(odds::VIN_MISTYPED) {
        mistyped(journey, car, at, distance_metres);
    }
    journey
        .pen
        .about(car.alone())
        .by(&Who::Car, Channel::Vehicle)
        .at(at);
    journey
        .pen
        .write(Payload::OdometerRead(OdometerRead { distance_metres }));
}

/// A North American number typed wrong: the check digit tells, and the report is taken back.
fn mistyped(journey: &mut Journey<'_>, car: &Car, at: i64, distance_metres: i64) {
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
    let found = journey.working(at + 2 * DAY);
    journey
        .pen
        .at(found)
        .write(Payload::TouchpointRetracted(TouchpointRetracted {
            r#ref: Some(wrong),
            reason: "the number of the vehicle was mistyped".to_owned(),
            ..TouchpointRetracted::default()
        }));
}

fn alert(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let (code, severity, message) = *journey.chance.one_of(&ALERTS);
    journey
        .pen
        .about(car.alone())
        .by(&Who::Car, Channel::Vehicle)
        .at(at);
    journey
        .pen
        .write(Payload::VehicleAlertRaised(VehicleAlertRaised {
            code: code.to_owned(),
            severity: severity.into(),
            message: message.to_owned(),
        }));
}

fn tip(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let (tip, topic) = *journey.chance.one_of(&TIPS);
    let (tip_id, topic) = (tip.to_owned(), topic.to_owned());
    journey
        .pen
        .about(car.alone())
        .by(&Who::Car, Channel::Vehicle)
        .at(at);
    let offered = journey
        .pen
        .write(Payload::DrivingTipOffered(DrivingTipOffered {
            tip_id: tip_id.clone(),
            topic: topic.clone(),
        }));
    if journey.chance.happens(odds::TIP_DISMISSED) {
        let after = journey.chance.between(5, 900);
        journey.pen.at(at + after).because_of(&offered);
        journey
            .pen
            .write(Payload::DrivingTipDismissed(DrivingTipDismissed {
                tip_id,
                topic,
            }));
    }
}

fn recall(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let at = journey.working(at);
    let campaign = journey.chance.text(&CAMPAIGNS).to_owned();
    let about = car.subjects(journey);
    journey.pen.about(about).seen_by(Visibility::Owner);
    journey.by_system("recalls", Channel::Email).at(at);
    journey
        .pen
        .write(Payload::RecallIssued(RecallIssued { campaign }));
    let wait = journey.chance.heavy_tailed(12 * DAY, 0.8);
    visit::planned(journey, car, at + wait, "recall");
}

/// A fault the owner reports from home.
fn issue(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let at = journey.leisure(at);
    let issue_id = journey.matter("issue");
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
            .because_of(&reported);
        journey
            .pen
            .write(Payload::VehicleIssueClosed(VehicleIssueClosed {
                issue_id,
                symptom,
                safety: fault.safety,
            }));
    }
}
