//! The store port: what every engine that keeps the log promises, and the types it speaks in.
//!
//! # Contract
//!
//! An engine keeps one append-only log of events. Everything below holds for every engine and is
//! checked by one conformance suite (the module `conformance`, built for tests).
//!
//! 1. **Order.** Positions are strictly increasing in the order of acknowledgement. A reader never
//!    sees an event before every event of a smaller position is readable. Whether positions are
//!    gapless is a [capability](Capabilities) of the engine, not part of the contract.
//! 2. **Durability.** [`EventStore::append`] answers `Ok` only after the events are on stable storage
//!    (the memory engine is exempt and says so in its capabilities).
//! 3. **Atomicity.** An append stores all of its events, with consecutive revisions of one stream, or
//!    none.
//! 4. **Identity.** A (source, id) pair is stored at most once, for ever. The same pairs with the same
//!    content answer with the first result and `replayed = true`; other content is
//!    [`AppendError::ContentConflict`]; an append of which only a part was stored before is
//!    [`AppendError::PartlyStored`]. This check comes before the expected revision, and holds under
//!    concurrent retries and across restarts.
//! 5. **Revisions.** The first event of a stream has revision 0, every further one exactly one more.
//!    Of concurrent appends that expect the same revision at most one succeeds.
//! 6. **Time.** `recorded_at` never decreases with the position, whatever the clock does, so an
//!    instant maps to one position.
//! 7. **Poison.** After a failed write or sync the engine refuses every further append with
//!    [`AppendError::Poisoned`] until it is opened again; reads go on. Nothing else poisons: what is derived
//!    from the log may fail and recover, and without room appends are refused with [`AppendError::NoSpace`]
//!    until there is room again.
//! 8. **Subscriptions** deliver every event after the start position that passes the filter exactly
//!    once, in position order, across the border from catching up to live.
//! 9. **Limits.** Queues, batches and reads are bounded; a full queue is [`AppendError::QueueFull`].

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::watch;
use uuid::Uuid;

#[cfg(test)]
pub(crate) mod conformance;
pub mod embedded;
mod error;
#[cfg(test)]
pub(crate) mod fault;
mod filter;
pub mod memory;
mod subscription;
mod types;

pub use error::{AppendError, AppendOutcome, OpenError, ReadError};
pub use filter::{EnvelopeFilter, EventFilter};
pub use subscription::{Subscription, SubscriptionItem};
pub use types::{
    Append, Appended, Capabilities, Direction, Epoch, EventKey, Expected, Head, KindId,
    LogIdentity, NewEvent, Position, ReadAll, ReadStream, Revision, Scanned, StoreState,
    StoredEvent, StreamName,
};

/// An engine behind the port, shared.
pub type SharedStore = Arc<dyn EventStore>;

/// The one way to the log. See the [module documentation](self) for the contract.
pub trait EventStore: Send + Sync + 'static {
    /// Stores the events of one stream atomically and durably. Appends of new identities are taken in
    /// the order in which their futures are first polled.
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>>;

    /// Reads up to `max` events of a stream (all that exist if `max` exceeds them), in revision order
    /// or its reverse. Sees every append acknowledged before the call. An unknown stream is empty.
    fn read_stream(&self, read: ReadStream) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>>;

    /// Reads events in position order, starting behind `read.after`. Sees every append acknowledged
    /// before the call. The answer says how far was scanned, so that a filter that matches nothing
    /// still makes progress.
    fn read_all(&self, read: ReadAll) -> BoxFuture<'_, Result<Scanned, ReadError>>;

    /// Reads the events at these positions, in the order asked. A position that does not exist is
    /// [`ReadError::NoSuchPosition`].
    fn read_positions(
        &self,
        positions: Vec<Position>,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>>;

    /// The event stored under this (source, id), if any. Sees every append acknowledged before the call.
    fn find(&self, key: EventKey) -> BoxFuture<'_, Result<Option<StoredEvent>, ReadError>>;

    /// The last revision of a stream, `None` if nothing was ever appended to it. Sees every append
    /// acknowledged before the call.
    fn last_revision(
        &self,
        stream: StreamName,
    ) -> BoxFuture<'_, Result<Option<Revision>, ReadError>>;

    /// Whether the stored event of this position was supplied with exactly this content
    /// (see [`NewEvent::content_hash`]); used to answer a validate-only request like the real one.
    fn same_content(
        &self,
        position: Position,
        content_hash: [u8; 32],
    ) -> BoxFuture<'_, Result<bool, ReadError>>;

    /// The greatest position whose `recorded_at` is at or before `instant`
    /// (nanoseconds since the Unix epoch); [`Position::START`] if there is none.
    fn position_at(&self, instant: i64) -> BoxFuture<'_, Result<Position, ReadError>>;

    /// The head of the log: changes after every acknowledged append. Waiting on it never misses one.
    fn head(&self) -> watch::Receiver<Head>;

    /// Which incarnation of the log this is. Fixed while the store is open.
    fn epoch(&self) -> Epoch;

    /// Which log this is, the same for ever: it goes along with backups and restores.
    fn log_id(&self) -> Uuid;

    /// Which log, and which incarnation of it.
    fn identity(&self) -> LogIdentity {
        LogIdentity {
            log_id: self.log_id(),
            epoch: self.epoch(),
        }
    }

    /// Whether the store takes appends. Turns to poisoned at most once while open, and stays so.
    fn state(&self) -> watch::Receiver<StoreState>;

    /// What this engine promises beyond the contract.
    fn capabilities(&self) -> Capabilities;
}

/// Subscribes to everything behind `after` that passes the filter: catches up, says so, goes on live.
///
/// Generic over engines: it reads in bounded batches and waits on [`EventStore::head`], so that it
/// holds no connection while it waits and never buffers more than one batch, however slow its reader.
#[must_use]
pub fn subscribe(
    store: SharedStore,
    after: Position,
    filter: EventFilter,
    batch: usize,
) -> Subscription {
    Subscription::new(store, after, filter, batch)
}
