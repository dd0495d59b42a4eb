//! Touchpoints in streams: RecordStream over several connections at once, in large messages.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use ownerline_proto::v1::record_stream_request::Item;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{RecordStreamRequest, RecordStreamResponse, Touchpoint};
use tokio::task::JoinSet;
use tonic::transport::Channel;

use super::{Acked, BenchError, CONNECTIONS, MESSAGE, Run, Spread, connections};

/// Records all touchpoints over [`CONNECTIONS`] streams, in messages of [`MESSAGE`], as fast as the server
/// takes them. Latencies are those of messages, from being made ready until their last result.
///
/// # Errors
/// If the server cannot be reached, fails, or refuses one; what was acknowledged until then is booked.
pub async fn record_all(
    url: &str,
    touchpoints: Vec<Touchpoint>,
    acked: &Arc<Acked>,
) -> Result<Run, BenchError> {
    let count = touchpoints.len() as u64;
    let share = touchpoints.len().div_ceil(CONNECTIONS).max(1);
    let mut rest = touchpoints.into_iter();
    let mut streams = JoinSet::new();
    let channels = connections(url).await?;
    let begun = Instant::now();
    for channel in channels {
        let touchpoints: Vec<Touchpoint> = rest.by_ref().take(share).collect();
        streams.spawn(record_stream(channel, touchpoints, acked.clone()));
    }
    let mut spread = Spread::new()?;
    while let Some(ended) = streams.join_next().await {
        spread.add(&ended??);
    }
    Ok(Run {
        count,
        took: begun.elapsed(),
        spread,
    })
}

/// A message that has no result yet.
struct Sent {
    at: Instant,
    keys: Vec<(String, String)>,
}

async fn record_stream(
    channel: Channel,
    touchpoints: Vec<Touchpoint>,
    acked: Arc<Acked>,
) -> Result<Spread, BenchError> {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let mut rest = touchpoints.into_iter();
    let messages = std::iter::from_fn(move || {
        let items: Vec<Item> = rest.by_ref().take(MESSAGE).map(item).collect();
        if items.is_empty() {
            return None;
        }
        // As many keys as touchpoints, which are in memory anyway.
        let _ = tell.send(Sent {
            at: Instant::now(),
            keys: items.iter().map(key).collect(),
        });
        Some(RecordStreamRequest { items })
    });
    let mut client = TouchpointServiceClient::new(channel);
    let answers = client.record_stream(tokio_stream::iter(messages)).await?;
    let mut answers = answers.into_inner();
    let mut spread = Spread::new()?;
    let mut unanswered = VecDeque::new();
    while let Some(answer) = answers.message().await? {
        while let Ok(sent) = told.try_recv() {
            unanswered.push_back(sent);
        }
        settle(answer, &mut unanswered, &acked, &mut spread)?;
    }
    while let Ok(sent) = told.try_recv() {
        unanswered.push_back(sent);
    }
    if unanswered.is_empty() {
        Ok(spread)
    } else {
        let what = format!("{} messages had no result at the end", unanswered.len());
        Err(BenchError::Lost { what })
    }
}

/// Books an answer: results of whole messages, in the order sent.
fn settle(
    answer: RecordStreamResponse,
    unanswered: &mut VecDeque<Sent>,
    acked: &Acked,
    spread: &mut Spread,
) -> Result<(), BenchError> {
    let mut results = answer.results.into_iter();
    while results.len() > 0 {
        let Some(sent) = unanswered.pop_front() else {
            let what = "a result came that nothing was sent for".to_owned();
            return Err(BenchError::Lost { what });
        };
        for (source, id) in sent.keys {
            let Some(result) = results.next() else {
                let what = format!("no result for {source} {id}");
                return Err(BenchError::Lost { what });
            };
            acked.book_result(&source, &id, result)?;
        }
        spread.record(sent.at.elapsed());
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
