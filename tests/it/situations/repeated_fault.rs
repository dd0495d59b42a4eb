//! The fault that comes back: three visits for one light, the manufacturer called, two people who take the owner's side,
//! two promises of which one is broken, an update with nothing new, a cause that is asked for and never told, a repair
//! that holds, and a closing with one request unmet.

use std::collections::BTreeSet;

use ownerline_proto::v1::case::{Fate, episode::Verdict, root_cause};
use ownerline_proto::v1::case_service_client::CaseServiceClient;
use ownerline_proto::v1::contact_service_client::ContactServiceClient;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::vehicle_service_client::VehicleServiceClient;
use ownerline_proto::v1::{
    Actor, AdvocateAssigned, Case, CaseAcknowledged, CaseAssessed, CaseClosed, CaseOpened,
    CaseResolved, CaseState, Channel, CommitmentBroken, CommitmentKept, CommitmentMade,
    ContactFilter, ContactMade, DealerRegistered, DefectLinked, DefectReported,
    DesiredOutcomeStated, FeedbackReceived, GetCaseRequest, GetContextPackRequest,
    GetRepeatRepairStatusRequest, GetRepeatRepairStatusResponse, GetTimelineRequest, Level,
    ListContactsRequest, ManufacturerNotified, ProgressUpdateSent, RepairAttempted, RepairOutcome,
    ResolutionConfirmed, RootCauseRequested, Subjects, TaskAssigned, TaskDone, VehicleAcquired,
    VehicleDroppedOff, VehiclePickedUp, VehicleRegistered,
};

use super::{Story, at, known_at};

const VIN: &str = "1G4AH59H45G118341";
const CASE: &str = "light";

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

