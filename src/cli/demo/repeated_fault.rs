//! The repeated fault: the engine light comes back three times. Two people take the owner's side, promise little and keep
//! all of it but one, say when there is no news, and get everybody on the same page. The owner never learns the root
//! cause, but stays.

use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocateAssigned, AppointmentBooked, CaseAcknowledged, CaseAssessed, CaseClosed, CaseOpened,
    CaseResolved, Channel, CommitmentBroken, CommitmentKept, CommitmentMade, ContactMade,
    DefectLinked, DefectReported, DesiredOutcomeStated, LoanerProvided, NextStepAgreed,
    NextStepProposed, OwnerMessageReceived, OwnerRegistered, ProgressUpdateSent, RepairAttempted,
    Repurchased, ResolutionConfirmed, RootCauseDeclined, RootCauseRequested, Subjects,
    TaskAssigned, TaskDone, TouchpointRef, VehicleAcquired, VehicleAlertRaised, VehicleDroppedOff,
    VehiclePickedUp, VehicleRegistered, Visibility, repurchased, vehicle_acquired,
};
use pbjson_types::Timestamp;

use super::house::House;
use super::pen::Pen;

pub(super) const OWNER: &str = "owner-3";
pub(super) const CASE: &str = "case-3";
pub(super) const VIN: &str = "SDEM0GT3000000003";
/// The day on which the owner calls and the case is opened.
pub(super) const CALLED: i64 = 150;
/// What the light sets off, as the systems of the maker name it.
const PROCESS: &str = "engine-light-3";

pub(super) fn journey(house: &House, now: Timestamp) -> Pen {
    let mut pen = Pen::new("repeated-fault", now);
    beginning(&mut pen, house);
    let none = Outcome::NoFaultFound;
    visit(&mut pen, house, ["visit-31", "defect-31"], 200, none);
    let not = Outcome::NotFixed;
    visit(&mut pen, house, ["visit-32", "defect-32"], 170, not);
    call(&mut pen, house);
    one_page(&mut pen, house);
    third_visit(&mut pen, house);
    ending(&mut pen, house);
    pen
}

fn subjects(house: &House) -> Subjects {
    Subjects {
        owner_id: OWNER.to_owned(),
        vin: VIN.to_owned(),
        dealer_id: house.id.clone(),
        ..Subjects::default()
    }
}

fn case(house: &House) -> Subjects {
    Subjects {
        case_id: CASE.to_owned(),
        ..subjects(house)
    }
}

fn beginning(pen: &mut Pen, house: &House) {
    pen.about(subjects(house))
        .staff("advisor", house)
        .via(Channel::InPerson)
        .days_ago(420, 11, 0);
    pen.write(Payload::OwnerRegistered(OwnerRegistered {
        market: "DE".to_owned(),
        ..OwnerRegistered::default()
    }));
    let delivered = pen.date(420);
    pen.minutes_later(5)
        .write(Payload::VehicleRegistered(VehicleRegistered {
            brand: house.brand.clone(),
            model: "sports saloon".to_owned(),
            jurisdiction: "DE".to_owned(),
            first_delivered_on: delivered,
            ..VehicleRegistered::default()
        }));
    pen.minutes_later(5)
        .write(Payload::VehicleAcquired(VehicleAcquired {
            owner_id: OWNER.to_owned(),
            role: vehicle_acquired::Role::Owner.into(),
        }));
}

/// The light, the appointment, the visit and the pick-up, which happen twice with different outcomes.
fn visit(
    pen: &mut Pen,
    house: &House,
    [visit, defect]: [&str; 2],
    days_ago: i64,
    outcome: Outcome,
) {
    light(pen, house, days_ago);
    pen.about(Subjects {
        visit_id: visit.to_owned(),
        defect_id: defect.to_owned(),
        ..subjects(house)
    });
    pen.owner().via(Channel::Phone).minutes_later(70);
    pen.write(Payload::AppointmentBooked(AppointmentBooked {
        reason: "engine light".to_owned(),
        starts_at: None,
    }));
    pen.days_ago(days_ago - 3, 8, 0)
        .staff("advisor", house)
        .via(Channel::InPerson)
        .write(Payload::VehicleDroppedOff(VehicleDroppedOff::default()));
    let reported = pen
        .minutes_later(5)
        .write(Payload::DefectReported(DefectReported {
            symptom: "engine light, and it stumbles when cold".to_owned(),
            safety: false,
        }));
    pen.days_ago(days_ago - 4, 15, 0).staff("technician", house);
    pen.because_of(&reported)
        .essential()
        .write(Payload::RepairAttempted(RepairAttempted {
            outcome: outcome.into(),
        }));
    pen.minutes_later(100)
        .staff("advisor", house)
        .write(Payload::VehiclePickedUp(VehiclePickedUp::default()));
}

