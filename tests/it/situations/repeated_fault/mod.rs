//! The fault that comes back: three visits for one light, the manufacturer called, two people who take the owner's side,
//! two promises of which one is broken, an update with nothing new, a cause that is asked for and never told, a repair
//! that holds, and a closing with one request unmet.

mod telling;

use std::collections::BTreeSet;

use ownerline_proto::v1::actor::Kind;
use ownerline_proto::v1::case::{Fate, episode::Verdict, root_cause};
use ownerline_proto::v1::case_service_client::CaseServiceClient;
use ownerline_proto::v1::contact_service_client::ContactServiceClient;
use ownerline_proto::v1::vehicle_service_client::VehicleServiceClient;
use ownerline_proto::v1::{
    Actor, Case, CaseState, ContactFilter, GetCaseRequest, GetContextPackRequest,
    GetRepeatRepairStatusRequest, GetRepeatRepairStatusResponse, GetTimelineRequest, Level,
    ListContactsRequest, RepairOutcome,
};

use self::telling::{CASE, VIN, text, told};
use super::{Story, at, known_at};

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
            kind: Kind::Human.into(),
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
        at_least: story.server.head().await,
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
