//! The only maker of `tonic::Status`: from a problem to the code and the google.rpc details that every
//! gRPC client understands.

use std::collections::HashMap;

use http::HeaderMap;
use ownerline_proto::v1::{FieldViolation, Refusal};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::problem::Problem;

/// The domain of every ErrorInfo.
const DOMAIN: &str = "ownerline";

/// The status of a problem.
pub(crate) fn status(problem: impl Into<Problem>) -> Status {
    let problem = problem.into();
    if let Some(cause) = &problem.cause {
        tracing::error!(reason = problem.reason, cause, "request failed inside");
    }
    if !problem.violations.is_empty() {
        return ownerline_proto::malformed(&problem.violations);
    }
    let metadata: HashMap<String, String> = problem
        .metadata
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    let mut details = ErrorDetails::with_error_info(problem.reason, DOMAIN, metadata);
    if let Some(after) = problem.retry_after {
        details.set_retry_info(Some(after));
    }
    if let Some((kind, name)) = &problem.resource {
        details.set_resource_info(*kind, name.as_str(), "", "");
    }
    if problem.code == Code::FailedPrecondition {
        details.add_precondition_failure_violation(
            problem.reason,
            DOMAIN,
            problem.message.as_str(),
        );
    }
    Status::with_error_details(problem.code, problem.message, details)
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

/// A problem of one touchpoint in a batch, as Record would have answered it.
pub(crate) fn refusal(problem: impl Into<Problem>) -> Refusal {
    let problem = problem.into();
    Refusal {
        code: i32::from(problem.code),
        reason: problem.reason.to_owned(),
        message: problem.message,
        violations: problem
            .violations
            .into_iter()
            .map(|violation| FieldViolation {
                field: violation.field,
                reason: violation.reason.as_str().to_owned(),
                description: violation.description,
            })
            .collect(),
    }
}
