//! The stored event under an identity, as far as an append needs it.

use crate::store::{Position, Revision, StreamName};

/// The stored event with some identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) position: Position,
    pub(super) revision: Revision,
    pub(super) recorded_at: i64,
    pub(super) stream: StreamName,
    pub(super) content_digest: [u8; 32],
}
