//! The reads of feedback.

use crate::query::reads::Reads;

/// Reads feedback and what is owed for it. Cheap to clone.
#[derive(Clone)]
pub struct FeedbackReads {
    /// What they are read with.
    pub reads: Reads,
}
