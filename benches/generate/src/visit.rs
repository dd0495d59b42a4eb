//! Visits at a workshop: planned work, faults and repair attempts, and help for a car of another brand.

use ownerline_proto::v1::assistance_declined::Reason;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AppointmentBooked, AppointmentCancelled, AssistanceDeclined, Channel, DefectReported,
    LoanerProvided, Money, RepairAttempted, ResolvedElsewhere, Subjects, VehicleDroppedOff,
    VehiclePickedUp, WorkPerformed,
};
use pbjson_types::Timestamp;

use crate::calendar::{DAY, HOUR, Season};
use crate::car::Car;
use crate::dealer::Dealer;
use crate::journey::Journey;
use crate::pen::Performer;
use crate::words::Matter;
use crate::{case, odds, person, survey, words};

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
const ASSISTANCE: [&str; 5] = [
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

/// The outcome of a visit for a fault.
pub(crate) struct Repair {
    /// The id of the defect.
    pub(crate) defect: String,
    /// When the car was picked up.
    pub(crate) done: i64,
    /// Whether the fault is gone.
    pub(crate) fixed: bool,
}

/// Planned and unplanned visits while the owner has the car.
pub(crate) fn write_visits(journey: &mut Journey<'_>, car: &Car, leaves: i64) {
    let period = (car.since + 20 * DAY, leaves);
    for at in journey.arrivals(period, odds::PLANNED_VISITS_A_YEAR, Season::Repairing) {
        write_planned_visit(journey, car, at, "service");
    }
    for at in journey.arrivals(period, odds::FAULTS_A_YEAR, Season::Repairing) {
        write_fault(journey, car, at);
    }
}

fn subjects_of(journey: &Journey<'_>, car: &Car, visit: &str, defect: &str) -> Subjects {
    Subjects {
        visit_id: visit.to_owned(),
        defect_id: defect.to_owned(),
        ..car.subjects(journey)
    }
}

/// An appointment. Returns when it begins, or `None` if it is cancelled.
fn write_appointment(journey: &mut Journey<'_>, at: i64, reason: &str) -> Option<i64> {
    let booked = journey.leisure(at);
    let wait = journey.chance.heavy_tailed(6 * DAY, 0.6).max(3 * HOUR);
    let starts = journey.working(booked + wait);
    journey.by_owner(Channel::App).at(booked);
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
        let at = journey.chance.between(booked + 60, starts);
        journey
            .pen
            .at(at)
            .write(Payload::AppointmentCancelled(AppointmentCancelled {}));
        return None;
    }
    Some(starts)
}

fn write_drop_off(journey: &mut Journey<'_>, car: &Car, at: i64, goodwill: bool) {
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
        journey.change_mood(0.05);
    }
}

fn write_pick_up(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let odometer_metres = Some(car.metres_at(at) + 400);
    journey.by_staff("advisor", Channel::InPerson).at(at);
    journey.pen.write(Payload::VehiclePickedUp(VehiclePickedUp {
        odometer_metres,
    }));
}

