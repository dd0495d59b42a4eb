//! Checkpoints of the write-ahead log, on a thread of their own.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::Connection;

/// How long a checkpoint that makes the writer wait may itself wait for readers.
const RESTART_PATIENCE: Duration = Duration::from_millis(200);

/// The checkpoint thread.
pub(super) struct Checkpointer {
    pub(super) connection: Connection,
    pub(super) hints: Receiver<()>,
    pub(super) interval: Duration,
    pub(super) wal_limit_bytes: u64,
    pub(super) page_bytes: u64,
}

impl Checkpointer {
    /// Works until the writer is gone; then empties the write-ahead log.
    pub(super) fn run(self) {
        if let Err(error) = self.connection.busy_timeout(RESTART_PATIENCE) {
            tracing::warn!(%error, "checkpoints wait longer than they should");
        }
        loop {
            let hint = self.hints.recv_timeout(self.interval);
            if hint == Err(RecvTimeoutError::Disconnected) {
                self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)");
                return;
            }
            // Passive makes nobody wait, but cannot start over while the writer keeps appending.
            let pages = self.checkpoint("PRAGMA wal_checkpoint(PASSIVE)");
            if pages.saturating_mul(self.page_bytes) >= self.wal_limit_bytes {
                self.checkpoint("PRAGMA wal_checkpoint(RESTART)");
            }
        }
    }

    /// Answers how many pages the write-ahead log has. A failure is not one of the log: what it holds
    /// is safe in the write-ahead log, and the next checkpoint tries again.
    fn checkpoint(&self, sql: &str) -> u64 {
        let pages = self
            .connection
            .query_row(sql, [], |row| row.get::<_, i64>(1));
        match pages {
            Ok(pages) => u64::try_from(pages).unwrap_or(0),
            Err(error) => {
                tracing::warn!(%error, "checkpoint of the log failed");
                0
            }
        }
    }
}
