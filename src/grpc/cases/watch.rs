//! The streaming half of CaseService: WatchCase.

use futures::stream;
use ownerline_projections::Viewer;
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::{WatchCaseRequest, WatchCaseResponse};
use ownerline_proto::{Reason, Violation};

use super::api::CaseApi;
use super::wire;
use crate::grpc::advice::Resume;
use crate::grpc::convert;
use crate::grpc::paced::{Answers, paced, permit};
use crate::grpc::problem::Problem;
use crate::grpc::status::status;
use crate::query::{CaseStep, WatchFrom};

/// Follows a case at the pace of its reader.
pub(super) async fn watch(
    api: CaseApi,
    request: WatchCaseRequest,
    viewer: &Viewer,
) -> Result<Answers<WatchCaseResponse>, Problem> {
    let from = from(&api, &request)?;
    let permit = permit(&api.subscriptions, &api.limits)?;
    let pace = api.pace.clone();
    let watch = api.reads.watch(request.case_id, from, pace, viewer).await?;
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

/// Where the watch begins; position and instant come together.
fn from(api: &CaseApi, request: &WatchCaseRequest) -> Result<WatchFrom, Problem> {
    let mut violations = convert::violations(request);
    let missing = match (request.after.is_empty(), &request.after_as_of) {
        (true, Some(_)) => Some(("after", "must be the position that came with after_as_of")),
        (false, None) => Some(("after_as_of", "must be the as_of that came with after")),
        _ => None,
    };
    let missing = missing.map(|(field, why)| Violation::new(field, Reason::Required, why));
    violations.extend(missing);
    convert::refuse(violations)?;
    let after = convert::position(api.text, "after", &request.after)?;
    let after_as_of = request.after_as_of.as_ref().map(Instant::from);
    Ok(WatchFrom {
        after: after.zip(after_as_of),
        at_least: convert::position(api.text, "at_least", &request.at_least)?,
    })
}

fn response(api: &CaseApi, step: CaseStep) -> WatchCaseResponse {
    WatchCaseResponse {
        case: step.file.map(|file| wire::case(api.text, &file)),
        position: api.text.write(step.basis.known_at),
        as_of: Some(time::timestamp(step.basis.as_of)),
    }
}