fn light(pen: &mut Pen, house: &House, days_ago: i64) -> TouchpointRef {
    pen.about(subjects(house))
        .car()
        .via(Channel::Vehicle)
        .days_ago(days_ago, 7, 20)
        .correlated(PROCESS)
        .essential()
        .write(Payload::VehicleAlertRaised(VehicleAlertRaised {
            code: "P0301".to_owned(),
            severity: 3,
            message: "Have the engine checked".to_owned(),
        }))
}

fn call(pen: &mut Pen, house: &House) {
    let light = light(pen, house, CALLED);
    pen.about(case(house))
        .owner()
        .via(Channel::Phone)
        .minutes_later(95)
        .correlated(PROCESS)
        .because_of(&light);
    let opened = pen.write(Payload::CaseOpened(CaseOpened {
        subject: "engine light for the third time".to_owned(),
        remedy_sought: "a car that works, and to know why it did not".to_owned(),
        ..CaseOpened::default()
    }));
    pen.maker("agent-1", "advocate").because_of(&opened);
    pen.write(Payload::CaseAcknowledged(CaseAcknowledged {}));
    pen.write(Payload::AdvocateAssigned(AdvocateAssigned {
        agent_id: "agent-1".to_owned(),
    }));
    pen.essential().write(Payload::ContactMade(ContactMade {
        agents: vec!["agent-1".to_owned(), "agent-2".to_owned()],
        duration_seconds: 1_210,
        proactive: false,
        subject: "what happened, and what a good outcome would be".to_owned(),
    }));
    pen.owner().minutes_later(12);
    pen.essential()
        .write(Payload::DesiredOutcomeStated(DesiredOutcomeStated {
            text: "I want to trust it on a motorway again.".to_owned(),
        }));
    pen.essential()
        .write(Payload::RootCauseRequested(RootCauseRequested {}));
    pen.maker("agent-1", "advocate").minutes_later(8);
    let (call, findings) = (pen.instant(146, 18, 0), pen.instant(125, 18, 0));
    pen.essential()
        .write(Payload::CommitmentMade(CommitmentMade {
            commitment_id: "commitment-1".to_owned(),
            text: "I call you in four days, also if there is nothing new.".to_owned(),
            due_at: Some(call),
        }));
    pen.essential()
        .write(Payload::CommitmentMade(CommitmentMade {
            commitment_id: "commitment-2".to_owned(),
            text: "You get the findings of the supplier in writing.".to_owned(),
            due_at: Some(findings),
        }));
    let proposed = pen.write(Payload::NextStepProposed(NextStepProposed {
        step_id: "step-1".to_owned(),
        text: "an engineer of ours looks at it together with the workshop".to_owned(),
    }));
    pen.owner().minutes_later(1).because_of(&proposed);
    pen.write(Payload::NextStepAgreed(NextStepAgreed {
        step_id: "step-1".to_owned(),
    }));
}

