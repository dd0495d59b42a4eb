//! How long an acknowledged touchpoint takes to appear on its timeline, at a steady pace of records.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ownerline_proto::time::timestamp;
use ownerline_proto::v1::timeline_service_client::TimelineServiceClient;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{
    FeedbackReceived, GetTimelineRequest, RecordRequest, Subjects, Touchpoint, Visibility,
};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tonic::transport::Channel;

use crate::acknowledgements::Acknowledgements;
use crate::connection::connect_all;
use crate::error::{LoadError, wrong_answer};
use crate::latencies::Latencies;
use crate::record_unary::IN_FLIGHT;
use crate::run::Run;

const TICK: Duration = Duration::from_millis(10);
/// The number of owners who give feedback in turn.
const OWNERS: u64 = 10_000;

/// A steady pace of records.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Records per second.
    pub rate: u64,
    /// How long the pace is kept.
    pub length: Duration,
    /// One record in this many is looked up on its timeline.
    pub probe_every: u64,
}

/// Records at a pace, and measures for some records the time from the acknowledgement to the answer of a timeline
/// that shows it, including the round trip. Returns the number of records, with these latencies.
///
/// # Errors
/// If the server cannot be reached or fails, or a timeline lacks an acknowledged touchpoint.
pub async fn ack_to_visible(
    url: &str,
    pace: Pace,
    acked: &Arc<Acknowledgements>,
) -> Result<Run, LoadError> {
    let channels = connect_all(url).await?;
    let permits = Arc::new(Semaphore::new(IN_FLIGHT));
    let mut ticks = tokio::time::interval(TICK);
    // Ticks that a busy machine delays are made up for, so that the pace is kept.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let started = Instant::now();
    let mut running = JoinSet::new();
    let mut latencies = Latencies::new()?;
    let mut sent: u64 = 0;
    let mut next_channel = channels.iter().cycle();
    while started.elapsed() < pace.length {
        ticks.tick().await;
        let due = pace.rate * u64::try_from(started.elapsed().as_millis()).unwrap_or(0) / 1_000;
        while sent < due {
            // The semaphore is never closed.
            let Ok(permit) = permits.clone().acquire_owned().await else {
                break;
            };
            let Some(channel) = next_channel.next().cloned() else {
                break;
            };
            let (number, acked) = (sent, acked.clone());
            let probe = number.is_multiple_of(pace.probe_every);
            running.spawn(async move {
                let _permit = permit;
                record(channel, number, probe, &acked).await
            });
            sent += 1;
        }
        while let Some(ended) = running.try_join_next() {
            if let Some(latency) = ended?? {
                latencies.record(latency);
            }
        }
    }
    while let Some(ended) = running.join_next().await {
        if let Some(latency) = ended?? {
            latencies.record(latency);
        }
    }
    Ok(Run {
        count: sent,
        elapsed: started.elapsed(),
        latencies,
    })
}

async fn record(
    channel: Channel,
    number: u64,
    probe: bool,
    acked: &Acknowledgements,
) -> Result<Option<Duration>, LoadError> {
    let (owner, id) = (
        format!("paced~{}", number % OWNERS),
        format!("paced-{number}"),
    );
    let touchpoint = feedback(&owner, &id);
    let source = touchpoint.source.clone();
    let request = RecordRequest {
        touchpoint: Some(touchpoint),
        ..RecordRequest::default()
    };
    let mut client = TouchpointServiceClient::new(channel.clone());
    let recorded = client.record(request).await?.into_inner();
    let acknowledged = Instant::now();
    let at_least = recorded.position.clone();
    acked.add(&source, &id, recorded);
    if !probe {
        return Ok(None);
    }
    let request = GetTimelineRequest {
        owner_id: owner,
        page_size: 10,
        at_least,
        ..GetTimelineRequest::default()
    };
    let mut client = TimelineServiceClient::new(channel);
    let timeline = client.get_timeline(request).await?.into_inner();
    let latency = acknowledged.elapsed();
    let mut shown = timeline
        .entries
        .iter()
        .filter_map(|it| it.recorded.as_ref());
    let is_recorded = |it: &Touchpoint| it.id == id;
    if shown.any(|it| it.touchpoint.as_ref().is_some_and(is_recorded)) {
        Ok(Some(latency))
    } else {
        wrong_answer(format!("{id} is acknowledged, but not on the timeline"))
    }
}

/// Feedback that an owner gives now.
fn feedback(owner: &str, id: &str) -> Touchpoint {
    let now = jiff::Timestamp::now().as_nanosecond();
    Touchpoint {
        id: id.to_owned(),
        source: "//bench/paced".to_owned(),
        occurred_at: Some(timestamp(i64::try_from(now).unwrap_or_default())),
        subjects: Some(Subjects {
            owner_id: owner.to_owned(),
            feedback_id: id.to_owned(),
            dealer_id: "paced~1".to_owned(),
            ..Subjects::default()
        }),
        visibility: Visibility::Owner.into(),
        payload: Some(Payload::FeedbackReceived(FeedbackReceived {
            score: Some(9),
            verbatim: "They called before I had to ask, and the car was ready when they said."
                .to_owned(),
            ..FeedbackReceived::default()
        })),
        ..Touchpoint::default()
    }
}
