//! Faults and delays of index and views that a test switches on and off. No configuration sets them.

use std::io;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

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

/// A gate that holds whoever comes to it, for as long as a test wants: a thread that heeds nothing else.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<Shared>);

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

impl Gate {
    /// Holds whatever lies beyond this number from now on, and lets the rest pass.
    pub fn close_beyond(&self, number: u64) {
        self.change(|state| state.closed_beyond = Some(number));
    }

    /// Lets everything pass.
    pub fn open(&self) {
        self.change(|state| state.closed_beyond = None);
    }

    /// The number of threads that are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.0
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .held
    }

    /// Passes with this number, or waits until it may.
    pub fn pass(&self, number: u64) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.held += 1;
        let mut state = self
            .0
            .changed
            .wait_while(state, |now| {
                now.closed_beyond.is_some_and(|limit| number > limit)
            })
            .unwrap_or_else(PoisonError::into_inner);
        state.held -= 1;
    }

    fn change(&self, change: impl FnOnce(&mut GateState)) {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.changed.notify_all();
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
