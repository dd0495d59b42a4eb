//! The limits of the projector, all configurable.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::ProjectorError;
use crate::derived::DerivedFaults;
use crate::runtime::{Clock, SystemClock};

const MIB: u64 = 1024 * 1024;

/// Where the views are, and the limits of the task that feeds them.
#[derive(Clone)]
pub struct ProjectorOptions {
    /// The data directory; the views are in its folder `views`.
    pub data: PathBuf,
    /// Events applied in one atomic write at most, from 1. Live events are not held back for more.
    pub batch_events: usize,
    /// Block cache of all views together, in bytes.
    pub cache_bytes: u64,
    /// Files of tables that stay open at once, all views together.
    pub cached_files: usize,
    /// Journal of all views together, in bytes, from 64 MiB; opening after a kill replays it.
    pub journal_bytes: u64,
    /// Write buffer of each view, in bytes, from 1 MiB.
    pub write_buffer_bytes: u64,
    /// How many events a view must be behind for catching up in bulk: decoded ahead, folded in memory,
    /// and written as sorted tables.
    pub bulk_events: u64,
    /// What is folded in memory before it is written in bulk, in bytes, from 1 MiB; a rebuild beside the
    /// running views takes as much again.
    pub bulk_bytes: usize,
    /// The wait before a failed read of the log is tried again; doubles up to `retry_up_to`.
    pub retry_from: Duration,
    /// The longest wait before a failed read of the log is tried again.
    pub retry_up_to: Duration,
    /// Faults that a test wants.
    pub faults: DerivedFaults,
    /// Says when something failed; nothing else depends on it.
    pub clock: Arc<dyn Clock>,
}

impl ProjectorOptions {
    /// Defaults for a data directory.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            batch_events: 4_096,
            cache_bytes: 128 * MIB,
            cached_files: 256,
            journal_bytes: 64 * MIB,
            write_buffer_bytes: 16 * MIB,
            bulk_events: 50_000,
            bulk_bytes: 64 << 20,
            retry_from: Duration::from_millis(50),
            retry_up_to: Duration::from_secs(5),
            faults: DerivedFaults::default(),
            clock: Arc::new(SystemClock),
        }
    }

    pub(super) fn check(&self) -> Result<(), ProjectorError> {
        for (option, given, least) in [
            ("batch_events", self.batch_events as u64, 1),
            ("journal_bytes", self.journal_bytes, 64 * MIB),
            ("write_buffer_bytes", self.write_buffer_bytes, MIB),
            ("bulk_bytes", self.bulk_bytes as u64, MIB),
        ] {
            if given < least {
                return Err(ProjectorError::OptionTooSmall {
                    option,
                    given,
                    least,
                });
            }
        }
        Ok(())
    }
}
