//! Subscriptions, for every engine: they catch up in bounded reads, then wait for the head to move.

use ownerline_proto::Position;
use tokio::sync::watch;

use super::error::ReadError;
use super::filter::EventFilter;
use super::port::SharedStore;
use super::types::{Head, ReadAll, StoredEvent};

/// An item of a subscription.
#[derive(Debug, Clone)]
pub enum SubscriptionItem {
    /// The next events, in position order; never empty.
    Batch(Vec<StoredEvent>),
    /// No event up to this position passed the filter.
    Checkpoint(Position),
    /// Everything up to this position was yielded, and the subscription is live. Sent each time it becomes
    /// live again.
    CaughtUp(Position),
}

/// A running subscription. Dropping it ends it.
pub struct Subscription {
    store: SharedStore,
    head: watch::Receiver<Head>,
    after: Position,
    filter: EventFilter,
    batch: usize,
    live: bool,
}

/// Subscribes to the events after `after` that pass the filter: first those already stored, then, after
/// [`SubscriptionItem::CaughtUp`], new ones as they are appended.
///
/// Works with every engine: it reads in bounded batches and waits on the head of the log, so that it holds no
/// connection while it waits and never buffers more than one batch, however slow its reader is.
#[must_use]
pub fn subscribe(
    store: SharedStore,
    after: Position,
    filter: EventFilter,
    batch: usize,
) -> Subscription {
    let head = store.head();
    Subscription {
        store,
        head,
        after,
        filter,
        batch,
        live: false,
    }
}

impl Subscription {
    /// The position after which the next item starts. A new subscription from here continues without a gap or
    /// a repetition.
    #[must_use]
    pub fn position(&self) -> Position {
        self.after
    }

    /// Returns the next item, waiting for the log to grow if everything was yielded. Cancel safe.
    pub async fn next(&mut self) -> Result<SubscriptionItem, ReadError> {
        loop {
            let head = self.head.borrow_and_update().position;
            if self.after >= head {
                if !self.live {
                    self.live = true;
                    return Ok(SubscriptionItem::CaughtUp(self.after));
                }
                self.head.changed().await.map_err(|_| ReadError::Closing)?;
                continue;
            }
            let read = ReadAll {
                after: self.after,
                filter: self.filter.clone(),
                max: self.batch,
            };
            let scanned = self.store.read_all(read).await?;
            self.live = self.live && scanned.at_head;
            self.after = scanned.through.max(self.after);
            if scanned.events.is_empty() {
                return Ok(SubscriptionItem::Checkpoint(self.after));
            }
            return Ok(SubscriptionItem::Batch(scanned.events));
        }
    }
}
