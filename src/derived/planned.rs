//! Faults of index and views that a test switches on and off. No configuration sets them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

/// The system error that a test wants, or none.
#[derive(Debug, Clone, Default)]
pub struct PlannedFault(Arc<AtomicI32>);

impl PlannedFault {
    /// Makes every access fail with this error number from now on; 0 for none.
    pub fn set(&self, number: i32) {
        self.0.store(number, Ordering::Relaxed);
    }

    /// Fails with the planned error, if any.
    ///
    /// # Errors
    /// The planned error.
    pub fn check(&self) -> io::Result<()> {
        match self.0.load(Ordering::Relaxed) {
            0 => Ok(()),
            number => Err(io::Error::from_raw_os_error(number)),
        }
    }
}

/// The planned faults of a derived database.
#[derive(Debug, Clone, Default)]
pub struct DerivedFaults {
    /// The fault of reads.
    pub reads: PlannedFault,
    /// The fault of writes and of opening.
    pub writes: PlannedFault,
}
