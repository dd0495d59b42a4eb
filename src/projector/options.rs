//! The limits of the projector, all configurable.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::ProjectorError;
use crate::derived::DerivedFaults;
use crate::runtime::{Clock, SystemClock};

const MIB: u64 = 1024 * 1024;

/// The directory of the views, and the limits of the projector.
#[derive(Clone)]
pub struct ProjectorOptions {
    /// The data directory; the views are in its folder `views`.
    pub data: PathBuf,
    /// The most events of one atomic write, at least 1. Live events do not wait for a batch to fill up.
    pub batch_events: usize,
    /// The block cache of all views together, in bytes.
    pub cache_bytes: u64,
    /// The most table files open at once, for all views together.
    pub cached_files: usize,
    /// The journal of all views together, in bytes, at least 64 MiB; opening after a kill replays it.
    pub journal_bytes: u64,
    /// The write buffer of each view, in bytes, at least 1 MiB.
    pub write_buffer_bytes: u64,
    /// The number of events behind the head from which views catch up in bulk: decoded ahead, folded in memory, and
    /// written as sorted tables.
    pub bulk_events: u64,
    /// The bytes folded in memory before a bulk write, at least 1 MiB; a rebuild beside the serving views takes as much
    /// again.
    pub bulk_bytes: usize,
    /// The first wait after a failed read of the log; it doubles up to `retry_up_to`.
    pub retry_from: Duration,
    /// The longest wait after a failed read of the log.
    pub retry_up_to: Duration,
    /// Faults injected by tests.
    pub faults: DerivedFaults,
    /// The clock for the instants of errors and statuses.
    pub clock: Arc<dyn Clock>,
}

impl ProjectorOptions {
    /// The defaults for a data directory.
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
