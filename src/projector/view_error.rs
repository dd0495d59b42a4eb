//! A fault that a view met.

use crate::store::Position;

/// What went wrong last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewError {
    /// The touchpoint it cannot handle; for a fault that is waited for, the last one applied.
    pub position: Position,
    /// In words.
    pub message: String,
    /// When, in nanoseconds since the Unix epoch.
    pub at: i64,
}
