//! gzip in both directions, and messages that do not unpack.

use std::io::{Read as _, Write as _};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderValue;
use ownerline_generate::{Network, Settings};
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{
    ImportRequest, ListTouchpointsRequest, RecordBatchRequest, RecordRequest,
};
use prost::Message as _;
use tonic::Code;
use tonic::codec::CompressionEncoding::Gzip;

use crate::overload::child::ServerProcess;
use crate::overload::raw::{Answered, IMPORT, RECORD, Raw, call, framed};
use crate::support::{NOW, Server, feedback, reason};

#[tokio::test(flavor = "multi_thread")]
async fn compressed_requests_are_accepted_and_answers_compressed_on_request() {
    let server = Server::start().await;
    let client = TouchpointServiceClient::new(server.another_channel().await);
    let mut client = client.send_compressed(Gzip).accept_compressed(Gzip);
    let request = RecordRequest {
        touchpoint: Some(feedback("owner-1", "1", NOW)),
        ..RecordRequest::default()
    };
    let answer = client.record(request).await.unwrap();
    assert_eq!(answer.metadata().get("grpc-encoding").unwrap(), "gzip");
    let touchpoints = (0..500).map(|number| feedback("owner-1", &format!("b{number}"), NOW));
    let request = RecordBatchRequest {
        touchpoints: touchpoints.collect(),
    };
    let answer = client.record_batch(request).await.unwrap().into_inner();
    assert_eq!(answer.results.len(), 500);
    // Whoever does not ask gets it plain.
    let mut client = server.touchpoints();
    let plain = client.record_batch(RecordBatchRequest {
        touchpoints: vec![feedback("owner-1", "b1", NOW)],
    });
    let plain = plain.await.unwrap();
    assert!(plain.metadata().get("grpc-encoding").is_none());
    server.stop().await;
}

fn compressed(message: &[u8]) -> Bytes {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(message).unwrap();
    flagged(&packed.finish().unwrap())
}

/// A message whose flag says that it is compressed.
fn flagged(message: &[u8]) -> Bytes {
    let mut frame = vec![1];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    frame.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_do_not_unpack_or_unpack_too_large_are_the_clients_fault() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server.addr().to_string()).await;
    let mut request = call(RECORD);
    let gzip = HeaderValue::from_static("gzip");
    request.headers_mut().insert("grpc-encoding", gzip);
    let touchpoint = Some(feedback("owner-1", "1", NOW));
    let good = RecordRequest {
        touchpoint,
        ..RecordRequest::default()
    };
    let bomb = vec![0; 64 << 20];
    for (body, code, expected) in [
        (compressed(&good.encode_to_vec()), Code::Ok, ""),
        (
            flagged(b"no gzip"),
            Code::InvalidArgument,
            "MALFORMED_REQUEST",
        ),
        (flagged(b""), Code::InvalidArgument, "MALFORMED_REQUEST"),
        (compressed(&bomb), Code::InvalidArgument, "LIMIT_EXCEEDED"),
    ] {
        let answered = raw.exchange(request.clone(), body).await;
        let status = answered.status();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (code, expected),
            "{answered:?}"
        );
    }
    server.stop().await;
}

/// A message of so many zeros, packed.
fn bomb(mebibytes: u64) -> Bytes {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::copy(&mut std::io::repeat(0).take(mebibytes << 20), &mut packed).unwrap();
    flagged(&packed.finish().unwrap())
}

