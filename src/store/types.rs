//! The values that cross the store port.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use super::EventFilter;

/// A place in the log. The first event has position 1; [`Position::START`] (0) is before it.
///
/// Inside the process only: across the API a position is an opaque string that carries the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

impl Position {
    /// Before the first event.
    pub const START: Self = Self(0);
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of an event within its stream, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// One incarnation of a log. A restore begins a new, greater one; positions of another epoch mean
/// something else and are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u32);

/// Which log, and which incarnation of it. What is derived from a log carries it: for another one it is
/// discarded and built anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogIdentity {
    /// Random, for ever.
    pub log_id: Uuid,
    /// Another one after each restore.
    pub epoch: Epoch,
}

impl LogIdentity {
    /// How many bytes it is written in.
    pub const BYTES: usize = 20;

    /// The form it is kept in: 4 bytes of the epoch, big-endian, then the id.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (epoch, log_id) = bytes.split_at_mut(4);
        epoch.copy_from_slice(&self.epoch.0.to_be_bytes());
        log_id.copy_from_slice(self.log_id.as_bytes());
        bytes
    }

    /// What [`Self::to_bytes`] wrote.
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

/// `<category>-<id>`; the category ends at the first `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName(Arc<str>);

impl StreamName {
    /// Names a stream.
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
    /// The system that reported it.
    pub source: Arc<str>,
    /// Its number there.
    pub id: Arc<str>,
}

/// The kind of a payload: its short type name, for example `feedback_received`.
pub type KindId = Arc<str>;

/// An event to be stored.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Its identity.
    pub key: EventKey,
    /// The kind of its payload.
    pub kind: KindId,
    /// The deterministic protobuf encoding without the personal fields.
    pub clear: Bytes,
    /// The protobuf encoding of the personal fields alone; may be empty.
    pub personal: Bytes,
    /// BLAKE3 of what the client supplied (neither received_at nor origin): decides "same content".
    /// Engines store only a keyed hash of it.
    pub content_hash: [u8; 32],
}

/// What an append expects of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Any,
    /// That nothing was ever appended to it.
    NoStream,
    /// That something was.
    StreamExists,
    /// That its last revision is this one.
    Exact(Revision),
}

/// One atomic append to one stream: 1 or more events.
#[derive(Debug, Clone)]
pub struct Append {
    /// Where to.
    pub stream: StreamName,
    /// Under which expectation.
    pub expected: Expected,
    /// What, in order. An empty list is refused.
    pub events: Vec<NewEvent>,
}

/// Where the events of an append are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Position of its first event.
    pub first: Position,
    /// Position of its last event.
    pub last: Position,
    /// Revision of its last event.
    pub revision: Revision,
    /// When the log took it (nanoseconds since the Unix epoch); that of the last event.
    pub recorded_at: i64,
    /// The stream it is in.
    pub stream: StreamName,
    /// Whether it was stored before, by an earlier append with the same content.
    pub replayed: bool,
}

/// An event as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamName,
    /// Its place in the stream.
    pub revision: Revision,
    /// When the log took it (nanoseconds since the Unix epoch).
    pub recorded_at: i64,
    /// Its identity.
    pub key: EventKey,
    /// The kind of its payload.
    pub kind: KindId,
    /// See [`NewEvent::clear`].
    pub clear: Bytes,
    /// See [`NewEvent::personal`].
    pub personal: Bytes,
    /// The whole touchpoint: `clear` followed by `personal`. Protobuf merges concatenated encodings, so
    /// this decodes to the full message and `clear` alone to the redacted one.
    pub whole: Bytes,
}

/// The end of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Position of the last acknowledged event; [`Position::START`] while the log is empty.
    pub position: Position,
    /// Its `recorded_at` (nanoseconds since the Unix epoch); 0 while the log is empty.
    pub recorded_at: i64,
}

/// Which way to read a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Ascending revisions.
    Forward,
    /// Descending revisions.
    Backward,
}

/// A read of one stream.
#[derive(Debug, Clone)]
pub struct ReadStream {
    /// The stream.
    pub stream: StreamName,
    /// The first revision to return; `None` is the beginning (forward) or the end (backward).
    pub from: Option<Revision>,
    /// Which way.
    pub direction: Direction,
    /// At most this many events.
    pub max: usize,
}

/// A read over the whole log.
#[derive(Debug, Clone)]
pub struct ReadAll {
    /// Read what is behind this position.
    pub after: Position,
    /// What passes.
    pub filter: EventFilter,
    /// At most this many events.
    pub max: usize,
}

/// One batch of a read over the whole log.
#[derive(Debug, Clone, Default)]
pub struct Scanned {
    /// What passed the filter, in position order.
    pub events: Vec<StoredEvent>,
    /// Everything up to here was looked at; start the next read behind it.
    pub through: Position,
    /// Whether `through` was the head at the time of the read.
    pub at_head: bool,
}

/// Whether the store takes appends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreState {
    /// It does.
    Writable,
    /// There is no room for them. It goes on by itself when there is.
    Full {
        /// What found no room.
        reason: String,
    },
    /// It refuses them until it is opened again.
    Poisoned {
        /// What failed.
        reason: String,
    },
}

/// What an engine promises beyond the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Positions are consecutive.
    pub gapless: bool,
    /// Acknowledged events survive the end of the process.
    pub durable: bool,
}
