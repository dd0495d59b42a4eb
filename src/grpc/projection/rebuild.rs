//! The rebuilding half of ProjectionService: RebuildProjection and CancelRebuild.

use std::time::Duration;

use futures::future::select_all;
use futures::stream;
use ownerline_proto::time;
use ownerline_proto::v1::comparison::Verdict as WireVerdict;
use ownerline_proto::v1::rebuild::Phase;
use ownerline_proto::v1::{
    CancelRebuildRequest, CancelRebuildResponse, Comparison as WireComparison,
    Rebuild as WireRebuild, RebuildProjectionRequest, RebuildProjectionResponse,
};
use tokio::sync::watch;

use super::api::{ProjectionApi, duration, failure};
use crate::grpc::advice::Resume;
use crate::grpc::convert;
use crate::grpc::paced::{Answers, paced, permit};
use crate::grpc::problem::Problem;
use crate::grpc::status::status;
use crate::projector::{Comparison, RebuildError, RebuildPhase, RebuildStatus, Verdict};
use crate::query::PositionText;
use crate::store::Position;

/// The pause between two answers of a stream: people read them.
const PAUSE: Duration = Duration::from_millis(200);

type Watched = Vec<watch::Receiver<RebuildStatus>>;

/// Begins rebuilds and says how far they are until all are over.
pub(super) fn rebuild(
    api: ProjectionApi,
    request: RebuildProjectionRequest,
) -> Result<Answers<RebuildProjectionResponse>, Problem> {
    convert::check(&request)?;
    let permit = permit(&api.subscriptions, &api.limits)?;
    let watched = api.projector.rebuild(&request.names)?;
    let patience = api.limits.slow_reader;
    let state = Some((watched, api, permit, true));
    let answers = stream::try_unfold(state, |state| async move {
        let Some((mut watched, api, permit, first)) = state else {
            return Ok(None);
        };
        if !first {
            let changed = tokio::select! {
                changed = change(&mut watched) => changed,
                // A rebuild that waits, for example for room on the disk, says so again.
                () = tokio::time::sleep(api.limits.watch_silence) => Ok(()),
                () = api.drain.cancelled() => Err(Problem::stopping()),
            };
            changed.map_err(status)?;
        }
        let answer = response(&api, &mut watched);
        let next = (!answer.done).then_some((watched, api, permit, false));
        Ok(Some((answer, next)))
    });
    Ok(paced(answers, patience, Resume::SameCall))
}

/// Cancels rebuilds and waits until they are over.
pub(super) async fn cancel(
    api: &ProjectionApi,
    request: CancelRebuildRequest,
) -> Result<CancelRebuildResponse, Problem> {
    convert::check(&request)?;
    let ending = api.projector.cancel_rebuild(&request.names)?;
    let head = api.projector.head();
    let mut rebuilds = Vec::with_capacity(ending.len());
    for mut rebuild in ending {
        let over = tokio::select! {
            over = rebuild.wait_for(RebuildStatus::is_over) => over.map(|over| over.clone()),
            () = api.drain.cancelled() => return Err(Problem::stopping()),
        };
        let over = over.map_err(|_| Problem::stopping())?;
        rebuilds.push(rebuild_of(api.text, over, head));
    }
    Ok(CancelRebuildResponse { rebuilds })
}

/// Waits until there is more to say, and then a little for more of it, unless something is over.
async fn change(watched: &mut Watched) -> Result<(), Problem> {
    let running = watched.iter_mut().filter(|it| !it.borrow().is_over());
    let changes: Vec<_> = running.map(|it| Box::pin(it.changed())).collect();
    if changes.is_empty() {
        return Ok(());
    }
    let (changed, _, _) = select_all(changes).await;
    // Whoever worked on it ended without a word: the next start goes on with it.
    changed.map_err(|_| Problem::stopping())?;
    let running = watched.iter_mut().filter(|it| !it.borrow().is_over());
    let over: Vec<_> = running
        .map(|it| Box::pin(async { it.wait_for(RebuildStatus::is_over).await.is_ok() }))
        .collect();
    if !over.is_empty() {
        // Nothing hangs on it: what is over is said at once, the rest after the pause.
        let _ = tokio::time::timeout(PAUSE, select_all(over)).await;
    }
    Ok(())
}

fn response(api: &ProjectionApi, watched: &mut Watched) -> RebuildProjectionResponse {
    let head = api.projector.head();
    let mut done = true;
    let rebuilds = watched.iter_mut().map(|it| {
        let now = it.borrow_and_update().clone();
        done &= now.is_over();
        rebuild_of(api.text, now, head)
    });
    RebuildProjectionResponse {
        rebuilds: rebuilds.collect(),
        done,
        head: api.text.write(head),
    }
}

pub(super) fn rebuild_of(
    text: PositionText,
    rebuild: RebuildStatus,
    head: Position,
) -> WireRebuild {
    let phase = match rebuild.phase {
        RebuildPhase::Building => Phase::Building,
        RebuildPhase::Switching => Phase::Switching,
        RebuildPhase::Done => Phase::Done,
        RebuildPhase::Failed => Phase::Failed,
        RebuildPhase::Cancelled => Phase::Cancelled,
    };
    let time_left = rebuild.time_left(head);
    WireRebuild {
        name: rebuild.view.to_owned(),
        generation: rebuild.generation,
        phase: phase.into(),
        resumed: rebuild.resumed,
        position: text.write(rebuild.position),
        applied: rebuild.applied,
        // One that is done stays so while the log grows.
        share: match rebuild.phase {
            RebuildPhase::Done => 1.0,
            _ => rebuild.share(head),
        },
        events_per_second: rebuild.events_per_second,
        time_left: time_left
            .and_then(|left| i64::try_from(left.as_nanos()).ok())
            .map(duration),
        started_at: Some(time::timestamp(rebuild.started_at)),
        failure: rebuild.failure.map(|error| failure(text, error)),
        comparison: rebuild.compared.map(|compared| comparison(text, compared)),
    }
}

pub(super) fn comparison(text: PositionText, compared: Comparison) -> WireComparison {
    let verdict = match compared.verdict {
        Verdict::Equal => WireVerdict::Equal,
        Verdict::Different => WireVerdict::Different,
        Verdict::FormerStopped => WireVerdict::FormerStopped,
    };
    WireComparison {
        verdict: verdict.into(),
        former_generation: compared.former,
        generation: compared.generation,
        position: text.write(compared.position),
        former_count: compared.former_count,
        former_hash: compared.former_hash,
        count: compared.count,
        hash: compared.hash,
        at: Some(time::timestamp(compared.at)),
    }
}

impl From<RebuildError> for Problem {
    fn from(error: RebuildError) -> Self {
        match error {
            RebuildError::UnknownView { index, name } => Self::unknown_view(index, name),
            RebuildError::Closing => Self::stopping(),
        }
    }
}
