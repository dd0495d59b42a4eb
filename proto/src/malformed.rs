//! The status of a malformed request, which reports all violations at once.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::bounds;
use crate::violations::Violations;

/// Returns INVALID_ARGUMENT with reason MALFORMED_REQUEST and every violation. It is the only status made in this
/// crate, because the codec needs it before a handler is reached. Violations that do not fit into a header are left
/// out; the metadata then has their total number (`violations`) and how many are left out (`violations_left_out`).
#[must_use]
pub fn malformed(violations: &Violations) -> Status {
    let (fields, left_out) = bounds::violations(violations);
    let counts = counts(violations.total(), left_out).into_iter().flatten();
    let metadata: HashMap<_, _> = counts.map(|(key, value)| (key.to_owned(), value)).collect();
    let mut details = ErrorDetails::with_bad_request(fields);
    details.set_error_info("MALFORMED_REQUEST", "ownerline", metadata);
    let message = message(violations);
    let message = bounds::message(&message);
    Status::with_error_details(Code::InvalidArgument, message, details)
}

/// Returns the message of an error with these violations: the first of them, and how many more there are.
#[must_use]
pub fn message(violations: &Violations) -> String {
    let Some(first) = violations.iter().next() else {
        return "request is malformed".to_owned();
    };
    let first = first.to_string();
    let first = bounds::value(&first);
    match violations.total() - 1 {
        0 => format!("request is malformed: {first}"),
        rest => format!("request is malformed: {first} (and {rest} more)"),
    }
}

/// Returns what the metadata of an error says about violations that are left out: how many were found, and how many of
/// them are not listed.
#[must_use]
pub fn counts(found: usize, left_out: usize) -> Option<[(&'static str, String); 2]> {
    (left_out > 0).then(|| [(FOUND, found.to_string()), (LEFT_OUT, left_out.to_string())])
}

/// Returns whether this key of the metadata is one of [`counts`].
#[must_use]
pub fn is_count(key: &str) -> bool {
    [FOUND, LEFT_OUT].contains(&key)
}

/// The key in the metadata of the number of violations that were found.
const FOUND: &str = "violations";
/// The key in the metadata of the number of violations that are not listed.
pub const LEFT_OUT: &str = "violations_left_out";
