//! The values that cross the store port: events, appends, reads and their results.

use bytes::Bytes;
use ownerline_proto::Position;

use super::filter::EventFilter;
use super::ids::{EventKey, KindId, Revision, StreamName};

/// An event to be stored.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Identity.
    pub key: EventKey,
    /// Kind of the payload.
    pub kind: KindId,
    /// The deterministic protobuf encoding without the personal fields.
    pub clear: Bytes,
    /// The protobuf encoding of the personal fields alone; may be empty.
    pub personal: Bytes,
    /// BLAKE3 of what the client supplied, without received_at and origin. Two events with equal hashes have
    /// the same content. Engines store only a keyed hash of it.
    pub content_hash: [u8; 32],
}

/// The state in which an append expects its stream to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Any state.
    Any,
    /// Nothing was ever appended.
    NoStream,
    /// At least one event was appended.
    StreamExists,
    /// The last revision is this one.
    Exact(Revision),
}

impl Expected {
    /// Returns whether a stream with this last revision (`None`: it does not exist) is as expected.
    #[must_use]
    pub fn is_met(self, last: Option<Revision>) -> bool {
        match self {
            Self::Any => true,
            Self::NoStream => last.is_none(),
            Self::StreamExists => last.is_some(),
            Self::Exact(revision) => last == Some(revision),
        }
    }
}

/// One atomic append to one stream: 1 or more events.
#[derive(Debug, Clone)]
pub struct Append {
    /// The stream to append to.
    pub stream: StreamName,
    /// The expected state of the stream.
    pub expected: Expected,
    /// The events, in order. An empty list is refused.
    pub events: Vec<NewEvent>,
}

/// The place of the events of an append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Position of the first event.
    pub first: Position,
    /// Position of the last event.
    pub last: Position,
    /// Revision of the last event.
    pub revision: Revision,
    /// When the log recorded the last event (nanoseconds since the Unix epoch).
    pub recorded_at: i64,
    /// The stream that holds the events.
    pub stream: StreamName,
    /// Whether an earlier append with the same content had stored them already.
    pub replayed: bool,
}

/// An event as stored in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Place in the log.
    pub position: Position,
    /// Stream.
    pub stream: StreamName,
    /// Place in the stream.
    pub revision: Revision,
    /// When the log recorded it (nanoseconds since the Unix epoch).
    pub recorded_at: i64,
    /// Identity.
    pub key: EventKey,
    /// Kind of the payload.
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
    /// The `recorded_at` of that event (nanoseconds since the Unix epoch); 0 while the log is empty.
    pub recorded_at: i64,
}

/// The direction in which to read a stream.
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
    /// The order of the events.
    pub direction: Direction,
    /// The maximum number of events.
    pub max: usize,
}

/// A read over the whole log.
#[derive(Debug, Clone)]
pub struct ReadAll {
    /// The read starts after this position.
    pub after: Position,
    /// The filter that events must pass.
    pub filter: EventFilter,
    /// The maximum number of events.
    pub max: usize,
}

/// One batch of a read over the whole log.
#[derive(Debug, Clone, Default)]
pub struct Scanned {
    /// The events that passed the filter, in position order.
    pub events: Vec<StoredEvent>,
    /// The last position scanned; the next read starts after it.
    pub through: Position,
    /// Whether `through` was the head at the time of the read.
    pub at_head: bool,
}

/// Whether the store accepts appends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreState {
    /// It accepts appends.
    Writable,
    /// The disk is full. The store recovers by itself once there is room again.
    Full {
        /// What ran out of room.
        reason: String,
    },
    /// It refuses appends until it is reopened.
    Poisoned {
        /// What failed.
        reason: String,
    },
}

/// The guarantees of an engine beyond the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Positions are consecutive.
    pub gapless: bool,
    /// Acknowledged events survive the end of the process.
    pub durable: bool,
}
