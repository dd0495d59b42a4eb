//! Subscriptions over any engine: catch up in bounded reads, then wait for the head to move.

use tokio::sync::watch;

use super::{EventFilter, Head, Position, ReadAll, ReadError, SharedStore, StoredEvent};

/// What a subscription yields.
#[derive(Debug, Clone)]
pub enum SubscriptionItem {
    /// Events behind everything yielded before, in position order; never empty.
    Batch(Vec<StoredEvent>),
    /// Everything up to here was looked at and nothing of it passed the filter.
    Checkpoint(Position),
    /// Everything up to here was yielded; from now on live. Sent whenever live is reached again.
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

impl Subscription {
    pub(super) fn new(
        store: SharedStore,
        after: Position,
        filter: EventFilter,
        batch: usize,
    ) -> Self {
        let head = store.head();
        Self {
            store,
            head,
            after,
            filter,
            batch,
            live: false,
        }
    }

    /// The position behind which the next item starts: subscribing there again continues without gap
    /// or repeat.
    #[must_use]
    pub fn position(&self) -> Position {
        self.after
    }

    /// The next item. Waits for the log to grow once everything is yielded. Cancel safe.
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
