//! Counts over all items: how many run at once, on how many threads, and when nobody waits any more.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ownerline_projections::feedback::Part;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::QueryError;

/// Counts over more than one dealer that run at once; more wait. Each is over in seconds at most.
const COUNTS: usize = 2;

/// Threads of one count: each walks over all keys, so that many would stand in each other's way.
const MOST_THREADS: usize = 4;

/// One permit a count over more than one dealer: each may keep every core busy. Cheap to clone; clones share
/// the permits.
#[derive(Debug, Clone)]
pub struct Counts(Arc<Semaphore>);

impl Default for Counts {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(COUNTS)))
    }
}

impl Counts {
    /// Waits for its turn.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, QueryError> {
        let permit = self.0.clone().acquire_owned().await;
        permit.map_err(|_| QueryError::Closing)
    }
}

/// Raised when nobody waits for the answer any more.
#[derive(Clone, Default)]
pub(super) struct GivenUp(Arc<AtomicBool>);

impl GivenUp {
    pub(super) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Raises it when the call is dropped.
pub(super) struct Waiting(pub(super) GivenUp);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Counts all items in parts, each on a thread of its own, and merges what was counted.
pub(super) fn in_parts<C: Send>(
    mut whole: C,
    count: impl Fn(Part) -> Result<C, QueryError> + Sync,
    merge: impl Fn(&mut C, C),
    panicked: impl Fn() -> QueryError,
) -> Result<C, QueryError> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let counted: Vec<_> = thread::scope(|scope| {
        let parts = Part::split(cores.min(MOST_THREADS) as u64);
        let count = &count;
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || count(part))).collect();
        threads.into_iter().map(|thread| thread.join()).collect()
    });
    for part in counted {
        merge(&mut whole, part.map_err(|_| panicked())??);
    }
    Ok(whole)
}
