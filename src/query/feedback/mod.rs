//! The feedback loop: one item with what is owed for it, a dealer's inbox, and watching one.

mod item;
mod list;
mod watch;

pub use item::{FeedbackItem, HistoryEntry};
pub use watch::{InboxChange, InboxStep, InboxWatch};

use ownerline_projections::Corrections;
use ownerline_projections::feedback::Feedback;
use ownerline_projections::network::NetworkView;
use ownerline_projections::policy::fold::PoliciesView;

use super::Reads;

/// The views that obligations are read from.
const VIEWS: &[&str] = &[
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
