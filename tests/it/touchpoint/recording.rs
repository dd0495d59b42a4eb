//! RecordStream through gRPC: results in order, mixed results, retries, expected revisions, a full queue, a drain.

use ownerline_proto::v1::expected_revision::Expectation;
use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::record_stream_request::Item;
use ownerline_proto::v1::{
    ExpectedRevision, Origin, ReadStreamRequest, RecordResult, RecordStreamRequest, Touchpoint,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use crate::support::{NOW, Server, feedback, one_stream, reason};

fn message(touchpoints: impl IntoIterator<Item = Touchpoint>) -> RecordStreamRequest {
    let items = touchpoints.into_iter().map(|touchpoint| Item {
        touchpoint: Some(touchpoint),
        expected_revision: None,
    });
    RecordStreamRequest {
        items: items.collect(),
    }
}

/// Sends everything, then reads every result.
async fn record_all(
    server: &Server,
    messages: Vec<RecordStreamRequest>,
) -> Result<Vec<RecordResult>, Status> {
    let mut touchpoints = server.touchpoints();
    let answers = touchpoints.record_stream(tokio_stream::iter(messages));
    let mut answers = answers.await?.into_inner();
    let mut results = Vec::new();
    while let Some(answer) = answers.message().await? {
        results.extend(answer.results);
        assert_eq!(answer.answered, results.len() as u64);
    }
    Ok(results)
}

/// The outcome of each, in short.
fn outcomes(results: &[RecordResult]) -> Vec<&str> {
    let outcome = |result: &RecordResult| match result.result.as_ref().unwrap() {
        ItemResult::Recorded(recorded) if recorded.replayed => "replayed",
        ItemResult::Recorded(_) => "recorded",
        ItemResult::Refused(refusal) => Box::leak(refusal.reason.clone().into_boxed_str()),
    };
    results.iter().map(outcome).collect()
}

fn positions(results: &[RecordResult]) -> Vec<String> {
    let position = |result: &RecordResult| match result.result.as_ref().unwrap() {
        ItemResult::Recorded(recorded) => recorded.position.clone(),
        ItemResult::Refused(refusal) => panic!("{refusal:?}"),
    };
    results.iter().map(position).collect()
}

async fn ids_of_the_stream(server: &Server) -> Vec<String> {
    let request = ReadStreamRequest {
        stream: "feedback-f".to_owned(),
        ..ReadStreamRequest::default()
    };
    let answers = server.touchpoints().read_stream(request).await;
    let mut answers = answers.unwrap().into_inner();
    let mut ids = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        for recorded in answer.touchpoints {
            let touchpoint = recorded.touchpoint.unwrap();
            assert_eq!(touchpoint.origin(), Origin::Live);
            ids.push(touchpoint.id);
        }
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn results_come_in_the_order_sent_however_the_messages_are_cut() {
    let server = Server::start().await;
    let touchpoints = one_stream(3_000);
    let mut rest = touchpoints.iter().cloned();
    let mut messages = Vec::new();
    for size in [1, 7, 1_000, 1, 300].into_iter().cycle() {
        let next: Vec<_> = rest.by_ref().take(size).collect();
        if next.is_empty() {
            break;
        }
        messages.push(message(next));
    }
    let results = record_all(&server, messages).await.unwrap();
    assert_eq!(results.len(), 3_000);
    assert!(positions(&results).is_sorted());
    let sent: Vec<String> = touchpoints.into_iter().map(|it| it.id).collect();
    assert_eq!(ids_of_the_stream(&server).await, sent);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_touchpoint_has_its_own_result_among_good_and_bad_ones() {
    let server = Server::start().await;
    let good = |id: &str| feedback("owner-1", id, NOW);
    let mut stamped = good("2");
    stamped.received_at = stamped.occurred_at;
    let mut other = good("1");
    other.correlation_id = "another content".to_owned();
    let mut first = message([good("1"), stamped, other]);
    first.items.push(Item::default());
    let results = record_all(&server, vec![first, message([good("3"), good("1")])]);
    assert_eq!(
        outcomes(&results.await.unwrap()),
        [
            "recorded",
            "MALFORMED_REQUEST",
            "ID_REUSED",
            "MALFORMED_REQUEST",
            "recorded",
            "replayed"
        ]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_are_answered_with_the_first_result() {
    let server = Server::start().await;
    let send = || vec![message(one_stream(50)), message(one_stream(80))];
    let first = record_all(&server, send()).await.unwrap();
    assert_eq!(outcomes(&first[..50]), ["recorded"; 50]);
    assert_eq!(outcomes(&first[50..100]), ["replayed"; 50]);
    assert_eq!(positions(&first[..50]), positions(&first[50..100]));
    let again = record_all(&server, send()).await.unwrap();
    assert_eq!(outcomes(&again), ["replayed"; 130]);
    assert_eq!(positions(&again), positions(&first));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expectation_counts_what_was_sent_before_it() {
    let server = Server::start().await;
    let expecting = |touchpoint: Touchpoint, expectation| Item {
        touchpoint: Some(touchpoint),
        expected_revision: Some(ExpectedRevision {
            expectation: Some(expectation),
        }),
    };
    let mut touchpoints = one_stream(4).into_iter();
    let mut next = |expectation| expecting(touchpoints.next().unwrap(), expectation);
    let items = vec![
        next(Expectation::NoStream(true)),
        next(Expectation::Revision(0)),
        next(Expectation::NoStream(true)),
        next(Expectation::Revision(1)),
    ];
    let messages = items
        .into_iter()
        .map(|item| RecordStreamRequest { items: vec![item] });
    let results = record_all(&server, messages.collect()).await.unwrap();
    assert_eq!(
        outcomes(&results),
        [
            "recorded",
            "recorded",
            "WRONG_EXPECTED_REVISION",
            "recorded"
        ]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_slows_streams_down_refuses_nothing_and_keeps_their_order() {
    let settings = [
        ("store.queue_events", "100"),
        ("store.group_events", "10"),
        ("limits.batch_touchpoints", "100"),
    ];
    let server = Server::start_with_settings(&settings).await;
    let others = (0..2_000).map(|n| feedback("owner-2", &format!("other-{n}"), NOW));
    let others: Vec<_> = others.collect();
    let cut = |touchpoints: Vec<Touchpoint>| {
        let messages = touchpoints.chunks(100).map(|some| message(some.to_vec()));
        messages.collect::<Vec<_>>()
    };
    let (one, two) = tokio::join!(
        record_all(&server, cut(one_stream(2_000))),
        record_all(&server, cut(others)),
    );
    assert_eq!(outcomes(&one.unwrap()), vec!["recorded"; 2_000]);
    assert_eq!(outcomes(&two.unwrap()), vec!["recorded"; 2_000]);
    assert!(ids_of_the_stream(&server).await.is_sorted());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_ends_an_open_stream_and_keeps_what_was_answered() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_in(directory.path()).await;
    let (send, requests) = mpsc::channel(1);
    let mut touchpoints = server.touchpoints();
    let answers = touchpoints.record_stream(ReceiverStream::new(requests));
    let mut answers = answers.await.unwrap().into_inner();
    send.send(message(one_stream(10))).await.unwrap();
    let mut answered = Vec::new();
    while answered.len() < 10 {
        answered.extend(answers.message().await.unwrap().unwrap().results);
    }
    // On its way while the drain begins: answered or not, it can be sent again.
    send.send(message(one_stream(1_000))).await.unwrap();
    let reading = async {
        loop {
            match answers.message().await {
                Ok(Some(answer)) => answered.extend(answer.results),
                Ok(None) => panic!("the stream ended without a word"),
                Err(status) => break status,
            }
        }
    };
    let (status, ()) = tokio::join!(reading, server.stop());
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::Unavailable, "STOPPING")
    );
    drop(send);
    let server = Server::start_in(directory.path()).await;
    let again = record_all(
        &server,
        vec![message(one_stream(10)), message(one_stream(1_000))],
    );
    let again = again.await.unwrap();
    assert_eq!(positions(&again[..answered.len()]), positions(&answered));
    assert_eq!(
        outcomes(&again[..answered.len()]),
        vec!["replayed"; answered.len()]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_beyond_the_limit_ends_the_stream_after_the_decided_ones() {
    let server = Server::start().await;
    let messages = vec![message(one_stream(2)), message(one_stream(1_001))];
    let requests = tokio_stream::iter(messages);
    let answers = server.touchpoints().record_stream(requests).await;
    let mut answers = answers.unwrap().into_inner();
    let first = answers.message().await.unwrap().unwrap();
    assert_eq!(outcomes(&first.results), ["recorded", "recorded"]);
    let status = answers.message().await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::InvalidArgument, "LIMIT_EXCEEDED")
    );
    server.stop().await;
}
