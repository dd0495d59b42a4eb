//! Names and numbers that identify logs, streams and events.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// The number of an event within its stream, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// The incarnation of a log. A restore begins a new, greater epoch; a position of another epoch is refused,
/// because it may denote another event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u32);

/// The identity of a log and its incarnation. Everything derived from a log carries it, and is discarded and
/// rebuilt when it belongs to another log or epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogIdentity {
    /// Random, never changed.
    pub log_id: Uuid,
    /// Changed by each restore.
    pub epoch: Epoch,
}

impl LogIdentity {
    /// Length of the encoded form.
    pub const BYTES: usize = 20;

    /// Encodes the identity: 4 bytes of epoch, big-endian, then the log id.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (epoch, log_id) = bytes.split_at_mut(4);
        epoch.copy_from_slice(&self.epoch.0.to_be_bytes());
        log_id.copy_from_slice(self.log_id.as_bytes());
        bytes
    }

    /// Decodes what [`Self::to_bytes`] wrote.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let (epoch, log_id) = bytes.split_at(4);
        let epoch = epoch
            .iter()
            .fold(0, |epoch, byte| (epoch << 8) | u32::from(*byte));
        let mut id = [0; 16];
        id.copy_from_slice(log_id);
        Self {
            log_id: Uuid::from_bytes(id),
            epoch: Epoch(epoch),
        }
    }
}

/// The name of a stream, `<category>-<id>`; the category ends at the first `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName(Arc<str>);

impl StreamName {
    /// Wraps a name; any text is accepted.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Everything before the first `-` (the whole name if there is none).
    #[must_use]
    pub fn category(&self) -> &str {
        category_of(&self.0)
    }
}

/// The part of a stream name before the first `-`.
pub(super) fn category_of(name: &str) -> &str {
    name.split('-').next().unwrap_or_default()
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The identity of an event: unique in the log, compared byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    /// The reporting system.
    pub source: Arc<str>,
    /// The id within that system.
    pub id: Arc<str>,
}

/// The kind of a payload: its short type name, for example `feedback_received`.
pub type KindId = Arc<str>;
