//! The line of the log about a fault inside a call.

use std::borrow::Cow;

use tracing::Level;

use super::problem::Problem;
use crate::telemetry::{Kind, is_first};

/// Writes what went wrong inside, which the caller is not told.
pub(super) fn log(problem: &Problem) {
    let Some(cause) = &problem.cause else {
        return;
    };
    let line = "request failed inside";
    let kind = || Kind {
        reason: Cow::Borrowed(problem.reason),
        ..Kind::of_line(Level::ERROR, line)
    };
    if is_first(kind, 1) {
        tracing::error!(reason = problem.reason, cause, "{line}");
    } else {
        tracing::debug!(reason = problem.reason, cause, "{line}");
    }
}
