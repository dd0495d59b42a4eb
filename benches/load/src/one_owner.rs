//! Queries about one owner: every page of a timeline, context packs, and the changes that a watch delivers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ownerline_proto::v1::timeline_change::Change;
use ownerline_proto::v1::timeline_service_client::TimelineServiceClient;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{
    Actor, GetContextPackRequest, GetTimelineRequest, RecordRequest, Touchpoint,
    WatchTimelineRequest, WatchTimelineResponse, actor,
};
use tonic::Streaming;
use tonic::transport::Channel;

use crate::acknowledgements::Acknowledgements;
use crate::connection::connect;
use crate::error::{LoadError, wrong_answer};
use crate::latencies::Latencies;
use crate::run::Run;

/// Reads every page of a timeline, newest first; a page size of 0 leaves it to the server. Counts the rows, with the
/// latency of each page.
///
/// # Errors
/// If the server cannot be reached or fails, or there are not as many rows as expected.
pub async fn read_timeline(
    url: &str,
    owner_id: &str,
    page_size: u32,
    expected: u64,
) -> Result<Run, LoadError> {
    let mut client = TimelineServiceClient::new(connect(url).await?);
    let mut latencies = Latencies::new()?;
    let (started, mut count, mut page_token) = (Instant::now(), 0, String::new());
    loop {
        let request = GetTimelineRequest {
            owner_id: owner_id.to_owned(),
            page_size,
            page_token,
            ..GetTimelineRequest::default()
        };
        let called = Instant::now();
        let page = client.get_timeline(request).await?.into_inner();
        latencies.record(called.elapsed());
        count += page.entries.len() as u64;
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if count != expected {
        return wrong_answer(format!(
            "the timeline of {owner_id} has {count} rows instead of {expected}"
        ));
    }
    Ok(Run {
        count,
        elapsed: started.elapsed(),
        latencies,
    })
}

/// Asks for a context pack of one owner, `count` times in turn. Each is recorded as served.
///
/// # Errors
/// If the server cannot be reached or fails, or a pack knows of no contact.
pub async fn query_context_packs(
    url: &str,
    owner_id: &str,
    count: usize,
) -> Result<Run, LoadError> {
    let mut client = TimelineServiceClient::new(connect(url).await?);
    let mut latencies = Latencies::new()?;
    let started = Instant::now();
    for _ in 0..count {
        let request = GetContextPackRequest {
            owner_id: owner_id.to_owned(),
            actor: Some(Actor {
                id: "agent~1".to_owned(),
                kind: actor::Kind::Human.into(),
                ..Actor::default()
            }),
            ..GetContextPackRequest::default()
        };
        let called = Instant::now();
        let answer = client.get_context_pack(request).await?.into_inner();
        latencies.record(called.elapsed());
        if answer.pack.and_then(|pack| pack.contacts).is_none() {
            return wrong_answer(format!("the pack of {owner_id} knows of no contact"));
        }
    }
    Ok(Run::of_calls(latencies, started))
}

/// Records touchpoints of one owner one by one, and measures for each the time from its acknowledgement to the message
/// of a watch that shows it.
///
/// # Errors
/// If the server cannot be reached or fails, the watch ends, or a change takes longer than `limit`.
pub async fn ack_to_watch(
    url: &str,
    owner_id: &str,
    touchpoints: Vec<Touchpoint>,
    acked: &Arc<Acknowledgements>,
    limit: Duration,
) -> Result<Run, LoadError> {
    let channel = connect(url).await?;
    let mut changes = watch(channel.clone(), owner_id).await?;
    let mut client = TouchpointServiceClient::new(channel);
    let mut latencies = Latencies::new()?;
    let started = Instant::now();
    for touchpoint in touchpoints {
        let (source, id) = (touchpoint.source.clone(), touchpoint.id.clone());
        let request = RecordRequest {
            touchpoint: Some(touchpoint),
            ..RecordRequest::default()
        };
        let recorded = client.record(request).await?.into_inner();
        let acknowledged = Instant::now();
        acked.add(&source, &id, recorded);
        let shown = tokio::time::timeout(limit, until_shown(&mut changes, &id)).await;
        let Ok(shown) = shown else {
            return Err(LoadError::TooLong {
                action: "showing a change to a watch",
                limit,
            });
        };
        shown?;
        latencies.record(acknowledged.elapsed());
    }
    Ok(Run::of_calls(latencies, started))
}

/// Watches a timeline from now on.
async fn watch(
    channel: Channel,
    owner_id: &str,
) -> Result<Streaming<WatchTimelineResponse>, LoadError> {
    let mut client = TimelineServiceClient::new(channel);
    let request = GetTimelineRequest {
        owner_id: owner_id.to_owned(),
        page_size: 1,
        ..GetTimelineRequest::default()
    };
    let now = client.get_timeline(request).await?.into_inner();
    let request = WatchTimelineRequest {
        owner_id: owner_id.to_owned(),
        after: now.position,
        after_as_of: now.as_of,
        ..WatchTimelineRequest::default()
    };
    Ok(client.watch_timeline(request).await?.into_inner())
}

/// Waits for the message that adds the touchpoint with this id.
async fn until_shown(
    changes: &mut Streaming<WatchTimelineResponse>,
    id: &str,
) -> Result<(), LoadError> {
    while let Some(message) = changes.message().await? {
        let added = message.changes.into_iter().filter_map(|it| it.change);
        let added = added.filter_map(|change| match change {
            Change::Added(entry) => entry.recorded?.touchpoint,
            _ => None,
        });
        if added.into_iter().any(|touchpoint| touchpoint.id == id) {
            return Ok(());
        }
    }
    wrong_answer(format!("the watch ended before it showed {id}"))
}
