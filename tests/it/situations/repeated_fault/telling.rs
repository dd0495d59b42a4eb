//! The telling of the repeated fault, touchpoint by touchpoint.

use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{
    AdvocateAssigned, CaseAcknowledged, CaseAssessed, CaseClosed, CaseOpened, CaseResolved,
    Channel, CommitmentBroken, CommitmentKept, CommitmentMade, ContactMade, DealerRegistered,
    DefectLinked, DefectReported, DesiredOutcomeStated, FeedbackReceived, Level,
    ManufacturerNotified, ProgressUpdateSent, RepairAttempted, ResolutionConfirmed,
    RootCauseRequested, Subjects, TaskAssigned, TaskDone, VehicleAcquired, VehicleDroppedOff,
    VehiclePickedUp, VehicleRegistered,
};

use crate::situations::{Story, at};

pub(super) const VIN: &str = "1G4AH59H45G118341";
pub(super) const CASE: &str = "light";

fn of_car() -> Subjects {
    Subjects {
        owner_id: "owner-1".to_owned(),
        vin: VIN.to_owned(),
        dealer_id: "coast".to_owned(),
        ..Subjects::default()
    }
}

fn of_case() -> Subjects {
    Subjects {
        case_id: CASE.to_owned(),
        ..Subjects::default()
    }
}

fn of_defect(defect: &str) -> Subjects {
    Subjects {
        defect_id: defect.to_owned(),
        ..of_case()
    }
}

pub(super) fn text(text: &str) -> String {
    text.to_owned()
}

/// One stay at the workshop for the light, which has an id of its own each time.
async fn visit(story: &mut Story, number: u32, from: &str, until: &str, outcome: Outcome) {
    let visit = Subjects {
        visit_id: format!("visit-{number}"),
        ..of_car()
    };
    let defect = Subjects {
        defect_id: format!("fault-{number}"),
        ..visit.clone()
    };
    story
        .about(visit.clone())
        .by("advisor", "advisor", "coast")
        .via(Channel::InPerson);
    let came = VehicleDroppedOff::default();
    story.tell(from, Payload::VehicleDroppedOff(came)).await;
    let reported = DefectReported {
        symptom: text("the engine light comes on"),
        ..DefectReported::default()
    };
    story.about(defect);
    story.tell(from, Payload::DefectReported(reported)).await;
    let tried = RepairAttempted {
        outcome: outcome.into(),
    };
    story.tell(until, Payload::RepairAttempted(tried)).await;
    story.about(visit);
    let gone = VehiclePickedUp::default();
    story.tell(until, Payload::VehiclePickedUp(gone)).await;
}

async fn beginning(story: &mut Story) {
    story
        .about(Subjects {
            dealer_id: text("coast"),
            ..Subjects::default()
        })
        .by("network", "", "");
    let dealer = DealerRegistered {
        name: text("Coast Motors"),
        market: text("US"),
        time_zone: text("America/Los_Angeles"),
        brands: vec![text("Halcyra")],
    };
    let registered = Payload::DealerRegistered(dealer);
    story.tell("2020-01-01T12:00:00Z", registered).await;
    let car = VehicleRegistered {
        brand: text("Halcyra"),
        model: text("Roadster"),
        model_year: 2025,
        jurisdiction: text("US-CA"),
        first_delivered_on: text("2025-05-31"),
    };
    story.about(of_car());
    story
        .tell("2025-05-31T18:00:00Z", Payload::VehicleRegistered(car))
        .await;
    let acquired = VehicleAcquired {
        owner_id: text("owner-1"),
        role: Role::Owner.into(),
    };
    story
        .tell("2025-05-31T18:01:00Z", Payload::VehicleAcquired(acquired))
        .await;
}

/// The owner calls the manufacturer. Two people listen for twenty minutes, and take the owner's side.
async fn call(story: &mut Story) {
    story
        .about(Subjects {
            feedback_id: text("words"),
            visit_id: text("visit-2"),
            ..of_car()
        })
        .by("owner-1", "owner", "")
        .via(Channel::Email);
    let words = FeedbackReceived {
        verbatim: text("The engine light is back. Twice."),
        score: Some(2),
        ..FeedbackReceived::default()
    };
    story
        .tell("2026-02-07T09:00:00Z", Payload::FeedbackReceived(words))
        .await;
    story
        .about(Subjects {
            owner_id: text("owner-1"),
            ..of_case()
        })
        .by("iris", "agent", "")
        .via(Channel::Phone);
    story.next.correlation_id = text("call-17");
    story.next.operated_by = text("Contact Desk Ltd");
    story.next.on_behalf_of = text("Halcyra");
    let called = ContactMade {
        agents: vec![text("iris"), text("noor")],
        duration_seconds: 1_200,
        proactive: false,
        subject: text("the light"),
    };
    let called = story
        .tell("2026-02-09T15:00:00Z", Payload::ContactMade(called))
        .await;
    story
        .about(Subjects {
            case_id: text(CASE),
            ..of_car()
        })
        .because_of(&called);
    let opened = CaseOpened {
        subject: text("the engine light is back"),
        remedy_sought: text("the cause"),
        origin_feedback_id: text("words"),
    };
    story
        .tell("2026-02-09T15:20:00Z", Payload::CaseOpened(opened))
        .await;
    story.next.correlation_id.clear();
    story.next.operated_by.clear();
    story.next.on_behalf_of.clear();
    let acknowledged = Payload::CaseAcknowledged(CaseAcknowledged {});
    story.about(of_case()).by("lee", "advocate", "");
    story.tell("2026-02-09T15:21:00Z", acknowledged).await;
    let assessed = CaseAssessed {
        severity: Level::High.into(),
        urgency: Level::High.into(),
        ..CaseAssessed::default()
    };
    story.unseen();
    story
        .tell("2026-02-09T15:25:00Z", Payload::CaseAssessed(assessed))
        .await;
    let assigned = AdvocateAssigned {
        agent_id: text("iris"),
    };
    story.seen();
    story
        .tell("2026-02-09T15:30:00Z", Payload::AdvocateAssigned(assigned))
        .await;
    let outcome = DesiredOutcomeStated {
        text: text("that it stays off, and why it came"),
    };
    story.by("owner-1", "owner", "");
    story
        .tell(
            "2026-02-09T15:31:00Z",
            Payload::DesiredOutcomeStated(outcome),
        )
        .await;
    let asked = Payload::RootCauseRequested(RootCauseRequested {});
    story.tell("2026-02-09T15:32:00Z", asked).await;
}

