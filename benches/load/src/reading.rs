//! Reading back: the whole log, single touchpoints, timelines, and how far the views are.

use std::time::{Duration, Instant};

use ownerline_proto::v1::get_touchpoint_request::By;
use ownerline_proto::v1::projection::State;
use ownerline_proto::v1::projection_service_client::ProjectionServiceClient;
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::timeline_service_client::TimelineServiceClient;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{
    GetTimelineRequest, GetTouchpointRequest, ListProjectionsRequest, Projection, SubscribeRequest,
    SubscribeResponse, TouchpointKey,
};

use super::echo::touchpoints_of;
use super::{Acked, BenchError, Run, Spread, connect};

/// How often the views are looked at.
const LOOK: Duration = Duration::from_millis(20);
/// Entries of the page that is asked for.
const PAGE: u32 = 50;
/// Acknowledged touchpoints that are asked for at most.
const SAMPLES: usize = 2_000;

/// Follows the log from the start until it is caught up, and counts. Answers the first batch, too.
///
/// # Errors
/// If the server cannot be reached or fails, or a position does not come after the one before.
pub async fn count_log(url: &str) -> Result<(Run, SubscribeResponse), BenchError> {
    let mut client = TouchpointServiceClient::new(connect(url).await?);
    let begun = Instant::now();
    let answers = client.subscribe(SubscribeRequest::default()).await?;
    let mut answers = answers.into_inner();
    let (mut count, mut last, mut first) = (0, String::new(), None);
    while let Some(answer) = answers.message().await? {
        match &answer.item {
            Some(Item::Batch(batch)) => {
                let next = batch.touchpoints.first().map(|it| &it.position);
                if next.is_some_and(|next| *next <= last) {
                    let what = format!("position {next:?} came behind {last}");
                    return Err(BenchError::Lost { what });
                }
                if let Some(end) = batch.touchpoints.last() {
                    last.clone_from(&end.position);
                }
                count += touchpoints_of(&answer);
                first.get_or_insert(answer);
            }
            Some(Item::CaughtUp(_)) => break,
            _ => {}
        }
    }
    let run = Run {
        count,
        took: begun.elapsed(),
        spread: Spread::new()?,
    };
    Ok((run, first.unwrap_or_default()))
}

/// Asks for acknowledged touchpoints by their identity; answers how many were asked for.
///
/// # Errors
/// If one is not there, or not at the position that was acknowledged.
pub async fn find_acknowledged(url: &str, acked: &Acked) -> Result<usize, BenchError> {
    let samples = acked.samples();
    let apart = samples.len().div_ceil(SAMPLES).max(1);
    let mut client = TouchpointServiceClient::new(connect(url).await?);
    let mut asked = 0;
    for sample in samples.into_iter().step_by(apart) {
        asked += 1;
        let key = TouchpointKey {
            source: sample.source.clone(),
            id: sample.id.clone(),
        };
        let request = GetTouchpointRequest {
            by: Some(By::Key(key)),
        };
        let found = client.get_touchpoint(request).await?.into_inner();
        let position = found.recorded.map(|recorded| recorded.position);
        if position.as_ref() != Some(&sample.position) {
            let what = format!(
                "acknowledged and not there as acknowledged: {sample:?}, found at {position:?}"
            );
            return Err(BenchError::Lost { what });
        }
    }
    Ok(asked)
}

/// Asks for the newest page of one timeline after the other, one call at a time.
///
/// # Errors
/// If the server cannot be reached or fails, or an answer is empty.
pub async fn timelines(url: &str, owners: &[String], count: usize) -> Result<Run, BenchError> {
    let mut client = TimelineServiceClient::new(connect(url).await?);
    let mut spread = Spread::new()?;
    let begun = Instant::now();
    for owner in owners.iter().cycle().take(count) {
        let request = GetTimelineRequest {
            owner_id: owner.clone(),
            page_size: PAGE,
            ..GetTimelineRequest::default()
        };
        let asked = Instant::now();
        let answer = client.get_timeline(request).await?.into_inner();
        spread.record(asked.elapsed());
        if answer.entries.is_empty() {
            let what = format!("the timeline of {owner} is empty");
            return Err(BenchError::Lost { what });
        }
    }
    Ok(Run {
        count: spread.count(),
        took: begun.elapsed(),
        spread,
    })
}

/// Waits until every view has reached the head of the log, and answers them.
///
/// # Errors
/// If the server cannot be reached, a view stops, or it takes longer than `limit`.
pub async fn wait_until_live(url: &str, limit: Duration) -> Result<Vec<Projection>, BenchError> {
    let mut client = ProjectionServiceClient::new(connect(url).await?);
    let begun = Instant::now();
    while begun.elapsed() < limit {
        let answer = client.list_projections(ListProjectionsRequest {}).await?;
        let answer = answer.into_inner();
        let views = answer.projections;
        if let Some(failed) = views.iter().find(|view| view.state() == State::Failed) {
            let what = format!("the view {} stopped: {:?}", failed.name, failed.last_error);
            return Err(BenchError::Lost { what });
        }
        let level = |view: &Projection| {
            view.state() == State::Live && view.lag_events == 0 && view.position == answer.head
        };
        if !views.is_empty() && views.iter().all(level) {
            return Ok(views);
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(BenchError::TooLong {
        what: "building the views",
        limit,
    })
}
