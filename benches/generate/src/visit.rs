//! Stays at a workshop: planned work, faults and repair attempts, and help for the other car.

use ownerline_proto::v1::assistance_declined::Reason;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AppointmentBooked, AppointmentCancelled, AssistanceDeclined, Channel, DefectReported,
    LoanerProvided, Money, RepairAttempted, ResolvedElsewhere, Subjects, VehicleDroppedOff,
    VehiclePickedUp, WorkPerformed,
};
use pbjson_types::Timestamp;

use super::calendar::{DAY, HOUR, Season, arrivals};
use super::car::Car;
use super::journey::Journey;
use super::network::Dealer;
use super::pen::Who;
use super::{complaint, feedback, odds, words};

const WORK: [(&str, i64); 8] = [
    ("annual service", 420),
    ("brake discs and pads", 690),
    ("wheels changed", 90),
    ("software brought up to date", 0),
    ("wiper blades", 45),
    ("inspection and report", 180),
    ("air conditioning serviced", 160),
    ("tyres fitted", 880),
];
const ASKED: [&str; 5] = [
    "a headlight bulb",
    "a tyre before the weekend",
    "a tow from the motorway",
    "a second key",
    "a look at a warning light",
];
const ELSEWHERE: [&str; 3] = [
    "a lamp specialist nearby",
    "a tyre shop",
    "the road service",
];

/// What a workshop found out about a fault.
pub(super) struct Repair {
    /// The defect.
    pub(super) defect: String,
    /// When the car went home.
    pub(super) done: i64,
    /// Whether it is gone.
    pub(super) fixed: bool,
}

/// Planned and unplanned visits while the owner has the car.
pub(super) fn visits(journey: &mut Journey<'_>, car: &Car, leaves: i64) {
    let kept = (car.since + 20 * DAY, leaves);
    for at in arrivals(
        &mut journey.chance,
        kept,
        odds::PLANNED_VISITS_A_YEAR,
        Season::Repairing,
    ) {
        planned(journey, car, at, "service");
    }
    for at in arrivals(
        &mut journey.chance,
        kept,
        odds::FAULTS_A_YEAR,
        Season::Repairing,
    ) {
        fault(journey, car, at);
    }
}

fn about(journey: &Journey<'_>, car: &Car, visit: &str, defect: &str) -> Subjects {
    Subjects {
        visit_id: visit.to_owned(),
        defect_id: defect.to_owned(),
        ..car.subjects(journey)
    }
}

/// Books an appointment; answers when it begins, or nothing if it is cancelled.
fn booked(journey: &mut Journey<'_>, at: i64, reason: &str) -> Option<i64> {
    let asked = journey.leisure(at);
    let wait = journey.chance.heavy_tailed(6 * DAY, 0.6).max(3 * HOUR);
    let starts = journey.working(asked + wait);
    journey.by_owner(Channel::App).at(asked);
    journey
        .pen
        .write(Payload::AppointmentBooked(AppointmentBooked {
            starts_at: Some(Timestamp {
                seconds: starts,
                nanos: 0,
            }),
            reason: reason.to_owned(),
        }));
    if journey.chance.happens(odds::APPOINTMENT_CANCELLED) {
        let at = journey.chance.between(asked + 60, starts);
        journey
            .pen
            .at(at)
            .write(Payload::AppointmentCancelled(AppointmentCancelled {}));
        return None;
    }
    Some(starts)
}

fn dropped_off(journey: &mut Journey<'_>, car: &Car, at: i64, goodwill: bool) {
    let odometer_metres = Some(car.metres_at(at)).filter(|_| !goodwill);
    journey.by_staff("advisor", Channel::InPerson).at(at);
    journey
        .pen
        .write(Payload::VehicleDroppedOff(VehicleDroppedOff {
            odometer_metres,
            goodwill,
        }));
    if journey.chance.happens(odds::LOANER_PROVIDED) {
        journey
            .pen
            .at(at + 600)
            .write(Payload::LoanerProvided(LoanerProvided {}));
        journey.feels(0.05);
    }
}

fn picked_up(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let odometer_metres = Some(car.metres_at(at) + 400);
    journey.by_staff("advisor", Channel::InPerson).at(at);
    journey.pen.write(Payload::VehiclePickedUp(VehiclePickedUp {
        odometer_metres,
    }));
}

fn worked(journey: &mut Journey<'_>, at: i64) {
    let (summary, euros) = *journey.chance.one_of(&WORK);
    let amount = (euros > 0).then(|| Money {
        minor_units: journey.minor_units(euros),
        currency: journey.currency(),
    });
    journey.by_staff("technician", Channel::InPerson).at(at);
    journey.pen.write(Payload::WorkPerformed(WorkPerformed {
        summary: summary.to_owned(),
        amount,
    }));
}

/// A visit that was meant to be, with its survey.
pub(super) fn planned(journey: &mut Journey<'_>, car: &Car, at: i64, reason: &str) {
    let visit = journey.matter("visit");
    let subjects = about(journey, car, &visit, "");
    journey.pen.about(subjects).together("");
    let Some(came) = booked(journey, at, reason) else {
        return;
    };
    dropped_off(journey, car, came, false);
    let stays = journey.chance.heavy_tailed(7 * HOUR, 0.5);
    let gone = journey.open(came + stays);
    let done = journey.chance.between(came + 900, gone - 60);
    worked(journey, done);
    picked_up(journey, car, gone);
    journey.feels(if stays > 20 * HOUR { -0.1 } else { 0.06 });
    feedback::survey(journey, "service", car, &visit, gone);
}

