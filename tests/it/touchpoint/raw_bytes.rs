//! Requests that no generated client sends: unknown fields, and bytes that are not a message.

use bytes::{Buf, BufMut, Bytes};
use prost::Message as _;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};

use crate::support::{NOW, Server, feedback, pairs, reason, violations};

/// Sends bytes as they are.
pub(crate) struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

async fn send_raw(server: &Server, bytes: Vec<u8>) -> Status {
    let mut grpc = tonic::client::Grpc::new(server.channel());
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/ownerline.v1.TouchpointService/Record");
    grpc.unary(Request::new(Bytes::from(bytes)), path, Raw)
        .await
        .expect_err("it is refused")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_the_schema_does_not_know_is_refused_with_its_path() {
    let server = Server::start().await;
    let mut touchpoint = feedback("owner-1", "1", NOW).encode_to_vec();
    // Field 99, varint 1, behind the known ones.
    touchpoint.extend([0x98, 0x06, 0x01]);
    let mut request = vec![0x0a];
    prost::encoding::encode_varint(touchpoint.len() as u64, &mut request);
    request.extend(touchpoint);
    let before = server.head().await;
    let status = send_raw(&server, request).await;
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(
        violations(&status),
        pairs(&[("touchpoint.99", "UNKNOWN_FIELD")])
    );
    assert_eq!(server.head().await, before);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_the_schema_does_not_know_is_refused_and_stores_nothing() {
    let server = Server::start().await;
    let mut touchpoint = feedback("owner-1", "1", NOW);
    touchpoint.payload = None;
    let mut touchpoint = touchpoint.encode_to_vec();
    // Field 999, an empty message, where a payload would be.
    touchpoint.extend([0xba, 0x3e, 0x00]);
    let mut request = vec![0x0a];
    prost::encoding::encode_varint(touchpoint.len() as u64, &mut request);
    request.extend(touchpoint);
    let before = server.head().await;
    let status = send_raw(&server, request).await;
    assert_eq!(
        violations(&status),
        pairs(&[("touchpoint.999", "UNKNOWN_FIELD")])
    );
    assert_eq!(server.head().await, before);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_message_are_refused() {
    let server = Server::start().await;
    for bytes in [
        vec![0x0a, 0x05, 0x01],
        vec![0xff; 40],
        vec![0x0a, 0x02, 0x0a, 0x7f],
    ] {
        let status = send_raw(&server, bytes).await;
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
        assert_eq!(reason(&status), "MALFORMED_REQUEST");
    }
    server.stop().await;
}
