//! The checkpoint thread of the write-ahead log.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use prometheus_client::metrics::histogram::Histogram;
use rusqlite::Connection;
use tokio::sync::watch;

use super::sqlite::{is_locked, is_no_space, is_passing};
use super::state::poison;
use crate::store::StoreState;

/// How long a checkpoint that blocks the writer may wait for readers.
const RESTART_PATIENCE: Duration = Duration::from_millis(200);

/// The checkpoint thread.
pub(super) struct Checkpointer {
    pub(super) connection: Connection,
    pub(super) hints: Receiver<()>,
    pub(super) interval: Duration,
    pub(super) wal_limit_bytes: u64,
    pub(super) page_bytes: u64,
    pub(super) state: Arc<watch::Sender<StoreState>>,
    pub(super) duration: Histogram,
}

impl Checkpointer {
    /// Checkpoints until the writer ends; then empties the write-ahead log.
    pub(super) fn run(self) {
        if let Err(error) = self.connection.busy_timeout(RESTART_PATIENCE) {
            tracing::warn!(%error, "busy timeout of checkpoints cannot be set");
        }
        loop {
            let hint = self.hints.recv_timeout(self.interval);
            if hint == Err(RecvTimeoutError::Disconnected) {
                self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)");
                return;
            }
            // A passive checkpoint blocks nobody, but cannot reset the log while the writer keeps appending.
            let pages = self.checkpoint("PRAGMA wal_checkpoint(PASSIVE)");
            if pages.saturating_mul(self.page_bytes) >= self.wal_limit_bytes {
                self.checkpoint("PRAGMA wal_checkpoint(RESTART)");
            }
        }
    }

    /// Runs a checkpoint and returns the number of pages in the write-ahead log.
    ///
    /// A failed write or sync poisons the log, and stops all checkpoints. SQLite remembers how far it came even
    /// if that was not synced, and the system reports a failed sync only once, so the next checkpoint would
    /// reset the write-ahead log although the file lacks some of its pages. Reopening the log starts from what
    /// the write-ahead log holds, all of which was acknowledged as synced.
    fn checkpoint(&self, sql: &str) -> u64 {
        if *self.state.borrow() != StoreState::Writable {
            return 0;
        }
        let begun = Instant::now();
        let pages = self
            .connection
            .query_row(sql, [], |row| row.get::<_, i64>(1));
        self.duration.observe(begun.elapsed().as_secs_f64());
        match pages {
            Ok(pages) => u64::try_from(pages).unwrap_or(0),
            Err(error) if is_no_space(&error) || is_locked(&error) || is_passing(&error) => {
                tracing::warn!(%error, "checkpoint of the log is postponed");
                0
            }
            Err(error) => {
                poison(&self.state, &format!("checkpoint of the log: {error}"));
                0
            }
        }
    }
}