async fn promise(story: &mut Story, when: &str, id: &str, what: &str, due: &str) {
    let made = CommitmentMade {
        commitment_id: text(id),
        text: text(what),
        due_at: Some(at(due)),
    };
    story.about(of_case()).by("lee", "advocate", "");
    story.tell(when, Payload::CommitmentMade(made)).await;
}

async fn same_defect(story: &mut Story, when: &str, defect: &str, same_as: &str) {
    let linked = DefectLinked {
        defect_id: text(defect),
        same_as: text(same_as),
    };
    story
        .about(of_defect(defect))
        .by("foreman", "foreman", "coast")
        .unseen();
    story.tell(when, Payload::DefectLinked(linked)).await;
    story.seen();
}

/// Two promises, of which one is broken; a task that is late; an update with nothing new; the manufacturer notified.
async fn promises(story: &mut Story) {
    same_defect(story, "2026-02-10T10:00:00Z", "fault-2", "fault-1").await;
    let due = "2026-02-13T12:00:00Z";
    promise(story, "2026-02-10T12:00:00Z", "loaner", "a loaner", due).await;
    let due = "2026-02-13T18:00:00Z";
    let what = "a call on Friday";
    promise(story, "2026-02-10T12:01:00Z", "friday", what, due).await;
    let task = TaskAssigned {
        task_id: text("sensor"),
        department: text("parts"),
        assignee: text("parts-desk"),
        due_at: Some(at("2026-02-17T12:00:00Z")),
        why: text("the sensor"),
    };
    story.unseen();
    story
        .tell("2026-02-10T12:10:00Z", Payload::TaskAssigned(task))
        .await;
    let kept = CommitmentKept {
        commitment_id: text("loaner"),
    };
    story.seen();
    story
        .tell("2026-02-12T12:00:00Z", Payload::CommitmentKept(kept))
        .await;
    let broken = CommitmentBroken {
        commitment_id: text("friday"),
    };
    story
        .tell("2026-02-13T20:00:00Z", Payload::CommitmentBroken(broken))
        .await;
    let nothing_new = ProgressUpdateSent {
        new_information: false,
        text: text("There is nothing new, and you are not forgotten."),
    };
    story
        .tell(
            "2026-02-16T15:00:00Z",
            Payload::ProgressUpdateSent(nothing_new),
        )
        .await;
    let done = TaskDone {
        task_id: text("sensor"),
    };
    story.unseen();
    story
        .tell("2026-02-18T12:00:00Z", Payload::TaskDone(done))
        .await;
    let notified = ManufacturerNotified {
        means: text("phone"),
    };
    story
        .about(Subjects {
            vin: text(VIN),
            ..of_case()
        })
        .by("owner-1", "owner", "")
        .seen();
    story
        .tell(
            "2026-02-19T10:00:00Z",
            Payload::ManufacturerNotified(notified),
        )
        .await;
}

async fn ending(story: &mut Story) {
    let resolved = CaseResolved {
        outcome: text("repaired, and it holds"),
    };
    story.about(of_case()).by("lee", "advocate", "");
    story
        .tell("2026-03-04T10:00:00Z", Payload::CaseResolved(resolved))
        .await;
    story
        .about(Subjects {
            feedback_id: text("words"),
            ..of_case()
        })
        .by("owner-1", "owner", "");
    let confirmed = Payload::ResolutionConfirmed(ResolutionConfirmed {});
    story.tell("2026-03-05T10:00:00Z", confirmed).await;
    let closed = CaseClosed {
        unmet_requests: vec![text("the root cause")],
    };
    story.about(of_case()).by("lee", "advocate", "");
    story
        .tell("2026-03-06T10:00:00Z", Payload::CaseClosed(closed))
        .await;
}

pub(super) async fn told() -> Story {
    let mut story = Story::begin().await;
    beginning(&mut story).await;
    let (from, until) = ("2026-01-09T17:00:00Z", "2026-01-12T17:00:00Z");
    visit(&mut story, 1, from, until, Outcome::Fixed).await;
    let (from, until) = ("2026-02-02T17:00:00Z", "2026-02-06T17:00:00Z");
    visit(&mut story, 2, from, until, Outcome::NotFixed).await;
    call(&mut story).await;
    promises(&mut story).await;
    let (from, until) = ("2026-02-23T17:00:00Z", "2026-02-26T17:00:00Z");
    visit(&mut story, 3, from, until, Outcome::Fixed).await;
    same_defect(&mut story, "2026-02-26T18:00:00Z", "fault-3", "fault-2").await;
    ending(&mut story).await;
    story
}
