//! The error of a view.

use crate::store::Position;

/// The last error of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewError {
    /// The position of the touchpoint that it cannot handle; for a transient fault, the last applied position.
    pub position: Position,
    /// A message for the operator.
    pub message: String,
    /// The instant of the error, in nanoseconds since the Unix epoch.
    pub at: i64,
}
