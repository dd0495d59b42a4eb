//! The checkpoint of a view: how far it is, and the certificate of what it applied. It is stored in the view's own state.

use prost::Message;

use crate::Position;
use crate::fold::state::{StateError, StateRead};

/// The key of the checkpoint in every view's state. The keys of views begin with a table byte other than NUL, so none
/// collides with it.
pub(crate) const CHECKPOINT_KEY: &[u8] = b"\0checkpoint";

/// A view's progress, and the certificate of what it applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The version of the view that wrote it.
    pub version: u32,
    /// The last applied position; [`Position::START`] before the first touchpoint.
    pub position: Position,
    /// The number of applied touchpoints.
    pub applied: u64,
    /// The certificate: BLAKE3(previous certificate ‖ digest of the touchpoint) over all applied touchpoints in log
    /// order, starting from 32 zero bytes. Two replicas that applied the same log have the same one.
    pub hash: [u8; 32],
}

#[derive(Clone, PartialEq, Message)]
struct Stored {
    #[prost(uint32, tag = "1")]
    version: u32,
    #[prost(uint64, tag = "2")]
    position: u64,
    #[prost(uint64, tag = "3")]
    applied: u64,
    #[prost(bytes = "vec", tag = "4")]
    hash: Vec<u8>,
}

impl Checkpoint {
    /// The checkpoint before the first touchpoint.
    #[must_use]
    pub fn start(version: u32) -> Self {
        Self {
            version,
            position: Position::START,
            applied: 0,
            hash: [0; 32],
        }
    }

    /// Reads the checkpoint from a view's state; `None` if nothing was applied to it yet.
    ///
    /// # Errors
    /// If the state cannot be read or holds something else under the reserved key.
    pub fn read(state: &dyn StateRead) -> Result<Option<Self>, StateError> {
        state
            .get(CHECKPOINT_KEY)?
            .map(|bytes| Self::decode(&bytes))
            .transpose()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        Stored {
            version: self.version,
            position: self.position.0,
            applied: self.applied,
            hash: self.hash.to_vec(),
        }
        .encode_to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, StateError> {
        let damaged = |reason: String| StateError::Damaged { reason };
        let stored =
            Stored::decode(bytes).map_err(|error| damaged(format!("checkpoint: {error}")))?;
        let hash = stored
            .hash
            .try_into()
            .map_err(|_| damaged("checkpoint: its hash has not 32 bytes".to_owned()))?;
        Ok(Self {
            version: stored.version,
            position: Position(stored.position),
            applied: stored.applied,
            hash,
        })
    }

    /// Counts one more touchpoint; `hash` is the certificate with it.
    pub(crate) fn advance(&mut self, position: Position, hash: [u8; 32]) {
        self.hash = hash;
        self.position = position;
        self.applied = self.applied.saturating_add(1);
    }
}