fn gzipped(path: &str) -> http::Request<()> {
    let mut request = call(path);
    let gzip = HeaderValue::from_static("gzip");
    request.headers_mut().insert("grpc-encoding", gzip);
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_compressed_messages_is_taken_up_to_the_one_that_does_not_unpack() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server.addr().to_string()).await;
    let touchpoints = (0..100).map(|number| feedback("owner-1", &format!("b{number}"), NOW));
    let batch = ImportRequest {
        touchpoints: touchpoints.collect(),
        validate_only: false,
    };
    let good = compressed(&batch.encode_to_vec());
    for (bad, expected) in [
        (flagged(b"no gzip"), "MALFORMED_REQUEST"),
        (bomb(16), "LIMIT_EXCEEDED"),
    ] {
        let body = [good.clone(), bad].concat();
        let answered = raw.exchange(gzipped(IMPORT), body.into()).await;
        let status = answered.status();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::InvalidArgument, expected),
            "{answered:?}"
        );
        assert!(!answered.body.is_empty(), "{answered:?}");
    }
    assert!(server.head().await.ends_with(&format!("{:x}", 100)));
    server.stop().await;
}

/// Messages that unpack to much more than is taken, at once.
const BOMBS: usize = 24;

#[tokio::test(flavor = "multi_thread")]
async fn what_unpacks_to_much_costs_no_more_than_the_largest_message() {
    let server = ServerProcess::start(&[]);
    let mut raw = Raw::connect(server.authority()).await;
    raw.exchange(gzipped(RECORD), bomb(8)).await;
    let before = server.resident_mib();
    let bomb = bomb(256);
    let mut answers = Vec::new();
    for _ in 0..BOMBS {
        raw.ready().await.unwrap();
        let (answer, mut stream) = raw.send.send_request(gzipped(RECORD), false).unwrap();
        stream.send_data(bomb.clone(), true).unwrap();
        answers.push(answer);
    }
    for answer in answers {
        let status = Answered::read(answer).await.status();
        assert_eq!(reason(&status), "LIMIT_EXCEEDED", "{status:?}");
    }
    let grown = server.resident_mib().zip(before);
    let grown = grown.map(|(after, before)| after.saturating_sub(before));
    println!("grown by {grown:?} MiB under {BOMBS} bombs of 256 MiB");
    assert!(grown.is_none_or(|mib| mib < 256), "grown by {grown:?} MiB");
}

/// Bytes of an answer on the wire, plain and packed.
async fn answer_bytes(raw: &mut Raw, path: &str, request: &impl prost::Message) -> (usize, usize) {
    let body = framed(&request.encode_to_vec());
    let plain = raw.exchange(call(path), body.clone()).await;
    let mut asks = call(path);
    let gzip = HeaderValue::from_static("identity,gzip");
    asks.headers_mut().insert("grpc-accept-encoding", gzip);
    let packed = raw.exchange(asks, body).await;
    assert_eq!(packed.headers.get("grpc-encoding").unwrap(), "gzip");
    assert_eq!(packed.body.first(), Some(&1), "its flag says so");
    (plain.body.len(), packed.body.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_pages_are_a_fraction_of_plain_ones_and_single_answers_are_not_much_longer() {
    let server = Server::start().await;
    let network = Network::new(Settings {
        owners: 10,
        seed: 22,
        months: 24,
        dealers: 3,
        until: NOW,
    });
    server.import(network.journeys().flatten().collect()).await;
    let mut raw = Raw::connect(&server.addr().to_string()).await;
    let list = ListTouchpointsRequest {
        page_size: 100,
        ..ListTouchpointsRequest::default()
    };
    let path = "/ownerline.v1.TouchpointService/ListTouchpoints";
    let (plain, packed) = answer_bytes(&mut raw, path, &list).await;
    println!("a page of 100 touchpoints: {plain} bytes, {packed} packed");
    assert!(packed * 3 < plain, "{packed} of {plain} bytes");
    let record = RecordRequest {
        touchpoint: Some(feedback("owner-1", "1", NOW)),
        ..RecordRequest::default()
    };
    let (plain, packed) = answer_bytes(&mut raw, RECORD, &record).await;
    println!("an answer of Record: {plain} bytes, {packed} packed");
    assert!(packed < plain + 32, "{packed} of {plain} bytes");
    server.stop().await;
}
