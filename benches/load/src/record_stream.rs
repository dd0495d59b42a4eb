//! Records touchpoints by RecordStream, over several connections at once and in large messages.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use ownerline_proto::v1::record_stream_request::Item;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{RecordStreamRequest, RecordStreamResponse, Touchpoint};
use tokio::task::JoinSet;
use tonic::transport::Channel;

use crate::acknowledgements::Acknowledgements;
use crate::connection::{CONNECTIONS, connect_all};
use crate::error::{LoadError, wrong_answer};
use crate::latencies::Latencies;
use crate::run::Run;

/// Touchpoints per message of a stream.
pub const MESSAGE: usize = 500;

/// Records all touchpoints over [`CONNECTIONS`] streams, in messages of [`MESSAGE`], as fast as the server
/// takes them. A latency is that of one message, from its making until its last result.
///
/// # Errors
/// If the server cannot be reached, fails, or refuses a touchpoint. Acknowledgements until then are counted.
pub async fn record_in_streams(
    url: &str,
    touchpoints: Vec<Touchpoint>,
    acked: &Arc<Acknowledgements>,
) -> Result<Run, LoadError> {
    let count = touchpoints.len() as u64;
    let share = touchpoints.len().div_ceil(CONNECTIONS).max(1);
    let mut rest = touchpoints.into_iter();
    let mut streams = JoinSet::new();
    let channels = connect_all(url).await?;
    let started = Instant::now();
    for channel in channels {
        let touchpoints: Vec<Touchpoint> = rest.by_ref().take(share).collect();
        streams.spawn(record_stream(channel, touchpoints, acked.clone()));
    }
    let mut latencies = Latencies::new()?;
    while let Some(ended) = streams.join_next().await {
        latencies.add(&ended??);
    }
    Ok(Run {
        count,
        elapsed: started.elapsed(),
        latencies,
    })
}

/// A message without results yet.
struct SentMessage {
    sent_at: Instant,
    keys: Vec<(String, String)>,
}

async fn record_stream(
    channel: Channel,
    touchpoints: Vec<Touchpoint>,
    acked: Arc<Acknowledgements>,
) -> Result<Latencies, LoadError> {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let mut rest = touchpoints.into_iter();
    let messages = std::iter::from_fn(move || {
        let items: Vec<Item> = rest.by_ref().take(MESSAGE).map(item).collect();
        if items.is_empty() {
            return None;
        }
        // Unbounded: there are as many keys as touchpoints, which are in memory anyway.
        let _ = sender.send(SentMessage {
            sent_at: Instant::now(),
            keys: items.iter().map(key).collect(),
        });
        Some(RecordStreamRequest { items })
    });
    let mut client = TouchpointServiceClient::new(channel);
    let answers = client.record_stream(tokio_stream::iter(messages)).await?;
    let mut answers = answers.into_inner();
    let mut latencies = Latencies::new()?;
    let mut unanswered = VecDeque::new();
    while let Some(answer) = answers.message().await? {
        while let Ok(message) = receiver.try_recv() {
            unanswered.push_back(message);
        }
        settle(answer, &mut unanswered, &acked, &mut latencies)?;
    }
    while let Ok(message) = receiver.try_recv() {
        unanswered.push_back(message);
    }
    if unanswered.is_empty() {
        Ok(latencies)
    } else {
        let count = unanswered.len();
        wrong_answer(format!("{count} messages had no result at the end"))
    }
}

/// Counts an answer: the results of whole messages, in the order sent.
fn settle(
    answer: RecordStreamResponse,
    unanswered: &mut VecDeque<SentMessage>,
    acked: &Acknowledgements,
    latencies: &mut Latencies,
) -> Result<(), LoadError> {
    let mut results = answer.results.into_iter();
    while results.len() > 0 {
        let Some(message) = unanswered.pop_front() else {
            return wrong_answer("a result came for which nothing was sent".to_owned());
        };
        for (source, id) in message.keys {
            let Some(result) = results.next() else {
                return wrong_answer(format!("no result for {source} {id}"));
            };
            acked.add_result(&source, &id, result)?;
        }
        latencies.record(message.sent_at.elapsed());
    }
    Ok(())
}

fn item(touchpoint: Touchpoint) -> Item {
    Item {
        touchpoint: Some(touchpoint),
        expected_revision: None,
    }
}

fn key(item: &Item) -> (String, String) {
    let touchpoint = item.touchpoint.as_ref();
    touchpoint
        .map(|it| (it.source.clone(), it.id.clone()))
        .unwrap_or_default()
}
