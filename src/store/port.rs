//! The store port: the trait that every engine implements.

use std::sync::Arc;

use futures::future::BoxFuture;
use ownerline_proto::Position;
use tokio::sync::watch;
use uuid::Uuid;

use super::error::{AppendError, ReadError};
use super::ids::{Epoch, EventKey, LogIdentity, Revision, StreamName};
use super::types::{
    Append, Appended, Capabilities, Head, ReadAll, ReadStream, Scanned, StoreState, StoredEvent,
};

/// A shared engine, used through the port.
pub type SharedStore = Arc<dyn EventStore>;

/// The only access to the log. See the [module documentation](super) for the contract.
pub trait EventStore: Send + Sync + 'static {
    /// Stores the events of one stream atomically and durably. Appends of new identities are ordered by the
    /// first poll of their futures.
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>>;

    /// Reads up to `max` events of a stream, in ascending or descending revision order. Sees every append
    /// acknowledged before the call. An unknown stream is empty.
    fn read_stream(&self, read: ReadStream) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>>;

    /// Reads events in position order, starting after `read.after`. Sees every append acknowledged before the
    /// call. The result says how far the log was scanned, so that a filter that matches nothing still makes
    /// progress.
    fn read_all(&self, read: ReadAll) -> BoxFuture<'_, Result<Scanned, ReadError>>;

    /// Reads the events at these positions, in the given order. A position that does not exist is
    /// [`ReadError::NoSuchPosition`].
    fn read_positions(
        &self,
        positions: Vec<Position>,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>>;

    /// Returns the event stored under this (source, id), if any. Sees every append acknowledged before the call.
    fn find(&self, key: EventKey) -> BoxFuture<'_, Result<Option<StoredEvent>, ReadError>>;

    /// Returns the last revision of a stream, or `None` if nothing was ever appended to it. Sees every append
    /// acknowledged before the call.
    fn last_revision(
        &self,
        stream: StreamName,
    ) -> BoxFuture<'_, Result<Option<Revision>, ReadError>>;

    /// Returns whether the event at this position was supplied with exactly this content (see
    /// [`NewEvent::content_hash`](super::NewEvent::content_hash)). A validate-only request needs it to give the
    /// same answer as the real one.
    fn same_content(
        &self,
        position: Position,
        content_hash: [u8; 32],
    ) -> BoxFuture<'_, Result<bool, ReadError>>;

    /// Returns the greatest position whose `recorded_at` is at or before `instant`
    /// (nanoseconds since the Unix epoch); [`Position::START`] if there is none.
    fn position_at(&self, instant: i64) -> BoxFuture<'_, Result<Position, ReadError>>;

    /// The head of the log, which changes with every acknowledged append. A receiver never misses a change.
    fn head(&self) -> watch::Receiver<Head>;

    /// The incarnation of the log, fixed while the store is open.
    fn epoch(&self) -> Epoch;

    /// The id of the log, which backups and restores preserve.
    fn log_id(&self) -> Uuid;

    /// The log id and the epoch together.
    fn identity(&self) -> LogIdentity {
        LogIdentity {
            log_id: self.log_id(),
            epoch: self.epoch(),
        }
    }

    /// Whether the store accepts appends. Once poisoned, it stays poisoned until it is reopened.
    fn state(&self) -> watch::Receiver<StoreState>;

    /// The guarantees of this engine beyond the contract.
    fn capabilities(&self) -> Capabilities;
}
