//! The streaming half of TimelineService: WatchTimeline.

use futures::stream;
use ownerline_projections::Viewer;
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::timeline_change::Change as WireChange;
use ownerline_proto::v1::{
    RemovedEntry, TimelineChange, TouchpointRef, WatchTimelineRequest, WatchTimelineResponse,
};
use ownerline_proto::{Reason, Violation};

use super::parts::TimelineApiParts;
use super::wire;
use crate::grpc::advice::Resume;
use crate::grpc::convert;
use crate::grpc::paced::{Answers, paced, permit};
use crate::grpc::problem::Problem;
use crate::grpc::status::status;
use crate::query::{WatchChange, WatchFrom, WatchStep};
use crate::store::Position;

/// Follows a timeline at the pace of its reader.
pub(super) async fn watch(
    parts: TimelineApiParts,
    request: WatchTimelineRequest,
    viewer: &Viewer,
) -> Result<Answers<WatchTimelineResponse>, Problem> {
    convert::check(&request)?;
    let from = WatchFrom {
        after: after(&parts, &request)?,
        at_least: convert::position(parts.text, "at_least", &request.at_least)?,
    };
    let filter = wire::filter(request.filter)?;
    let permit = permit(&parts.subscriptions, &parts.limits)?;
    let pace = parts.pace.clone();
    let timelines = &parts.timelines;
    let watch = timelines.watch(request.owner_id, filter, from, pace, viewer);
    let watch = watch.await?;
    let follower = parts.followers.join(0);
    let patience = parts.limits.slow_reader;
    let watching = (watch, parts, (permit, follower));
    let answers = stream::try_unfold(watching, |(mut watch, parts, held)| async move {
        let step = tokio::select! {
            step = watch.next() => step.map_err(Problem::from),
            () = parts.drain.cancelled() => Err(Problem::stopping()),
        };
        let step = response(&parts, step.map_err(status)?);
        Ok(Some((step, (watch, parts, held))))
    });
    Ok(paced(answers, patience, Resume::FromPosition))
}

/// What the answer before stood on; position and instant come together.
fn after(
    parts: &TimelineApiParts,
    request: &WatchTimelineRequest,
) -> Result<Option<(Position, Instant)>, Problem> {
    let missing = |field, message| {
        let violation = Violation::new(field, Reason::Required, message);
        Err(Problem::malformed(vec![violation]))
    };
    match (
        convert::position(parts.text, "after", &request.after)?,
        &request.after_as_of,
    ) {
        (None, None) => Ok(None),
        (Some(position), Some(as_of)) => Ok(Some((position, Instant::from(as_of)))),
        (Some(_), None) => missing("after_as_of", "must be the as_of that came with after"),
        (None, Some(_)) => missing("after", "must be the position that came with after_as_of"),
    }
}

fn response(parts: &TimelineApiParts, step: WatchStep) -> WatchTimelineResponse {
    let changes = step.changes.into_iter().map(|change| match change {
        WatchChange::Added(entry) => WireChange::Added(wire::entry(parts.text, entry)),
        WatchChange::Revised(entry) => WireChange::Revised(wire::entry(parts.text, entry)),
        WatchChange::Removed(key) => WireChange::Removed(RemovedEntry {
            position: parts.text.write(key.position),
            touchpoint: Some(TouchpointRef {
                source: key.source,
                id: key.id,
            }),
        }),
    });
    let changes = changes.map(|change| TimelineChange {
        change: Some(change),
    });
    WatchTimelineResponse {
        changes: changes.collect(),
        position: parts.text.write(step.basis.known_at),
        as_of: Some(time::timestamp(step.basis.as_of)),
        more: step.more,
    }
}