/// Whoever has the car now brings it; the workshop's system names nothing but the car.
pub(super) fn of_the_car_alone(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let visit_id = journey.matter("visit");
    journey.pen.about(Subjects {
        visit_id,
        vin: car.vin.clone(),
        ..Subjects::default()
    });
    let came = journey.working(at);
    dropped_off(journey, car, came, false);
    worked(journey, came + 2 * HOUR);
    let gone = journey.open(came + 5 * HOUR);
    picked_up(journey, car, gone);
}

/// A fault, visit by visit until it is gone, the owner gives up, or somebody carries it as a case.
fn fault(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let fault = words::fault(&mut journey.chance);
    let mut at = at;
    let mut defects: Vec<String> = Vec::new();
    let mut last = None;
    for visit in 0..5 {
        let Some((id, repair)) = repaired(journey, car, fault, at) else {
            break;
        };
        defects.push(repair.defect.clone());
        let again = !repair.fixed && journey.chance.happens(odds::FAULT_COMES_BACK);
        let back = repair.done + journey.chance.heavy_tailed(16 * DAY, 0.8);
        if !again {
            journey.feels(if visit == 0 { 0.08 } else { -0.1 });
            feedback::survey(journey, "repair", car, &id, repair.done);
            return;
        }
        journey.feels(-0.25);
        at = back;
        last = Some(repair.done);
        let carried = if visit == 0 {
            odds::CASE_AFTER_FIRST_REPEAT
        } else {
            odds::CASE_AFTER_SECOND_REPEAT
        };
        if journey.chance.happens(carried) {
            complaint::carried(
                journey,
                car,
                &complaint::Origin::Defects(&defects),
                repair.done,
            );
        }
    }
    if let Some(done) = last {
        feedback::unasked(journey, Some(car), done + DAY);
    }
}

/// One attempt at a fault. Every visit has a defect of its own until somebody links them.
fn repaired(
    journey: &mut Journey<'_>,
    car: &Car,
    fault: &'static words::Fault,
    at: i64,
) -> Option<(String, Repair)> {
    let (visit, defect) = (journey.matter("visit"), journey.matter("defect"));
    let subjects = about(journey, car, &visit, "");
    journey.pen.about(subjects).together("");
    let came = booked(journey, at, fault.name)?;
    dropped_off(journey, car, came, false);
    let subjects = about(journey, car, &visit, &defect);
    let symptom = words::symptom(&mut journey.chance, fault);
    journey.pen.about(subjects);
    journey.by_owner(Channel::InPerson).at(came + 240);
    journey.pen.write(Payload::DefectReported(DefectReported {
        symptom,
        safety: fault.safety,
    }));
    let outcome = journey.chance.weighted(&odds::ATTEMPT_IN_HUNDRED);
    let stays = journey.chance.heavy_tailed(26 * HOUR, 0.9);
    let tried = journey.open(came + stays);
    journey.by_staff("technician", Channel::InPerson).at(tried);
    journey.pen.write(Payload::RepairAttempted(RepairAttempted {
        outcome: outcome.into(),
    }));
    let subjects = about(journey, car, &visit, "");
    journey.pen.about(subjects);
    if outcome == Outcome::Fixed {
        worked(journey, tried + 120);
    }
    let done = journey.open(tried + 2 * HOUR);
    picked_up(journey, car, done);
    let fixed = outcome == Outcome::Fixed && !journey.chance.happens(odds::FIX_DOES_NOT_HOLD);
    Some((
        visit,
        Repair {
            defect,
            done,
            fixed,
        },
    ))
}

/// The other car breaks down: the house that sold it has nobody, the owner's own dealer helps.
pub(super) fn sent_away_and_helped(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let asked_for = journey.chance.text(&ASKED).to_owned();
    let safety = journey.chance.happens(0.4);
    let other = journey.another_dealer();
    let at = journey.working(at);
    declined(
        journey,
        car,
        other,
        at,
        (&asked_for, Reason::StaffAbsent, safety),
    );
    let visit = journey.matter("visit");
    let subjects = about(journey, car, &visit, "");
    journey.pen.about(subjects);
    let came = journey.open(at + HOUR);
    dropped_off(journey, car, came, true);
    worked(journey, came + 40 * 60);
    if journey.chance.happens(0.3) {
        let reason = journey.chance.weighted(&[
            (5, Reason::PartUnavailable),
            (3, Reason::OutOfScope),
            (1, Reason::Other),
        ]);
        journey
            .by_staff("advisor", Channel::InPerson)
            .at(came + 45 * 60);
        journey
            .pen
            .write(Payload::AssistanceDeclined(AssistanceDeclined {
                asked_for,
                reason: reason.into(),
                safety,
                owner_told_next_step: true,
            }));
        let settled = journey.leisure(came + DAY);
        let place = journey.chance.text(&ELSEWHERE).to_owned();
        journey.by_owner(Channel::App).at(settled);
        journey
            .pen
            .write(Payload::ResolvedElsewhere(ResolvedElsewhere {
                r#where: place,
            }));
    }
    let gone = journey.open(came + HOUR);
    picked_up(journey, car, gone);
    journey.feels(0.3);
    feedback::unasked(journey, Some(car), gone);
}

fn declined(
    journey: &mut Journey<'_>,
    car: &Car,
    dealer: &Dealer,
    at: i64,
    (asked_for, reason, safety): (&str, Reason, bool),
) {
    let visit = journey.matter("visit");
    let subjects = Subjects {
        dealer_id: dealer.id.clone(),
        ..about(journey, car, &visit, "")
    };
    journey.pen.about(subjects);
    journey
        .pen
        .by(&Who::Staff("advisor", dealer), Channel::InPerson)
        .at(at);
    journey
        .pen
        .write(Payload::AssistanceDeclined(AssistanceDeclined {
            asked_for: asked_for.to_owned(),
            reason: reason.into(),
            safety,
            owner_told_next_step: false,
        }));
}
