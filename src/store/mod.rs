//! The store: the port to the log, its contract, and the engines that implement it.
//!
//! # Contract
//!
//! An engine holds one append-only log of events. The following holds for every engine and is checked by one
//! conformance suite (the module `conformance`, built for tests).
//!
//! 1. **Order.** Positions are strictly increasing in the order of acknowledgement. A reader never
//!    sees an event before every event of a smaller position is readable. Whether positions are
//!    gapless is a [capability](Capabilities) of the engine, not part of the contract.
//! 2. **Durability.** [`EventStore::append`] returns `Ok` only after the events are on stable storage
//!    (the memory engine is exempt and says so in its capabilities).
//! 3. **Atomicity.** An append stores all of its events, with consecutive revisions of one stream, or
//!    none.
//! 4. **Identity.** A (source, id) pair is stored at most once, for ever. Appending the same pairs with the
//!    same content again returns the first result with `replayed = true`; other content is
//!    [`AppendError::ContentConflict`]; an append of which only some events are already stored is
//!    [`AppendError::PartlyStored`]. This check precedes that of the expected revision, and holds under
//!    concurrent retries and across restarts.
//! 5. **Revisions.** The first event of a stream has revision 0, every further one exactly one more.
//!    Of several concurrent appends that expect the same revision, at most one succeeds.
//! 6. **Time.** `recorded_at` never decreases as the position grows, whatever the clock does, so every
//!    instant maps to one position.
//! 7. **Poison.** After a failed write or sync the engine refuses every further append with
//!    [`AppendError::Poisoned`] until it is reopened; reads continue. Nothing else poisons it: derived data may
//!    fail and recover, and on a full disk appends are refused with [`AppendError::NoSpace`] until there is
//!    room again.
//! 8. **Subscriptions** deliver every event after the start position that passes the filter exactly once, in
//!    position order, including across the transition from catching up to live.
//! 9. **Limits.** Queues, batches and reads are bounded; a full queue is [`AppendError::QueueFull`].

#[cfg(test)]
pub(crate) mod conformance;
pub mod embedded;
mod error;
#[cfg(test)]
pub(crate) mod fault;
mod filter;
mod ids;
pub mod memory;
mod port;
mod subscription;
mod types;

pub use error::{AppendError, AppendOutcome, OpenError, ReadError};
pub use filter::{EnvelopeFilter, EventFilter};
pub use ids::{Epoch, EventKey, KindId, LogIdentity, Revision, StreamName};
pub use ownerline_proto::Position;
pub use port::{EventStore, SharedStore};
pub use subscription::{Subscription, SubscriptionItem, subscribe};
pub use types::{
    Append, Appended, Capabilities, Direction, Expected, Head, NewEvent, ReadAll, ReadStream,
    Scanned, StoreState, StoredEvent,
};