fn text(text: &str) -> String {
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

async fn told() -> Story {
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

impl Story {
    async fn case(&self, as_of: &str) -> Case {
        self.case_at(Some(at(as_of)), None).await
    }

    async fn case_at(
        &self,
        as_of: Option<pbjson_types::Timestamp>,
        position: Option<&str>,
    ) -> Case {
        let request = GetCaseRequest {
            case_id: text(CASE),
            as_of,
            known_at: position.and_then(known_at),
            at_least: self.server.head().await,
            ..GetCaseRequest::default()
        };
        let mut client = CaseServiceClient::new(self.server.channel());
        let answer = client.get_case(request).await.unwrap();
        answer.into_inner().case.unwrap()
    }

    async fn repairs(&self, as_of: &str) -> GetRepeatRepairStatusResponse {
        let request = GetRepeatRepairStatusRequest {
            vin: text(VIN),
            as_of: Some(at(as_of)),
            at_least: self.server.head().await,
            ..GetRepeatRepairStatusRequest::default()
        };
        let mut client = VehicleServiceClient::new(self.server.channel());
        let answer = client.get_repeat_repair_status(request).await.unwrap();
        answer.into_inner()
    }
}

fn fates(case: &Case) -> Vec<(&str, Fate)> {
    let promises = case.commitments.iter();
    promises.map(|it| (&*it.id, it.fate())).collect()
}

#[tokio::test]
async fn on_friday_evening_one_promise_is_overdue_and_the_cause_is_owed() {
    let story = told().await;
    let case = story.case("2026-02-13T19:00:00Z").await;
    assert_eq!(case.state(), CaseState::Open);
    let promises = [("loaner", Fate::Kept), ("friday", Fate::Overdue)];
    assert_eq!(fates(&case), promises);
    assert_eq!(case.overdue.len(), 1);
    let overdue = &case.overdue[0];
    assert_eq!(overdue.subject_id, "friday");
    assert_eq!(overdue.overdue_for.as_ref().unwrap().seconds, 3_600);
    let cause = case.root_cause.unwrap();
    assert_eq!(cause.state(), root_cause::State::Owed);
    let wish = case.desired_outcome.unwrap();
    assert_eq!(wish.text, "that it stays off, and why it came");
    let assessment = case.assessment.unwrap();
    assert_eq!(assessment.severity(), Level::High);
    let advocates = case.advocates.iter().map(|it| &*it.agent_id);
    assert_eq!(advocates.collect::<Vec<_>>(), ["iris"]);
}

#[tokio::test]
async fn a_second_after_its_date_the_task_is_overdue_and_nothing_new_counts_as_an_update() {
    let story = told().await;
    let case = story.case("2026-02-17T12:00:01Z").await;
    assert_eq!(case.tasks[0].fate(), Fate::Overdue);
    assert_eq!(case.tasks[0].department, "parts");
    assert_eq!(case.overdue[0].subject_id, "sensor");
    assert_eq!(case.overdue[0].overdue_for.as_ref().unwrap().seconds, 1);
    let promises = [("loaner", Fate::Kept), ("friday", Fate::Broken)];
    assert_eq!(fates(&case), promises);
    let updates = case.updates.unwrap();
    assert_eq!((updates.count, updates.nothing_new), (1, 1));
}

#[tokio::test]
async fn at_the_end_everything_promised_and_everything_owed_is_there() {
    let story = told().await;
    let case = story.case("2026-04-01T00:00:00Z").await;
    assert_eq!(case.state(), CaseState::Closed);
    assert_eq!(case.agents, ["iris", "noor"]);
    assert_eq!(case.tasks[0].fate(), Fate::KeptLate);
    assert_eq!(case.overdue, []);
    let cause = case.root_cause.unwrap();
    assert_eq!(cause.state(), root_cause::State::Owed);
    let episode = &case.episodes[0];
    assert_eq!(episode.verdict(), Verdict::Confirmed);
    assert_eq!(episode.unmet_requests, ["the root cause"]);
    let unmet = case.unmet.unwrap();
    assert!(unmet.root_cause_owed);
    assert_eq!(unmet.commitments_not_kept, ["friday"]);
    // From the update on 16 February, 15:00, to the outcome on 4 March, 10:00.
    let longest = case.silence.unwrap().longest.unwrap();
    let longest = longest.length.unwrap().seconds;
    assert_eq!(longest, 15 * 86_400 + 19 * 3_600);
    let mut defects: Vec<&str> = case.defects.iter().map(|it| &*it.defect_id).collect();
    defects.sort_unstable();
    assert_eq!(defects, ["fault-1", "fault-2", "fault-3"]);
    assert_eq!(case.feedback_ids, ["words"]);
    assert_eq!(case.manufacturer_notices.len(), 1);
}

#[tokio::test]
async fn three_visits_for_one_light_are_one_attempt_short_of_the_rule() {
    let story = told().await;
    let before_links = story.repairs("2026-02-09T00:00:00Z").await;
    assert_eq!(before_links.defects.len(), 2);
    let status = story.repairs("2026-04-01T00:00:00Z").await;
    assert_eq!(status.defects.len(), 1);
    let defect = &status.defects[0];
    assert_eq!(defect.visit_ids, ["visit-1", "visit-2", "visit-3"]);
    assert!(defect.rising_risk && defect.fixed);
    // 9 to 12 January, 2 to 6 and 23 to 26 February, both ends included.
    assert_eq!(status.days_out, 13);
    let california = status.rules.iter().find(|it| it.jurisdiction == "US-CA");
    let california = california.unwrap();
    assert_eq!(california.outcome(), RepairOutcome::NotMet);
    let same_defect = &california.tests[0].counts[0];
    assert_eq!((same_defect.count, same_defect.distance), (3, 1));
    assert_eq!(status.notices.len(), 1);
}

#[tokio::test]
async fn what_was_known_at_every_step_is_what_is_told_as_of_that_step() {
    let story = told().await;
    let opened = at("2026-02-09T15:20:00Z");
    let steps = story.steps.iter();
    let of_case = steps.filter(|(when, _)| when.seconds >= opened.seconds);
    let mut seen = 0;
    // Several steps of one instant are told one after the other.
    let last_of_instant = of_case.fold(Vec::new(), |mut steps: Vec<_>, step| {
        steps.retain(|(when, _): &(_, &String)| *when != step.0);
        steps.push((step.0, &step.1));
        steps
    });
    for (when, position) in last_of_instant {
        let now = story.case_at(Some(when), None).await;
        let then = story.case_at(Some(when), Some(position)).await;
        assert_eq!(now, then, "{when:?}");
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
}

#[tokio::test]
async fn the_call_is_counted_without_a_pack_and_the_pack_says_what_not_to_ask_again() {
    let story = told().await;
    let request = ListContactsRequest {
        filter: Some(ContactFilter {
            owner_id: text("owner-1"),
            ..ContactFilter::default()
        }),
        as_of: Some(at("2026-04-01T00:00:00Z")),
        at_least: story.server.head().await,
        ..ListContactsRequest::default()
    };
    let mut client = ContactServiceClient::new(story.server.channel());
    let answer = client.list_contacts(request).await.unwrap().into_inner();
    let contact = &answer.contacts[0];
    assert_eq!(contact.agents, ["iris", "noor"]);
    assert_eq!(contact.operated_by, "Contact Desk Ltd");
    assert_eq!(contact.on_behalf_of, "Halcyra");
    assert_eq!(contact.case_id, CASE);
    assert!(contact.pack.is_none());

    let request = GetContextPackRequest {
        owner_id: text("owner-1"),
        actor: Some(Actor {
            id: text("auditor"),
            ..Actor::default()
        }),
        audit_only: true,
        as_of: Some(at("2026-02-13T19:00:00Z")),
        at_least: story.server.head().await,
        ..GetContextPackRequest::default()
    };
    let mut timelines = story.server.timelines();
    let pack = timelines.get_context_pack(request).await.unwrap();
    let pack = format!("{:?}", pack.into_inner().pack.unwrap());
    for known in [CASE, "friday", "fault-2"] {
        assert!(pack.contains(known), "{known}: {pack}");
    }
}

#[tokio::test]
async fn the_timeline_has_every_step_of_the_story() {
    let story = told().await;
    let request = GetTimelineRequest {
        owner_id: text("owner-1"),
        page_size: 100,
        ..GetTimelineRequest::default()
    };
    let timeline = story.server.timeline(request).await.unwrap();
    let entries = timeline.entries.into_iter();
    let on_timeline = entries.map(|it| it.recorded.unwrap().touchpoint.unwrap().id);
    let on_timeline: BTreeSet<String> = on_timeline.collect();
    let steps = (1..=story.count).map(|number| format!("t{number:02}"));
    let missing: Vec<String> = steps.filter(|it| !on_timeline.contains(it)).collect();
    // The registration of the dealer is about no owner.
    assert_eq!(missing, ["t01"]);
}
