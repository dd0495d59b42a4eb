//! The streaming half of TimelineService: WatchTimeline.

use futures::stream;
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::timeline_change::Change as WireChange;
use ownerline_proto::v1::{
    RemovedEntry, TimelineChange, TouchpointRef, WatchTimelineRequest, WatchTimelineResponse,
};
use ownerline_proto::{Reason, Violation};

use super::convert;
use super::paced::{Answers, paced, permit};
use super::problem::Problem;
use super::status::status;
use super::timeline::{self, TimelineApiParts};

use crate::query::{WatchAsk, WatchChange, WatchStep};
use crate::store::Position;

/// Follows a timeline at the pace of its reader.
pub(super) async fn watch(
    parts: TimelineApiParts,
    request: WatchTimelineRequest,
) -> Result<Answers<WatchTimelineResponse>, Problem> {
    convert::check(&request)?;
    let after = after(&parts, &request)?;
    let ask = WatchAsk {
        owner_id: request.owner_id,
        filter: timeline::filter(request.filter)?,
        after,
        at_least: convert::position(parts.text, "at_least", &request.at_least)?,
    };
    let permit = permit(&parts.subscriptions, &parts.limits)?;
    let watch = parts.timelines.watch(ask, parts.pace.clone()).await?;
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
    Ok(paced(answers, patience))
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
        WatchChange::Added(entry) => WireChange::Added(timeline::entry(parts.text, entry)),
        WatchChange::Revised(entry) => WireChange::Revised(timeline::entry(parts.text, entry)),
        WatchChange::Removed(key) => WireChange::Removed(RemovedEntry {
            position: parts.text.write(Position(key.position)),
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
        position: parts.text.write(step.known_at),
        as_of: Some(time::timestamp(step.as_of)),
        more: step.more,
    }
}
