//! The feedback loop: one item with what is owed for it, a dealer's inbox, and watching one.

mod item;
mod list;
mod watch;

pub use item::{FeedbackItem, HistoryEntry};
pub use watch::{InboxChange, InboxStep, InboxWatch};

use ownerline_projections::corrections;
use ownerline_projections::feedback;
use ownerline_projections::network;
use ownerline_projections::policy;

use super::Reads;

/// The views that obligations are read from.
const VIEWS: &[&str] = &[
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
