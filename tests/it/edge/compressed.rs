//! gzip in both directions, and messages that do not unpack.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderValue;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{RecordBatchRequest, RecordRequest};
use prost::Message as _;
use tonic::Code;
use tonic::codec::CompressionEncoding::Gzip;

use crate::overload::raw::{RECORD, Raw, call};
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
