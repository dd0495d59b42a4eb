//! The trace of a case through a whole server, and as people and scripts read it.

use std::process::Command;

use ownerline_proto::time;
use ownerline_proto::v1::case_service_client::CaseServiceClient;
use ownerline_proto::v1::known_at::At;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::trace_reason::Kind;
use ownerline_proto::v1::{
    Actor, CaseNoteAdded, CaseOpened, ContactMade, ContextPackServed, DefectLinked, DefectReported,
    FeedbackReceived, KnownAt, Subjects, Touchpoint, TouchpointRef, TraceCaseRequest,
    TraceCaseResponse, VehicleDroppedOff, actor,
};
use prost::Message as _;
use tonic::{Code, Status};

use crate::support::{NOW, Server, reason};

const DAY: i64 = 86_400;

fn at(day: i64) -> pbjson_types::Timestamp {
    time::timestamp((NOW + day * DAY) * 1_000_000_000)
}

fn touchpoint(
    id: &str,
    day: i64,
    payload: Payload,
    about: impl FnOnce(&mut Subjects),
) -> Touchpoint {
    let mut subjects = Subjects::default();
    about(&mut subjects);
    Touchpoint {
        id: id.to_owned(),
        source: "//crm".to_owned(),
        occurred_at: Some(at(day)),
        subjects: Some(subjects),
        actor: Some(Actor {
            id: "agent-1".to_owned(),
            kind: actor::Kind::Human.into(),
            role: "agent".to_owned(),
            ..Actor::default()
        }),
        payload: Some(payload),
        ..Touchpoint::default()
    }
}

fn note(id: &str, day: i64, text: &str) -> Touchpoint {
    let note = CaseNoteAdded {
        text: text.to_owned(),
    };
    touchpoint(id, day, Payload::CaseNoteAdded(note), |it| {
        it.case_id = "case-1".to_owned()
    })
}

/// The light is on, the owner complains and calls, and a case is opened. A foreman says later that it is an old fault.
fn history() -> Vec<Touchpoint> {
    let ann = |it: &mut Subjects| it.owner_id = "ann".to_owned();
    let first = |it: &mut Subjects| {
        it.visit_id = "visit-1".to_owned();
        it.defect_id = "defect-1".to_owned();
    };
    let in_visit = |it: &mut Subjects| it.visit_id = "visit-1".to_owned();
    let words = FeedbackReceived {
        verbatim: "The engine light is back.".to_owned(),
        ..FeedbackReceived::default()
    };
    let opened = CaseOpened {
        origin_feedback_id: "feedback-1".to_owned(),
        ..CaseOpened::default()
    };
    let link = DefectLinked {
        defect_id: "defect-2".to_owned(),
        same_as: "defect-1".to_owned(),
    };
    let served = Payload::ContextPackServed(ContextPackServed::default());
    let mut call = touchpoint(
        "call",
        -11,
        Payload::ContactMade(ContactMade::default()),
        ann,
    );
    "Contact Desk Ltd".clone_into(&mut call.operated_by);
    "Halcyra".clone_into(&mut call.on_behalf_of);
    let mut open = touchpoint("open", -10, Payload::CaseOpened(opened), |it| {
        it.case_id = "case-1".to_owned();
        ann(it);
    });
    open.causation = Some(TouchpointRef {
        id: "call".to_owned(),
        ..TouchpointRef::default()
    });
    vec![
        touchpoint(
            "drop",
            -40,
            Payload::VehicleDroppedOff(VehicleDroppedOff::default()),
            in_visit,
        ),
        touchpoint(
            "light",
            -40,
            Payload::DefectReported(DefectReported::default()),
            first,
        ),
        touchpoint("words", -12, Payload::FeedbackReceived(words), |it| {
            it.feedback_id = "feedback-1".to_owned();
        }),
        touchpoint("pack", -11, served, ann),
        call,
        open,
        touchpoint("link", -3, Payload::DefectLinked(link), |it| {
            it.case_id = "case-1".to_owned();
            it.defect_id = "defect-2".to_owned();
        }),
    ]
}

async fn ask(server: &Server, request: TraceCaseRequest) -> Result<Vec<TraceCaseResponse>, Status> {
    let request = TraceCaseRequest {
        at_least: server.head().await,
        ..request
    };
    let mut client = CaseServiceClient::new(server.another_channel().await);
    let mut parts = client.trace_case(request).await?.into_inner();
    let mut read = Vec::new();
    while let Some(part) = parts.message().await? {
        read.push(part);
    }
    Ok(read)
}

fn of_case_1() -> TraceCaseRequest {
    TraceCaseRequest {
        case_id: "case-1".to_owned(),
        as_of: Some(at(0)),
        ..TraceCaseRequest::default()
    }
}