fn write_work(journey: &mut Journey<'_>, at: i64) {
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

/// A visit that took place.
pub(crate) struct Visited {
    /// The subjects of its touchpoints.
    pub(crate) subjects: Subjects,
    /// When the work was done.
    pub(crate) worked: i64,
}

/// A planned visit with its survey; `None` if its appointment is cancelled.
pub(crate) fn write_planned_visit(
    journey: &mut Journey<'_>,
    car: &Car,
    at: i64,
    reason: &str,
) -> Option<Visited> {
    let visit = journey.next_id("visit");
    let subjects = subjects_of(journey, car, &visit, "");
    journey.pen.about(subjects.clone()).correlated("");
    let came = write_appointment(journey, at, reason)?;
    write_drop_off(journey, car, came, false);
    let stays = journey.chance.heavy_tailed(7 * HOUR, 0.5);
    let gone = journey.open(came + stays);
    let done = journey.chance.between(came + 900, gone - 60);
    write_work(journey, done);
    write_pick_up(journey, car, gone);
    journey.change_mood(if stays > 20 * HOUR { -0.1 } else { 0.06 });
    if journey.chance.happens(odds::FOLLOW_UP_CALL) {
        let at = match journey.chance.happens(odds::FOLLOW_UP_TOO_EARLY) {
            true => (came + gone) / 2,
            false => journey.working(gone + DAY),
        };
        let about = subjects_of(journey, car, &visit, "");
        person::write_contact(journey, about, true, at);
    }
    survey::write_survey(journey, "service", car, &visit, gone, Matter::Service);
    Some(Visited {
        subjects,
        worked: done,
    })
}

/// A visit for which the workshop's system names the car only.
pub(crate) fn write_visit_without_owner(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let visit_id = journey.next_id("visit");
    journey.pen.about(Subjects {
        visit_id,
        vin: car.vin.clone(),
        ..Subjects::default()
    });
    let came = journey.working(at);
    write_drop_off(journey, car, came, false);
    write_work(journey, came + 2 * HOUR);
    let gone = journey.open(came + 5 * HOUR);
    write_pick_up(journey, car, gone);
}

/// A fault, visit by visit until it is gone or the owner gives up, sometimes with a case.
fn write_fault(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let fault = words::fault(&mut journey.chance);
    let matter = Matter::Fault(fault);
    let mut at = at;
    let mut defects: Vec<String> = Vec::new();
    let mut last = None;
    for visit in 0..5 {
        let Some((id, repair)) = write_repair_visit(journey, car, fault, at) else {
            break;
        };
        defects.push(repair.defect.clone());
        let again = !repair.fixed && journey.chance.happens(odds::FAULT_COMES_BACK);
        let back = repair.done + journey.chance.heavy_tailed(16 * DAY, 0.8);
        if !again {
            journey.change_mood(if visit == 0 { 0.08 } else { -0.1 });
            survey::write_survey(journey, "repair", car, &id, repair.done, matter);
            return;
        }
        journey.change_mood(-0.25);
        at = back;
        last = Some(repair.done);
        let carried = if visit == 0 {
            odds::CASE_AFTER_FIRST_REPEAT
        } else {
            odds::CASE_AFTER_SECOND_REPEAT
        };
        if journey.chance.happens(carried) {
            case::write_case(
                journey,
                car,
                &case::Origin::Defects(&defects),
                matter,
                repair.done,
            );
        }
    }
    if let Some(done) = last {
        survey::write_unsolicited_feedback(journey, Some(car), done + DAY, matter);
    }
}

/// A visit with one repair attempt. Each visit has a defect of its own until somebody links them.
fn write_repair_visit(
    journey: &mut Journey<'_>,
    car: &Car,
    fault: &'static words::Fault,
    at: i64,
) -> Option<(String, Repair)> {
    let (visit, defect) = (journey.next_id("visit"), journey.next_id("defect"));
    let subjects = subjects_of(journey, car, &visit, "");
    journey.pen.about(subjects).correlated("");
    let came = write_appointment(journey, at, fault.name)?;
    write_drop_off(journey, car, came, false);
    let subjects = subjects_of(journey, car, &visit, &defect);
    let symptom = words::symptom(&mut journey.chance, fault);
    journey.pen.about(subjects);
    journey.by_owner(Channel::InPerson).at(came + 240);
    journey.pen.write(Payload::DefectReported(DefectReported {
        symptom,
        safety: fault.safety,
    }));
    let outcome = journey.chance.weighted(&odds::REPAIR_OUTCOMES_PER_HUNDRED);
    let stays = journey.chance.heavy_tailed(26 * HOUR, 0.9);
    let tried = journey.open(came + stays);
    journey.by_staff("technician", Channel::InPerson).at(tried);
    journey.pen.write(Payload::RepairAttempted(RepairAttempted {
        outcome: outcome.into(),
    }));
    let subjects = subjects_of(journey, car, &visit, "");
    journey.pen.about(subjects);
    if outcome == Outcome::Fixed {
        write_work(journey, tried + 120);
    }
    let done = journey.open(tried + 2 * HOUR);
    write_pick_up(journey, car, done);
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

/// The other car breaks down: its own dealer declines to help, the owner's dealer helps.
pub(crate) fn write_breakdown(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let asked_for = journey.chance.text(&ASSISTANCE).to_owned();
    let safety = journey.chance.happens(0.4);
    let other = journey.another_dealer();
    let at = journey.working(at);
    write_declined_assistance(
        journey,
        car,
        other,
        at,
        (&asked_for, Reason::StaffAbsent, safety),
    );
    let visit = journey.next_id("visit");
    let subjects = subjects_of(journey, car, &visit, "");
    journey.pen.about(subjects);
    let came = journey.open(at + HOUR);
    write_drop_off(journey, car, came, true);
    write_work(journey, came + 40 * 60);
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
    write_pick_up(journey, car, gone);
    journey.change_mood(0.3);
    survey::write_unsolicited_feedback(journey, Some(car), gone, Matter::Treatment);
}

fn write_declined_assistance(
    journey: &mut Journey<'_>,
    car: &Car,
    dealer: &Dealer,
    at: i64,
    (asked_for, reason, safety): (&str, Reason, bool),
) {
    let visit = journey.next_id("visit");
    let subjects = Subjects {
        dealer_id: dealer.id.clone(),
        ..subjects_of(journey, car, &visit, "")
    };
    journey.pen.about(subjects);
    journey
        .pen
        .by(&Performer::Staff("advisor", dealer), Channel::InPerson)
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
