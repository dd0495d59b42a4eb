//! How many lines of the log were lost, and why.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the lost lines of a queue.
#[derive(Debug, Default)]
pub(super) struct Losses {
    queue_full: AtomicU64,
    write_failed: AtomicU64,
}

/// Lines that were lost, since the start or since they were last reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LostLines {
    /// There was no room for them among the lines that wait.
    pub queue_full: u64,
    /// They could not be written.
    pub write_failed: u64,
}

impl Losses {
    pub(super) fn queue_full(&self, lines: u64) {
        self.queue_full.fetch_add(lines, Ordering::Relaxed);
    }

    pub(super) fn write_failed(&self) {
        self.write_failed.fetch_add(1, Ordering::Relaxed);
    }

    /// Everything that was lost so far.
    pub(super) fn total(&self) -> LostLines {
        LostLines {
            queue_full: self.queue_full.load(Ordering::Relaxed),
            write_failed: self.write_failed.load(Ordering::Relaxed),
        }
    }
}

impl LostLines {
    /// The number of lines.
    #[must_use]
    pub fn lines(self) -> u64 {
        self.queue_full.saturating_add(self.write_failed)
    }

    /// What was lost since `earlier`.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self {
            queue_full: self.queue_full.saturating_sub(earlier.queue_full),
            write_failed: self.write_failed.saturating_sub(earlier.write_failed),
        }
    }
}
