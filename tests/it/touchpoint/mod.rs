//! Touchpoints through gRPC: recording, importing, retracting, reading the log, and what is refused.

mod bad_input;
mod every_violation;
mod importing;
pub(crate) mod raw_bytes;
mod recording;
mod refused_in_streams;
mod retracting;
mod silence;
mod streams;
mod subscribers;

use ownerline_proto::v1::{
    ReadStreamRequest, ReadStreamResponse, RecordBatchRequest, SubscribeRequest, SubscribeResponse,
    Touchpoint,
};
use tonic::{Status, Streaming};

use crate::remote::Remote;

/// Opens a subscription.
async fn subscribe(remote: &Remote, request: SubscribeRequest) -> Streaming<SubscribeResponse> {
    let opened = remote.touchpoints().subscribe(request).await;
    opened.unwrap().into_inner()
}

/// Reads one stream, answer by answer.
async fn read_stream(remote: &Remote, request: ReadStreamRequest) -> Vec<ReadStreamResponse> {
    let opened = remote.touchpoints().read_stream(request).await;
    let mut answers = opened.unwrap().into_inner();
    let mut read = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        read.push(answer);
    }
    read
}

/// Why a batch is refused as a whole.
async fn batch_refused(remote: &Remote, touchpoints: Vec<Touchpoint>) -> Status {
    let request = RecordBatchRequest { touchpoints };
    let refused = remote.touchpoints().record_batch(request).await;
    refused.unwrap_err()
}