fn ids(parts: &[TraceCaseResponse]) -> Vec<String> {
    let entries = parts.iter().flat_map(|part| &part.entries);
    let recorded = entries.filter_map(|it| it.recorded.as_ref());
    let touchpoints = recorded.filter_map(|it| it.touchpoint.as_ref());
    touchpoints.map(|it| it.id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_traced_as_it_was_and_as_it_was_known() {
    let server = Server::start().await;
    let (before, link) = (history()[..6].to_vec(), history()[6..].to_vec());
    server.import(before).await;
    let then = server.head().await;
    server.import(link).await;
    let parts = ask(&server, of_case_1()).await.unwrap();
    assert_eq!(
        ids(&parts),
        ["drop", "light", "words", "call", "open", "link"]
    );
    let [part] = parts.as_slice() else {
        panic!("a small trace is one message");
    };
    assert_eq!((part.total, part.in_force), (6, 6));
    assert_eq!((part.first_at, part.last_at), (Some(at(-40)), Some(at(-3))));
    assert_eq!(
        (part.as_of, part.stale, part.cut),
        (Some(at(0)), false, false)
    );
    assert_eq!(part.position, server.head().await);
    let reasons = part.entries.iter().map(|it| {
        let reasons = it.reasons.iter();
        reasons.map(|reason| reason.kind()).collect::<Vec<_>>()
    });
    assert_eq!(
        reasons.collect::<Vec<_>>(),
        [
            vec![Kind::Visit],
            vec![Kind::Defect, Kind::Visit],
            vec![Kind::Feedback],
            vec![Kind::Cause],
            vec![Kind::Case],
            vec![Kind::Case, Kind::Defect],
        ]
    );
    let call = &part.entries[3];
    assert_eq!(call.since_previous.unwrap().seconds, DAY);
    let pack = call.pack.as_ref().unwrap();
    assert_eq!(pack.touchpoint.as_ref().unwrap().id, "pack");
    assert!(pack.to_actor);
    let was = TraceCaseRequest {
        known_at: Some(KnownAt {
            at: Some(At::Position(then)),
        }),
        ..of_case_1()
    };
    let was = ask(&server, was).await.unwrap();
    assert_eq!(
        ids(&was),
        ["words", "call", "open"],
        "before the faults were linked"
    );
    let early = TraceCaseRequest {
        as_of: Some(at(-11)),
        ..of_case_1()
    };
    let early = ask(&server, early).await.unwrap();
    assert_eq!(
        (early.len(), early[0].total),
        (1, 0),
        "known, and not begun"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_trace_comes_in_several_messages_and_a_cut_one_says_so() {
    let server = Server::start_with_settings(&[("limits.trace_entries", "600")]).await;
    let text = "long ".repeat(400);
    let notes = (0..700).map(|number| note(&format!("n{number:03}"), number - 700, &text));
    server.import(notes.collect()).await;
    let parts = ask(&server, of_case_1()).await.unwrap();
    assert!(parts.len() > 3, "{} messages", parts.len());
    assert!(parts.iter().all(|part| part.encoded_len() < 1 << 20));
    let expected: Vec<String> = (0..600).map(|number| format!("n{number:03}")).collect();
    assert_eq!(ids(&parts), expected);
    assert!(parts.iter().all(|part| part.cut && part.total == 700));
    let few = TraceCaseRequest {
        limit: 2,
        ..of_case_1()
    };
    assert_eq!(ids(&ask(&server, few).await.unwrap()), ["n000", "n001"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_nothing_names_is_not_found() {
    let server = Server::start().await;
    server.import(history()).await;
    let unknown = TraceCaseRequest {
        case_id: "case-2".to_owned(),
        ..TraceCaseRequest::default()
    };
    let status = ask(&server, unknown).await.unwrap_err();
    assert_eq!(
        (status.code(), &*reason(&status)),
        (Code::NotFound, "NOT_FOUND")
    );
    let nothing = ask(&server, TraceCaseRequest::default()).await.unwrap_err();
    assert_eq!(nothing.code(), Code::InvalidArgument);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_a_story_and_scripts_read_json() {
    let server = Server::start().await;
    server.import(history()).await;
    let url = format!("http://{}", server.addr());
    let run = |more: &'static [&'static str]| {
        let url = url.clone();
        tokio::task::spawn_blocking(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_ownerline"));
            command.args(["case", "trace", "case-1", "--as-of", "2023-11-14"]);
            let output = command
                .args(more)
                .args(["--server", &url])
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            String::from_utf8(output.stdout).unwrap()
        })
    };
    let story = run(&["-o", "table"]).await.unwrap();
    for part in [
        "28 days of silence",
        "caused open",
        "for Halcyra",
        "operated by Contact Desk Ltd",
    ] {
        assert!(story.contains(part), "{part}: {story}");
    }
    let json: serde_json::Value = serde_json::from_str(&run(&["--json"]).await.unwrap()).unwrap();
    assert_eq!(json["entries"].as_array().unwrap().len(), 6);
    assert_eq!(json["entries"][3]["reasons"][0]["kind"], "KIND_CAUSE");
    server.stop().await;
}
