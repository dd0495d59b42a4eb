//! Clients that keep to HTTP/2 and to nothing else: huge headers, half messages, streams opened to be reset,
//! acknowledgements that nobody reads.

use std::future::poll_fn;
use std::time::Duration;

use bytes::Bytes;
use h2::{RecvStream, SendStream};
use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::{ImportRequest, ImportResponse};
use prost::Message as _;

use super::raw::{IMPORT, RECORD, Raw, call, framed};
use super::{BOUND, serves};
use crate::support::{NOW, Server, feedback};

fn url(server: &Server) -> String {
    format!("http://{}", server.addr())
}

#[tokio::test(flavor = "multi_thread")]
async fn huge_headers_are_refused_and_do_no_harm() {
    let server = Server::start().await;
    for (count, bytes) in [(1, 60_000), (200, 400), (1, 15_000), (4_000, 1)] {
        let mut raw = Raw::connect(&server.addr().to_string()).await;
        raw.ready().await.unwrap();
        let mut request = call(RECORD);
        for number in 0..count {
            let name: http::HeaderName = format!("x-{number}").parse().unwrap();
            let value = http::HeaderValue::from_bytes(&vec![b'a'; bytes]).unwrap();
            request.headers_mut().insert(name, value);
        }
        if let Ok((response, _)) = raw.send.send_request(request, true) {
            let answered = tokio::time::timeout(BOUND, response).await.unwrap();
            let code = answered.ok().and_then(|response| {
                let code = response.headers().get("grpc-status").cloned();
                code.filter(|_| response.status().is_success())
            });
            assert_ne!(
                code.map(|code| code.to_str().unwrap().to_owned())
                    .as_deref(),
                Some("0")
            );
        }
    }
    serves(&url(&server), "after").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_stop_inside_a_message_do_no_harm_and_end_with_the_drain() {
    let server = Server::start_with_settings(&[("server.drain_timeout", "500ms")]).await;
    let mut silent = Vec::new();
    for _ in 0..5 {
        let mut raw = Raw::connect(&server.addr().to_string()).await;
        let mut streams: Vec<SendStream<Bytes>> = Vec::new();
        for number in 0..50_usize {
            raw.ready().await.unwrap();
            let path = if number.is_multiple_of(2) {
                IMPORT
            } else {
                RECORD
            };
            let (_, mut stream) = raw.send.send_request(call(path), false).unwrap();
            // A thousand bytes are said to come, and ten do.
            let mut half = vec![0, 0, 0, 3, 232];
            half.extend([7; 10]);
            half.truncate(number.min(half.len()));
            stream.send_data(half.into(), false).unwrap();
            streams.push(stream);
        }
        silent.push((raw, streams));
    }
    serves(&url(&server), "meanwhile").await;
    server.stop().await;
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_are_opened_and_reset_do_no_harm() {
    let server = Server::start().await;
    for _ in 0..5 {
        let mut raw = Raw::connect(&server.addr().to_string()).await;
        for _ in 0..2_000 {
            // The server may have had enough of this connection.
            if raw.ready().await.is_err() {
                break;
            }
            let Ok((_, mut stream)) = raw.send.send_request(call(RECORD), false) else {
                break;
            };
            stream.send_reset(h2::Reason::CANCEL);
        }
    }
    serves(&url(&server), "after").await;
    server.stop().await;
}

fn batch(from: usize) -> Bytes {
    let touchpoints = (from..from + 100)
        .map(|number| feedback("owner-1", &format!("{number:07}"), NOW))
        .collect();
    let request = ImportRequest {
        touchpoints,
        validate_only: false,
    };
    framed(&request.encode_to_vec())
}

/// Sends all of it, as the windows allow; false if nothing moves any more.
async fn send(stream: &mut SendStream<Bytes>, mut bytes: Bytes) -> bool {
    while !bytes.is_empty() {
        stream.reserve_capacity(bytes.len());
        let granted = tokio::time::timeout(Duration::from_secs(2), async {
            poll_fn(|context| stream.poll_capacity(context)).await
        });
        let Ok(Some(Ok(granted))) = granted.await else {
            return false;
        };
        let now = bytes.split_to(granted.min(bytes.len()));
        stream.send_data(now, false).unwrap();
    }
    true
}

/// Every acknowledgement that comes, until `count` have come.
async fn acknowledgements(answers: &mut RecvStream, count: usize) -> Vec<ItemResult> {
    let mut results = Vec::new();
    let mut buffer = Vec::new();
    while results.len() < count {
        let data = tokio::time::timeout(BOUND, answers.data()).await;
        let data = data.expect("acknowledgements come").unwrap().unwrap();
        answers.flow_control().release_capacity(data.len()).unwrap();
        buffer.extend(data);
        while let Some((length, rest)) = buffer.get(1..5).map(|l| (l.to_vec(), &buffer[5..])) {
            let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
            if rest.len() < length {
                break;
            }
            let response = ImportResponse::decode(&rest[..length]).unwrap();
            results.extend(response.results.into_iter().map(|r| r.result.unwrap()));
            buffer.drain(..5 + length);
        }
    }
    results
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_acknowledgements_is_not_read_from_and_loses_nothing() {
    const ENOUGH: usize = 64 << 20;
    let server = Server::start().await;
    let mut raw = Raw::connect(&server.addr().to_string()).await;
    raw.ready().await.unwrap();
    let (response, mut stream) = raw.send.send_request(call(IMPORT), false).unwrap();
    let (mut sent, mut bytes) = (0, 0);
    let mut stalled = batch(sent);
    loop {
        let size = stalled.len();
        if !send(&mut stream, stalled.clone()).await {
            break;
        }
        (sent, bytes) = (sent + 100, bytes + size);
        assert!(bytes < ENOUGH, "it is read without end");
        stalled = batch(sent);
    }
    println!("read {sent} touchpoints in {bytes} bytes before it was not read from any more");
    serves(&url(&server), "meanwhile").await;
    let mut answers = response.await.unwrap().into_body();
    let results = acknowledgements(&mut answers, sent).await;
    for (number, result) in results.iter().take(sent).enumerate() {
        match result {
            ItemResult::Recorded(recorded) => assert!(!recorded.replayed, "{number}"),
            ItemResult::Refused(refusal) => panic!("{number}: {refusal:?}"),
        }
    }
    drop((stream, answers, raw));
    server.stop().await;
}
