//! Reads back what was recorded: the whole log, single touchpoints, and how far the views have come.

use std::time::{Duration, Instant};

use ownerline_proto::v1::get_touchpoint_request::By;
use ownerline_proto::v1::projection::State;
use ownerline_proto::v1::projection_service_client::ProjectionServiceClient;
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{
    GetTouchpointRequest, ListProjectionsRequest, Projection, SubscribeRequest, SubscribeResponse,
    TouchpointKey,
};

use crate::acknowledgements::Acknowledgements;
use crate::connection::connect;
use crate::echo::touchpoints_in;
use crate::error::{LoadError, wrong_answer};
use crate::latencies::Latencies;
use crate::run::Run;

/// How often the state of the views is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// The largest number of acknowledged touchpoints that are read back.
const MAX_SAMPLES: usize = 2_000;

/// Reads the log from the start until caught up. Returns the number of touchpoints, and the first batch.
///
/// # Errors
/// If the server cannot be reached or fails, or a position does not follow the one before it.
pub async fn read_log(url: &str) -> Result<(Run, SubscribeResponse), LoadError> {
    let mut client = TouchpointServiceClient::new(connect(url).await?);
    let started = Instant::now();
    let answers = client.subscribe(SubscribeRequest::default()).await?;
    let mut answers = answers.into_inner();
    let (mut count, mut last, mut first) = (0, String::new(), None);
    while let Some(answer) = answers.message().await? {
        match &answer.item {
            Some(Item::Batch(batch)) => {
                let next = batch.touchpoints.first().map(|it| &it.position);
                if next.is_some_and(|next| *next <= last) {
                    return wrong_answer(format!("position {next:?} came after {last}"));
                }
                if let Some(end) = batch.touchpoints.last() {
                    last.clone_from(&end.position);
                }
                count += touchpoints_in(&answer);
                first.get_or_insert(answer);
            }
            Some(Item::CaughtUp(_)) => break,
            _ => {}
        }
    }
    let run = Run {
        count,
        elapsed: started.elapsed(),
        latencies: Latencies::new()?,
    };
    Ok((run, first.unwrap_or_default()))
}

/// Checks that the sampled touchpoints are found by their keys where they were acknowledged, and returns how many
/// were checked.
///
/// # Errors
/// If the server cannot be reached or fails, or a touchpoint is not at its acknowledged position.
pub async fn check_acknowledged(url: &str, acked: &Acknowledgements) -> Result<usize, LoadError> {
    let samples = acked.samples();
    let step = samples.len().div_ceil(MAX_SAMPLES).max(1);
    let mut client = TouchpointServiceClient::new(connect(url).await?);
    let mut checked = 0;
    for sample in samples.into_iter().step_by(step) {
        checked += 1;
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
            return wrong_answer(format!(
                "acknowledged, but not found there: {sample:?}, found at {position:?}"
            ));
        }
    }
    Ok(checked)
}

/// Waits until every view has reached the head of the log, and returns the views.
///
/// # Errors
/// If the server cannot be reached, a view fails, or they take longer than `limit`.
pub async fn wait_until_live(url: &str, limit: Duration) -> Result<Vec<Projection>, LoadError> {
    let mut client = ProjectionServiceClient::new(connect(url).await?);
    let started = Instant::now();
    while started.elapsed() < limit {
        let answer = client.list_projections(ListProjectionsRequest {}).await?;
        let answer = answer.into_inner();
        let views = answer.projections;
        if let Some(failed) = views.iter().find(|view| view.state() == State::Failed) {
            let (name, error) = (&failed.name, &failed.last_error);
            return wrong_answer(format!("the view {name} failed: {error:?}"));
        }
        let is_current = |view: &Projection| {
            view.state() == State::Live && view.lag_events == 0 && view.position == answer.head
        };
        if !views.is_empty() && views.iter().all(is_current) {
            return Ok(views);
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    Err(LoadError::TooLong {
        action: "building the views",
        limit,
    })
}
