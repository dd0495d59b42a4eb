//! Answers of writing calls that every client can read: gRPC clients refuse messages beyond 4 MiB, and then do not know
//! what was stored.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CalendarPolicy, ContactMade, ImportRequest, PolicyPublished, RecordBatchRequest, RecordResult,
    RecordStreamRequest, Refusal, Touchpoint, calendar_policy, policy_published,
    record_result::Result as ItemResult, record_stream_request,
};
use prost::Message as _;
use tonic::Code;

use crate::support::{NOW, Server, feedback};

/// The default limit of clients, in bytes.
const CLIENT_TAKES: usize = 4 << 20;

/// A touchpoint with this many violations in one list.
fn bad_agents(id: &str, count: usize) -> Touchpoint {
    let mut touchpoint = feedback("owner-1", id, NOW);
    touchpoint.payload = Some(Payload::ContactMade(ContactMade {
        agents: vec!["\u{1}".to_owned(); count],
        ..ContactMade::default()
    }));
    touchpoint
}

/// A touchpoint with violations in several lists, whose paths are long.
fn bad_calendar(id: &str, count: usize) -> Touchpoint {
    let interval = calendar_policy::Interval {
        from_minute: 99_999,
        until_minute: 99_999,
    };
    let exception = calendar_policy::Exception {
        date: "x".to_owned(),
        intervals: vec![interval],
    };
    let mut touchpoint = feedback("owner-1", id, NOW);
    touchpoint.payload = Some(Payload::PolicyPublished(PolicyPublished {
        body: Some(policy_published::Body::Calendar(CalendarPolicy {
            weekly: vec![interval; count],
            exceptions: vec![exception; count],
            ..CalendarPolicy::default()
        })),
        ..PolicyPublished::default()
    }));
    touchpoint
}

/// One good touchpoint, and so many of each kind of bad ones.
fn mostly_bad(bad: usize) -> Vec<Touchpoint> {
    let mut all = vec![feedback("owner-1", "good", NOW)];
    all.extend((0..bad).map(|number| match number % 2 {
        0 => bad_agents(&format!("a{number}"), 100),
        _ => bad_calendar(&format!("c{number}"), 20),
    }));
    all
}

/// The first is stored, and each other result says why not, with its first violations (`least` of them, at least) and
/// how many more there are.
#[track_caller]
fn reads_well(results: &[RecordResult], count: usize, least: usize) {
    assert_eq!(results.len(), count);
    for (number, result) in results.iter().enumerate() {
        match result.result.as_ref().unwrap() {
            ItemResult::Recorded(recorded) => {
                assert_eq!(number, 0);
                assert!(!recorded.position.is_empty());
            }
            ItemResult::Refused(refusal) => {
                assert_ne!(number, 0, "{refusal:?}");
                adds_up(refusal, least);
            }
        }
    }
}

#[track_caller]
fn adds_up(refusal: &Refusal, least: usize) {
    assert_eq!(
        (refusal.code, refusal.reason.as_str()),
        (i32::from(Code::InvalidArgument), "MALFORMED_REQUEST")
    );
    let number = |key: &str| {
        let text = refusal.metadata.get(key)?;
        Some(text.parse::<usize>().unwrap())
    };
    let shown = refusal.violations.len();
    assert!(shown >= least, "{refusal:?}");
    match number("violations") {
        Some(all) => assert_eq!(number("violations_left_out"), Some(all - shown)),
        None => assert_eq!(number("violations_left_out"), None),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_malformed_touchpoints_has_an_answer_that_every_client_can_read() {
    let server = Server::start().await;
    let touchpoints = mostly_bad(999);
    let request = RecordBatchRequest { touchpoints };
    assert!(request.encoded_len() < CLIENT_TAKES);
    let answer = server.touchpoints().record_batch(request).await.unwrap();
    reads_well(&answer.into_inner().results, 1_000, 10);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_of_the_largest_batch_is_readable_too() {
    let settings = [
        ("limits.batch_touchpoints", "10000"),
        ("limits.batch_bytes", "64MiB"),
    ];
    let server = Server::start_with_settings(&settings).await;
    let touchpoints = mostly_bad(9_999);
    let request = RecordBatchRequest { touchpoints };
    let answer = server.touchpoints().record_batch(request).await.unwrap();
    reads_well(&answer.into_inner().results, 10_000, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn results_of_a_stream_that_is_read_late_come_in_answers_that_every_client_can_read() {
    let server = Server::start().await;
    let (sender, requests) = tokio::sync::mpsc::channel(1);
    let messages = mostly_bad(3_000);
    let messages: Vec<_> = messages.chunks(50).map(<[Touchpoint]>::to_vec).collect();
    let count = messages.iter().map(Vec::len).sum();
    let requests = tokio_stream::wrappers::ReceiverStream::new(requests);
    let mut client = server.touchpoints();
    let answers = client.record_stream(requests).await.unwrap();
    for touchpoints in messages {
        let items = touchpoints.into_iter();
        let items = items.map(|touchpoint| record_stream_request::Item {
            touchpoint: Some(touchpoint),
            expected_revision: None,
        });
        let items = items.collect();
        sender.send(RecordStreamRequest { items }).await.unwrap();
    }
    drop(sender);
    let mut answers = answers.into_inner();
    let mut results = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        results.extend(answer.results);
        assert_eq!(answer.answered, results.len() as u64);
    }
    reads_well(&results, count, 10);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_history_has_an_answer_that_every_client_can_read() {
    let server = Server::start().await;
    let request = ImportRequest {
        touchpoints: mostly_bad(999),
        validate_only: false,
    };
    let mut client = server.touchpoints();
    let answers = client.import(tokio_stream::iter([request])).await.unwrap();
    let answer = answers.into_inner().message().await.unwrap().unwrap();
    reads_well(&answer.results, 1_000, 10);
    server.stop().await;
}
