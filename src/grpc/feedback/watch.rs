//! The streaming half of FeedbackService: WatchObligations.

use futures::stream;
use ownerline_projections::Viewer;
use ownerline_proto::time;
use ownerline_proto::v1::obligation_change::Change as WireChange;
use ownerline_proto::v1::{ObligationChange, WatchObligationsRequest, WatchObligationsResponse};

use super::api::FeedbackApi;
use super::{ask, wire};
use crate::grpc::advice::Resume;
use crate::grpc::paced::{Answers, paced, permit};
use crate::grpc::problem::Problem;
use crate::grpc::status::status;
use crate::query::{Basis, InboxChange, InboxStep};

/// Follows an inbox at the pace of its reader.
pub(super) async fn watch(
    api: FeedbackApi,
    request: WatchObligationsRequest,
    viewer: &Viewer,
) -> Result<Answers<WatchObligationsResponse>, Problem> {
    let (inbox, from) = ask::watch(api.text, request)?;
    let permit = permit(&api.subscriptions, &api.limits)?;
    let watch = api
        .reads
        .watch(inbox, from, api.pace.clone(), viewer)
        .await?;
    let follower = api.followers.join(0);
    let patience = api.limits.slow_reader;
    let watching = (watch, api, (permit, follower));
    let answers = stream::try_unfold(watching, |(mut watch, api, held)| async move {
        let step = tokio::select! {
            step = watch.next() => step.map_err(Problem::from),
            () = api.drain.cancelled() => Err(Problem::stopping()),
        };
        let step = response(&api, step.map_err(status)?);
        Ok(Some((step, (watch, api, held))))
    });
    Ok(paced(answers, patience, Resume::FromPosition))
}

fn response(api: &FeedbackApi, step: InboxStep) -> WatchObligationsResponse {
    let Basis {
        known_at, as_of, ..
    } = step.basis;
    let changes = step.changes.into_iter().map(|change| match change {
        InboxChange::Added(owed) => WireChange::Added(wire::owed(&owed, as_of)),
        InboxChange::Revised(owed) => WireChange::Revised(wire::owed(&owed, as_of)),
        InboxChange::Removed(obligation_id) => WireChange::Removed(obligation_id),
    });
    let changes = changes.map(|change| ObligationChange {
        change: Some(change),
    });
    WatchObligationsResponse {
        changes: changes.collect(),
        position: api.text.write(known_at),
        as_of: Some(time::timestamp(as_of)),
        more: step.more,
    }
}