fn one_page(pen: &mut Pen, house: &House) {
    pen.maker("agent-2", "advocate")
        .via(Channel::Api)
        .seen_by(Visibility::Dealer)
        .days_ago(149, 9, 0);
    pen.write(Payload::CaseAssessed(CaseAssessed {
        severity: 3,
        complexity: 3,
        impact: 2,
        urgency: 3,
    }));
    pen.minutes_later(10);
    pen.about(Subjects {
        defect_id: "defect-32".to_owned(),
        ..case(house)
    });
    pen.write(Payload::DefectLinked(DefectLinked {
        defect_id: "defect-32".to_owned(),
        same_as: "defect-31".to_owned(),
    }));
    pen.about(case(house)).minutes_later(5);
    let task = pen.write(Payload::TaskAssigned(TaskAssigned {
        task_id: "task-1".to_owned(),
        department: "parts".to_owned(),
        why: "the injector is held for this car before the visit".to_owned(),
        ..TaskAssigned::default()
    }));
    pen.days_ago(147, 12, 0)
        .system("parts-desk")
        .because_of(&task)
        .write(Payload::TaskDone(TaskDone {
            task_id: "task-1".to_owned(),
        }));
    pen.maker("agent-1", "advocate")
        .via(Channel::Phone)
        .seen_by(Visibility::Owner)
        .days_ago(146, 15, 40)
        .pack_served()
        .minutes_later(20);
    pen.write(Payload::ContactMade(ContactMade {
        agents: vec!["agent-1".to_owned()],
        duration_seconds: 190,
        proactive: true,
        subject: "the call that was promised".to_owned(),
    }));
    pen.essential()
        .write(Payload::ProgressUpdateSent(ProgressUpdateSent {
            new_information: false,
            text: "Nothing new yet. The engineer comes in four days, as planned.".to_owned(),
        }));
    pen.minutes_later(1);
    pen.essential()
        .write(Payload::CommitmentKept(CommitmentKept {
            commitment_id: "commitment-1".to_owned(),
        }));
}

fn third_visit(pen: &mut Pen, house: &House) {
    let visit = Subjects {
        visit_id: "visit-33".to_owned(),
        defect_id: "defect-31".to_owned(),
        case_id: CASE.to_owned(),
        ..subjects(house)
    };
    pen.about(visit)
        .staff("advisor", house)
        .via(Channel::InPerson)
        .days_ago(142, 8, 0);
    pen.write(Payload::VehicleDroppedOff(VehicleDroppedOff {
        goodwill: true,
        ..VehicleDroppedOff::default()
    }));
    pen.minutes_later(5);
    pen.write(Payload::LoanerProvided(LoanerProvided {}));
    pen.days_ago(140, 14, 0).staff("technician", house);
    pen.essential()
        .write(Payload::RepairAttempted(RepairAttempted {
            outcome: Outcome::Fixed.into(),
        }));
    pen.days_ago(139, 10, 0).staff("advisor", house);
    pen.write(Payload::VehiclePickedUp(VehiclePickedUp::default()));
}

fn ending(pen: &mut Pen, house: &House) {
    pen.about(case(house))
        .maker("agent-1", "advocate")
        .via(Channel::Phone)
        .days_ago(125, 10, 0);
    pen.write(Payload::CaseResolved(CaseResolved {
        outcome: "no light for two weeks and 1,800 km".to_owned(),
    }));
    pen.minutes_later(4);
    pen.essential()
        .write(Payload::RootCauseDeclined(RootCauseDeclined {
            reason: "the supplier does not release its findings".to_owned(),
        }));
    pen.minutes_later(1)
        .essential()
        .write(Payload::CommitmentBroken(CommitmentBroken {
            commitment_id: "commitment-2".to_owned(),
        }));
    pen.minutes_later(20).owner().via(Channel::Email);
    pen.write(Payload::OwnerMessageReceived(OwnerMessageReceived {
        text: "I still do not know why. But nobody ever let me wait for a call.".to_owned(),
        in_reply_to: None,
    }));
    pen.days_ago(124, 9, 0).maker("agent-1", "advocate");
    pen.write(Payload::CaseClosed(CaseClosed {
        unmet_requests: vec!["the root cause".to_owned()],
    }));
    pen.about(Subjects {
        feedback_id: "feedback-31".to_owned(),
        ..case(house)
    });
    pen.days_ago(120, 19, 0).owner().via(Channel::Portal);
    pen.write(Payload::ResolutionConfirmed(ResolutionConfirmed {}));
    pen.about(Subjects {
        owner_id: OWNER.to_owned(),
        dealer_id: house.id.clone(),
        ..Subjects::default()
    });
    pen.days_ago(12, 15, 0).via(Channel::InPerson);
    pen.essential().write(Payload::Repurchased(Repurchased {
        kind: repurchased::Kind::Lease.into(),
        brand: house.brand.clone(),
        ..Repurchased::default()
    }));
}
