//! The status of a malformed request, which reports all violations at once.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::bounds;
use crate::violation::Violation;

/// Returns INVALID_ARGUMENT with reason MALFORMED_REQUEST and every violation. It is the only status made in this
/// crate, because the codec needs it before a handler is reached. Violations that do not fit into a header are left
/// out; the metadata then has their total number (`violations`) and how many are left out (`violations_left_out`).
#[must_use]
pub fn malformed(violations: &[Violation]) -> Status {
    let message = match violations {
        [] => "request is malformed".to_owned(),
        [one] => format!("request is malformed: {}", bounds::value(&one.to_string())),
        [first, rest @ ..] => {
            let first = first.to_string();
            let (first, rest) = (bounds::value(&first), rest.len());
            format!("request is malformed: {first} (and {rest} more)")
        }
    };
    let (fields, left_out) = bounds::violations(violations);
    let mut metadata = HashMap::new();
    if left_out > 0 {
        metadata.insert("violations".to_owned(), violations.len().to_string());
        metadata.insert("violations_left_out".to_owned(), left_out.to_string());
    }
    let mut details = ErrorDetails::with_bad_request(fields);
    details.set_error_info("MALFORMED_REQUEST", "ownerline", metadata);
    let message = bounds::message(&message);
    Status::with_error_details(Code::InvalidArgument, message, details)
}
