//! Brings the index up to the log: from the file at open, from the writer afterwards.

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

/// The wait before the index is tried again, and the longest.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// The index thread.
pub(super) struct Feeder {
    pub(super) index: Arc<LiveIndex>,
    pub(super) feed: Receiver<Vec<IndexEntry>>,
    pub(super) batch_events: usize,
    pub(super) state: Arc<watch::Sender<StoreState>>,
    /// The head of the log, to catch up to.
    pub(super) head: watch::Receiver<Head>,
    /// Its own connection to the log: what was handed over while the index could not take it is read there.
    pub(super) connection: Connection,
    pub(super) clock: Arc<dyn Clock>,
}

/// How waiting for the index ended.
enum Healed {
    /// It is up to the log.
    Yes,
    /// The writer is gone.
    Ended,
    /// It never will be.
    Never(OpenError),
}

impl Feeder {
    /// Applies what the writer hands over, in batches as large as what has gathered, until the
    /// writer is gone.
    pub(super) fn run(self) {
        if self.index.is_in_trouble() && !self.goes_on_after_trouble() {
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
                if !self.goes_on_after_trouble() {
                    return;
                }
            }
        }
    }

    /// What is in the index already came from the log while it was brought up.
    fn apply(&self, mut entries: Vec<IndexEntry>) -> Result<(), IndexError> {
        let index = self.index.tables()?;
        let applied = index.applied();
        entries.retain(|entry| entry.position > applied);
        index.apply(&mut entries)?;
        self.index.publish(index.applied());
        Ok(())
    }

    /// Whether there is anything more to do once the index is well again.
    fn goes_on_after_trouble(&self) -> bool {
        match self.heal() {
            Healed::Yes => {
                self.index.recovered();
                true
            }
            Healed::Ended => false,
            Healed::Never(error) => {
                // Without its index the log cannot tell a retry from a new event.
                poison(&self.state, &error.to_string());
                false
            }
        }
    }

    /// Waits until the index can be opened again. Until then the former tables answer, and what the writer
    /// hands over is let go of: it is in the log.
    fn heal(&self) -> Healed {
        let (from, up_to) = RETRY;
        let mut backoff = Backoff::new(from, up_to);
        loop {
            if !self.waits_for(backoff.wait()) {
                return Healed::Ended;
            }
            if let Err(error) = self.index.probe() {
                self.index.waits(&error.to_string(), self.clock.now());
                continue;
            }
            let head = self.head.borrow().position;
            match self.index.bring_up(&self.connection, head) {
                Ok(()) => return Healed::Yes,
                Err(BringUpError::Waiting(reason)) => self.index.waits(&reason, self.clock.now()),
                // A tool looks at it.
                Err(BringUpError::Final(error @ OpenError::InUse { .. })) => {
                    self.index.waits(&error.to_string(), self.clock.now());
                }
                Err(BringUpError::Final(error)) => return Healed::Never(error),
            }
        }
    }

    /// Lets go of what comes in for so long; `false` if nothing will come any more.
    fn waits_for(&self, wait: Duration) -> bool {
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
