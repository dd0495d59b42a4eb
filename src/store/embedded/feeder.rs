//! The index thread: applies what the writer hands over, and reopens the index after a failure.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::watch;

use super::index::{IndexEntry, IndexError};
use super::live_index::{BringUpError, LiveIndex};
use super::state::poison;
use crate::derived::Backoff;
use crate::runtime::Clock;
use crate::store::{Head, OpenError, StoreState};

/// The first and the longest wait before the index is tried again.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// The index thread.
pub(super) struct Feeder {
    pub(super) index: Arc<LiveIndex>,
    pub(super) feed: Receiver<Vec<IndexEntry>>,
    pub(super) batch_events: usize,
    pub(super) state: Arc<watch::Sender<StoreState>>,
    /// The head of the log to catch up to.
    pub(super) head: watch::Receiver<Head>,
    /// A connection of its own, to read what the writer handed over while the index could not be written.
    pub(super) connection: Connection,
    pub(super) clock: Arc<dyn Clock>,
}

/// The result of waiting for the index to recover.
enum Recovery {
    /// The index follows the log again.
    Recovered,
    /// The writer has ended.
    WriterEnded,
    /// The index cannot recover.
    Impossible(OpenError),
}

impl Feeder {
    /// Applies what the writer hands over, in batches of everything that has queued up, until the writer ends.
    pub(super) fn run(self) {
        if self.index.is_in_trouble() && !self.recovers() {
            return;
        }
        while let Ok(mut entries) = self.feed.recv() {
            while entries.len() < self.batch_events {
                match self.feed.try_recv() {
                    Ok(more) => entries.extend(more),
                    Err(_) => break,
                }
            }
            if let Err(error) = self.apply(entries) {
                self.index.waits(&error.to_string(), self.clock.now());
                if !self.recovers() {
                    return;
                }
            }
        }
    }

    /// Applies the entries that the index does not have yet. It got the others from the log while it was brought
    /// up.
    fn apply(&self, mut entries: Vec<IndexEntry>) -> Result<(), IndexError> {
        let index = self.index.tables()?;
        let applied = index.applied();
        entries.retain(|entry| entry.position > applied);
        index.apply(&mut entries)?;
        self.index.publish(index.applied());
        Ok(())
    }

    /// Waits until the index has recovered. Returns `false` if it cannot, or if the writer has ended.
    fn recovers(&self) -> bool {
        match self.recover() {
            Recovery::Recovered => {
                self.index.recovered();
                true
            }
            Recovery::WriterEnded => false,
            Recovery::Impossible(error) => {
                // Without its index the log cannot tell a retry from a new event.
                poison(&self.state, &error.to_string());
                false
            }
        }
    }

    /// Waits until the index can be reopened. Until then the former tables serve reads, and what the writer
    /// hands over is dropped, since it is in the log.
    fn recover(&self) -> Recovery {
        let (from, up_to) = RETRY;
        let mut backoff = Backoff::new(from, up_to);
        loop {
            if !self.drain_feed_for(backoff.wait()) {
                return Recovery::WriterEnded;
            }
            if let Err(error) = self.index.probe() {
                self.index.waits(&error.to_string(), self.clock.now());
                continue;
            }
            let head = self.head.borrow().position;
            match self.index.bring_up(&self.connection, head) {
                Ok(()) => return Recovery::Recovered,
                Err(BringUpError::Waiting(reason)) => self.index.waits(&reason, self.clock.now()),
                // A tool has it open.
                Err(BringUpError::Final(error @ OpenError::InUse { .. })) => {
                    self.index.waits(&error.to_string(), self.clock.now());
                }
                Err(BringUpError::Final(error)) => return Recovery::Impossible(error),
            }
        }
    }

    /// Drops what the writer hands over for this long. Returns `false` once the writer has ended.
    fn drain_feed_for(&self, wait: Duration) -> bool {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.feed.recv_timeout(left) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }
}
