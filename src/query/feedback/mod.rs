//! The feedback loop: one item with what is owed for it, a dealer's inbox, and watching one.

mod item;
mod list;
mod reads;
mod size;
mod watch;

pub use item::{FeedbackItem, HistoryEntry};
pub use reads::FeedbackReads;
pub use watch::{InboxChange, InboxStep, InboxWatch};
