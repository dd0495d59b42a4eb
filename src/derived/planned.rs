//! Faults and delays of index and views that a test switches on and off. No configuration sets them.

use std::io;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

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

/// Holds whoever passes it while the [`Latch`] that it belongs to is closed: a thread that heeds nothing else.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Shared>);

/// Closes and opens its gate. Dropping it opens the gate, so that a test which fails ends.
#[derive(Debug, Default)]
pub struct Latch(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct GateState {
    /// What lies beyond this number is held; `None`: nothing.
    closed_beyond: Option<u64>,
    held: usize,
}

impl Latch {
    /// The gate.
    #[must_use]
    pub fn gate(&self) -> Gate {
        Gate(self.0.clone())
    }

    /// Holds whatever lies beyond this number from now on, and lets the rest pass.
    pub fn close_beyond(&self, number: u64) {
        self.0.change(|state| state.closed_beyond = Some(number));
    }

    /// Lets everything pass.
    pub fn open(&self) {
        self.0.change(|state| state.closed_beyond = None);
    }

    /// The number of threads that are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.0.state().held
    }
}

impl Drop for Latch {
    fn drop(&mut self) {
        self.open();
    }
}

impl Gate {
    /// Passes with this number, or waits until it may.
    pub fn pass(&self, number: u64) {
        let mut state = self.0.state();
        state.held += 1;
        let is_held = |now: &mut GateState| now.closed_beyond.is_some_and(|limit| number > limit);
        let waited = self.0.changed.wait_while(state, is_held);
        waited.unwrap_or_else(PoisonError::into_inner).held -= 1;
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, GateState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut GateState)) {
        change(&mut self.state());
        self.changed.notify_all();
    }
}

/// The planned faults and delays of a derived database.
#[derive(Debug, Clone, Default)]
pub struct DerivedFaults {
    /// The fault of reads.
    pub reads: PlannedFault,
    /// The fault of writes and of opening.
    pub writes: PlannedFault,
    /// Holds the folds of views at a batch that ends beyond a position.
    pub folds: Option<Gate>,
    /// Holds the answers computed from views once they have taken their snapshot. They pass with 1.
    pub answers: Option<Gate>,
}
