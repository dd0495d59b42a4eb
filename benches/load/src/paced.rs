//! From the acknowledgement to being visible, at a steady pace of records.

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

use super::{Acked, BenchError, IN_FLIGHT, Run, Spread, connections};

const TICK: Duration = Duration::from_millis(10);
/// Owners who are written about in turn.
const OWNERS: u64 = 10_000;

/// A steady pace.
#[derive(Debug, Clone, Copy)]
pub struct Paced {
    /// Records a second.
    pub rate: u64,
    /// For so long.
    pub length: Duration,
    /// One record in so many is looked for on its timeline.
    pub look_apart: u64,
}

/// Records at a pace, and measures for some of the records how long after the acknowledgement a timeline
/// was answered that has it: the way there and back counts. Answers what was recorded, with the latencies
/// of those looks.
///
/// # Errors
/// If the server cannot be reached or fails, or a timeline lacks what was acknowledged.
pub async fn ack_to_visible(
    url: &str,
    paced: Paced,
    acked: &Arc<Acked>,
) -> Result<Run, BenchError> {
    let channels = connections(url).await?;
    let places = Arc::new(Semaphore::new(IN_FLIGHT));
    let mut ticks = tokio::time::interval(TICK);
    // What a busy machine delays is made up for, so that the pace stays what it should be.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let begun = Instant::now();
    let mut running = JoinSet::new();
    let mut spread = Spread::new()?;
    let mut sent: u64 = 0;
    let mut next_channel = channels.iter().cycle();
    while begun.elapsed() < paced.length {
        ticks.tick().await;
        let due = paced.rate * u64::try_from(begun.elapsed().as_millis()).unwrap_or(0) / 1_000;
        while sent < due {
            // The semaphore is never closed.
            let Ok(place) = places.clone().acquire_owned().await else {
                break;
            };
            let Some(channel) = next_channel.next().cloned() else {
                break;
            };
            let (number, acked) = (sent, acked.clone());
            let look = number.is_multiple_of(paced.look_apart);
            running.spawn(async move {
                let _place = place;
                record(channel, number, look, &acked).await
            });
            sent += 1;
        }
        while let Some(ended) = running.try_join_next() {
            if let Some(took) = ended?? {
                spread.record(took);
            }
        }
    }
    while let Some(ended) = running.join_next().await {
        if let Some(took) = ended?? {
            spread.record(took);
        }
    }
    Ok(Run {
        count: sent,
        took: begun.elapsed(),
        spread,
    })
}

async fn record(
    channel: Channel,
    number: u64,
    look: bool,
    acked: &Acked,
) -> Result<Option<Duration>, BenchError> {
    let (owner, id) = (
        format!("paced~{}", number % OWNERS),
        format!("paced-{number}"),
    );
    let touchpoint = touchpoint(&owner, &id);
    let source = touchpoint.source.clone();
    let request = RecordRequest {
        touchpoint: Some(touchpoint),
        ..RecordRequest::default()
    };
    let mut client = TouchpointServiceClient::new(channel.clone());
    let recorded = client.record(request).await?.into_inner();
    let acknowledged = Instant::now();
    let at_least = recorded.position.clone();
    acked.book(&source, &id, recorded);
    if !look {
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
    let took = acknowledged.elapsed();
    let mut recorded = timeline
        .entries
        .iter()
        .filter_map(|it| it.recorded.as_ref());
    let is_it = |it: &Touchpoint| it.id == id;
    if recorded.any(|it| it.touchpoint.as_ref().is_some_and(is_it)) {
        Ok(Some(took))
    } else {
        let what = format!("{id} is acknowledged and not on the timeline");
        Err(BenchError::Lost { what })
    }
}

/// Feedback that an owner gives now.
fn touchpoint(owner: &str, id: &str) -> Touchpoint {
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
