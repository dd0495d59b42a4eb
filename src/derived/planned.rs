//! Faults of index and views that a test switches on and off. No configuration reaches them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

/// The error of the system that a test wants, or none.
#[derive(Debug, Clone, Default)]
pub struct PlannedFault(Arc<AtomicI32>);

impl PlannedFault {
    /// Lets every access fail with this error number from now on; 0 for none.
    pub fn set(&self, number: i32) {
        self.0.store(number, Ordering::Relaxed);
    }

    /// Fails if a test wants it to.
    ///
    /// # Errors
    /// The error that was set.
    pub fn check(&self) -> io::Result<()> {
        match self.0.load(Ordering::Relaxed) {
            0 => Ok(()),
            number => Err(io::Error::from_raw_os_error(number)),
        }
    }
}

/// What of a derived database fails.
#[derive(Debug, Clone, Default)]
pub struct DerivedFaults {
    /// Reads of what is stored.
    pub reads: PlannedFault,
    /// Writes, and opening it.
    pub writes: PlannedFault,
}
