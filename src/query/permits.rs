//! Counts over all items: how many run at once, on how many threads, and when they end because nobody waits any more.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ownerline_projections::AnswerError;
use ownerline_projections::feedback::{Part, RunParts};
use ownerline_projections::fold::state::StateError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::QueryError;

/// Threads of one count: each walks over all keys, so that many would stand in each other's way.
const MOST_THREADS: usize = 4;

/// Permits for counts that may keep every core busy: more of them wait. Clones share the permits.
#[derive(Debug, Clone)]
pub struct CountPermits(Arc<Semaphore>);

impl CountPermits {
    /// So many counts run at once.
    #[must_use]
    pub fn new(counts: usize) -> Self {
        Self(Arc::new(Semaphore::new(counts)))
    }

    /// Waits for a permit, which the count holds until it ends.
    pub(super) async fn acquire(&self) -> Result<OwnedSemaphorePermit, QueryError> {
        let permit = self.0.clone().acquire_owned().await;
        permit.map_err(|_| QueryError::Closing)
    }
}

/// Whether nobody waits for an answer any more.
#[derive(Debug, Clone, Default)]
pub(super) struct CancelFlag(Arc<AtomicBool>);

impl CancelFlag {
    pub(super) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Raises its flag when the call that waits for an answer is dropped.
#[derive(Debug, Default)]
pub(super) struct CancelOnDrop(CancelFlag);

impl CancelOnDrop {
    pub(super) fn flag(&self) -> CancelFlag {
        self.0.clone()
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Counts each part on a thread of its own.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Threads;

impl RunParts for Threads {
    fn run<C: Send>(
        &self,
        count: &(impl Fn(Part) -> Result<C, AnswerError> + Sync),
    ) -> Result<Vec<C>, AnswerError> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let counted: Vec<_> = thread::scope(|scope| {
            let parts = Part::split(cores.min(MOST_THREADS) as u64);
            let threads: Vec<_> = parts.map(|part| scope.spawn(move || count(part))).collect();
            threads.into_iter().map(|thread| thread.join()).collect()
        });
        let panicked = || StateError::Unreadable {
            reason: "a count has panicked".to_owned(),
        };
        let counted = counted.into_iter();
        counted
            .map(|part| part.map_err(|_| AnswerError::from(panicked()))?)
            .collect()
    }
}
