//! Cases through a whole server: one case, lists of cases, watching one, and as people and scripts read them.

mod listed;
mod one;
mod real_data;
mod watched;

use ownerline_proto::time;
use ownerline_proto::v1::case_service_client::CaseServiceClient;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Actor, AdvocateAssigned, Case, CaseAssessed, CaseClosed, CaseFact, CaseOpened, CaseResolved,
    CommitmentBroken, CommitmentKept, CommitmentMade, ContactMade, DefectLinked,
    DesiredOutcomeStated, GetCaseRequest, GetCaseResponse, Level, ProgressUpdateSent, Subjects,
    TaskAssigned, TaskDone, Touchpoint, Visibility, actor,
};
use tonic::Status;
use tonic::transport::Channel;

use crate::support::{NOW, Server};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// An instant, in hours from the opening of the case of [`story`].
fn at(hours: i64) -> pbjson_types::Timestamp {
    time::timestamp((NOW - 60 * DAY + hours * HOUR) * 1_000_000_000)
}

/// A touchpoint of the case `light`, by an advocate; ann and dealer 1 are named by its opening.
fn told(id: &str, hours: i64, payload: Payload) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//desk".to_owned(),
        occurred_at: Some(at(hours)),
        received_at: Some(at(hours)),
        subjects: Some(Subjects {
            case_id: "light".to_owned(),
            ..Subjects::default()
        }),
        actor: Some(Actor {
            id: "eve".to_owned(),
            kind: actor::Kind::Human.into(),
            role: "advocate".to_owned(),
            ..Actor::default()
        }),
        visibility: Visibility::Owner.into(),
        payload: Some(payload),
        ..Touchpoint::default()
    }
}

fn promise(id: &str, hours: i64, text: &str, due: i64) -> Touchpoint {
    let payload = CommitmentMade {
        commitment_id: id.to_owned(),
        text: text.to_owned(),
        due_at: Some(at(due)),
    };
    told(
        &format!("made-{id}"),
        hours,
        Payload::CommitmentMade(payload),
    )
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// A call leads to a case about an engine light that came back: two promises, of which one is broken, a late task, an
/// update with nothing new, a root cause that is never told, an outcome, and a closing with an unmet request.
fn story() -> Vec<Touchpoint> {
    let mut opened = told(
        "opened",
        0,
        Payload::CaseOpened(CaseOpened {
            subject: text("the engine light is back"),
            remedy_sought: text("the cause"),
            ..CaseOpened::default()
        }),
    );
    let subjects = opened.subjects.get_or_insert_default();
    subjects.owner_id = text("ann");
    subjects.dealer_id = text("dealer-1");
    let mut call = told(
        "call",
        1,
        Payload::ContactMade(ContactMade {
            agents: vec![text("eve"), text("bob")],
            ..ContactMade::default()
        }),
    );
    call.subjects.get_or_insert_default().owner_id = text("ann");
    let assessed = CaseAssessed {
        severity: Level::High.into(),
        ..CaseAssessed::default()
    };
    let task = TaskAssigned {
        task_id: text("sensor"),
        department: text("parts"),
        assignee: text("parts-desk"),
        due_at: Some(at(8 * 24)),
        why: text("a sensor is missing"),
    };
    let kept = CommitmentKept {
        commitment_id: text("loaner"),
    };
    let broken = CommitmentBroken {
        commitment_id: text("friday"),
    };
    let linked = DefectLinked {
        defect_id: text("d2"),
        same_as: text("d1"),
    };
    let mut link = told("linked", 7, Payload::DefectLinked(linked));
    link.subjects.get_or_insert_default().defect_id = text("d2");
    let closed = CaseClosed {
        unmet_requests: vec![text("to be told why")],
    };
    let wish = DesiredOutcomeStated {
        text: text("that it stays off"),
    };
    let agent = AdvocateAssigned {
        agent_id: text("eve"),
    };
    let outcome = CaseResolved {
        outcome: text("fixed"),
    };
    let update = ProgressUpdateSent {
        text: text("nothing new yet"),
        ..ProgressUpdateSent::default()
    };
    let done = TaskDone {
        task_id: text("sensor"),
    };
    vec![
        opened,
        call,
        told("ack", 2, Payload::CaseAcknowledged(Default::default())),
        told("assessed", 3, Payload::CaseAssessed(assessed)),
        told("eve", 4, Payload::AdvocateAssigned(agent)),
        told("wish", 5, Payload::DesiredOutcomeStated(wish)),
        told("why", 6, Payload::RootCauseRequested(Default::default())),
        link,
        promise("loaner", 24, "a loaner", 96),
        promise("friday", 25, "a call on Friday", 100),
        told("task", 25, Payload::TaskAssigned(task)),
        told("kept", 72, Payload::CommitmentKept(kept)),
        told("broken", 110, Payload::CommitmentBroken(broken)),
        told("update", 7 * 24, Payload::ProgressUpdateSent(update)),
        told("done", 9 * 24, Payload::TaskDone(done)),
        told("fixed", 23 * 24, Payload::CaseResolved(outcome)),
        told(
            "yes",
            24 * 24,
            Payload::ResolutionConfirmed(Default::default()),
        ),
        told("closed", 25 * 24, Payload::CaseClosed(closed)),
    ]
}

async fn client(server: &Server) -> CaseServiceClient<Channel> {
    CaseServiceClient::new(server.another_channel().await)
}

async fn get(server: &Server, request: GetCaseRequest) -> Result<GetCaseResponse, Status> {
    let request = GetCaseRequest {
        at_least: server.head().await,
        ..request
    };
    let mut client = client(server).await;
    Ok(client.get_case(request).await?.into_inner())
}

/// The case of the story, so many hours after its opening.
async fn case(server: &Server, hours: i64) -> Case {
    let request = GetCaseRequest {
        case_id: text("light"),
        as_of: Some(at(hours)),
        ..GetCaseRequest::default()
    };
    get(server, request).await.unwrap().case.unwrap()
}

/// The id of the touchpoint of a fact.
fn id(fact: &Option<CaseFact>) -> &str {
    let touchpoint = fact.as_ref().and_then(|it| it.touchpoint.as_ref());
    touchpoint.map_or("", |it| it.id.as_str())
}
