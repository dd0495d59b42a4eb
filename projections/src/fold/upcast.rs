//! The one place where what was recorded in an older meaning becomes what folds understand today.

use crate::Recorded;

/// What the folds see of a recorded touchpoint. No kind has a successor yet, so every touchpoint is
/// seen as it was recorded. Stored bytes are never rewritten.
pub(crate) fn upcast(recorded: &Recorded) -> &Recorded {
    recorded
}
