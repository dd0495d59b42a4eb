//! The reads of feedback, and the views that they need.

use ownerline_projections::{corrections, feedback, network, policy};

use crate::query::reads::Reads;

/// The views that obligations are read from.
pub(super) const VIEWS: &[&str] = &[
    feedback::VIEW.name,
    corrections::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
];

/// Reads feedback and what is owed for it. Cheap to clone.
#[derive(Clone)]
pub struct FeedbackReads {
    /// What they are read with.
    pub reads: Reads,
}
