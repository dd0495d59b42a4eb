//! The reads of feedback, and the views that they need.

use ownerline_projections::Corrections;
use ownerline_projections::feedback::Feedback;
use ownerline_projections::network::NetworkView;
use ownerline_projections::policy::fold::PoliciesView;

use crate::query::reads::Reads;

/// The views that obligations are read from.
pub(super) const VIEWS: &[&str] = &[
    Feedback::NAME,
    Corrections::NAME,
    PoliciesView::NAME,
    NetworkView::NAME,
];

/// Reads feedback and what is owed for it. Cheap to clone.
#[derive(Clone)]
pub struct FeedbackReads {
    /// What they are read with.
    pub reads: Reads,
}
