//! The only maker of `tonic::Status`: from a problem to the code and the google.rpc details that every
//! gRPC client understands.

use std::collections::HashMap;
use std::time::Duration;

use http::HeaderMap;
use ownerline_proto::malformed::{self, LEFT_OUT};
use ownerline_proto::v1::{FieldViolation, Refusal};
use ownerline_proto::{Violation, bounds};
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::fault;
use super::problem::Problem;

/// The domain of every ErrorInfo.
const DOMAIN: &str = "ownerline";

/// The status of a problem.
pub(crate) fn status(problem: impl Into<Problem>) -> Status {
    let problem = problem.into();
    fault::log(&problem);
    if !problem.violations.is_empty() {
        return ownerline_proto::malformed(&problem.violations);
    }
    let metadata: HashMap<String, String> = metadata(&problem).collect();
    let mut details = ErrorDetails::with_error_info(problem.reason, DOMAIN, metadata);
    if let Some(after) = problem.retry_after {
        details.set_retry_info(Some(after));
    }
    if let Some((kind, name)) = &problem.resource {
        details.set_resource_info(*kind, bounds::value(name), "", "");
    }
    let message = bounds::message(&problem.message);
    if problem.code == Code::FailedPrecondition {
        details.add_precondition_failure_violation(
            problem.reason,
            DOMAIN,
            bounds::value(&problem.message),
        );
    }
    let metadata = pushback(problem.retry_after);
    Status::with_error_details_and_metadata(problem.code, message, details, metadata)
}

/// The delay as the retry policies of gRPC libraries obey it (gRFC A6); few of them know RetryInfo.
fn pushback(retry_after: Option<Duration>) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    let millis = retry_after.and_then(|after| i32::try_from(after.as_millis()).ok());
    if let Some(millis) = millis {
        metadata.insert(PUSHBACK, millis.into());
    }
    metadata
}

/// Milliseconds until a retry is welcome.
const PUSHBACK: &str = "grpc-retry-pushback-ms";

/// The facts about a problem that a program may act on, as they travel.
fn metadata(problem: &Problem) -> impl Iterator<Item = (String, String)> {
    let facts = problem.metadata.iter();
    facts.map(|(key, value)| ((*key).to_owned(), bounds::value(value).into_owned()))
}

/// The header, or trailer, of the code.
pub(super) const GRPC_STATUS: &str = "grpc-status";

/// The code of an answer that is in its headers or trailers; OK where it comes later.
pub(super) fn code_of(headers: &HeaderMap) -> Code {
    headers
        .get(GRPC_STATUS)
        .map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()))
}

/// The reason in headers or trailers, if there is one.
pub(super) fn reason_of(headers: &HeaderMap) -> Option<String> {
    let told = Status::from_header_map(headers)?;
    let info = told.get_details_error_info()?;
    Some(info.reason)
}

/// The error in headers or trailers that the transport made; none if there is no error, or if it was made here.
pub(super) fn made_by_transport(headers: &HeaderMap) -> Option<Status> {
    let told = Status::from_header_map(headers).filter(|told| told.code() != Code::Ok)?;
    let info = told.get_details_error_info();
    let is_ours = info.is_some_and(|info| info.domain == DOMAIN);
    (!is_ours).then_some(told)
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) code: Code,
    /// Absent where the code is OK.
    pub(super) reason: Option<String>,
}

impl Ending {
    /// What headers or trailers say.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let code = code_of(headers);
        let reason = (code != Code::Ok).then(|| reason_of(headers)).flatten();
        Self { code, reason }
    }

    /// The client went away.
    pub(super) fn cancelled() -> Self {
        Self {
            code: Code::Cancelled,
            reason: Some("CANCELLED".to_owned()),
        }
    }

    /// The client did not read on while the server drained.
    pub(super) fn stopping() -> Self {
        let Problem { code, reason, .. } = Problem::stopping();
        Self {
            code,
            reason: Some(reason.to_owned()),
        }
    }
}

/// A problem of one touchpoint in a batch, as Record would have answered it.
pub(crate) fn refusal(problem: impl Into<Problem>) -> Refusal {
    let problem = problem.into();
    fault::log(&problem);
    let retry_delay = problem.retry_after.map(Into::into);
    let mut refusal = Refusal {
        code: i32::from(problem.code),
        reason: problem.reason.to_owned(),
        message: bounds::message(&problem.message).into_owned(),
        metadata: metadata(&problem).collect(),
        retry_delay,
        violations: problem.violations.iter().map(violation).collect(),
    };
    let left_out = problem.violations.total() - refusal.violations.len();
    if left_out > 0 {
        count_left_out(&mut refusal, left_out);
    }
    refusal
}

fn violation(violation: &Violation) -> FieldViolation {
    FieldViolation {
        field: bounds::value(&violation.field).into_owned(),
        reason: violation.reason.as_str().to_owned(),
        description: bounds::value(&violation.description).into_owned(),
    }
}

/// Adds to the number of violations that a refusal does not list.
pub(crate) fn count_left_out(refusal: &mut Refusal, more: usize) {
    let before = refusal.metadata.get(LEFT_OUT);
    let before = before.and_then(|text| text.parse::<usize>().ok());
    let left_out = before.unwrap_or_default() + more;
    let counts = malformed::counts(refusal.violations.len() + left_out, left_out);
    let counts = counts.into_iter().flatten();
    let counts = counts.map(|(key, value)| (key.to_owned(), value));
    refusal.metadata.extend(counts);
}
