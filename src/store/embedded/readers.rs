//! A bounded pool of reader threads, each with a read-only connection of its own.

use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use prometheus_client::metrics::histogram::Histogram;
use tokio::sync::oneshot;

use super::reads::Reader;
use crate::store::ReadError;

type Job = Box<dyn FnOnce(&mut Reader) + Send>;

/// A pool of reader threads.
pub(super) struct ReaderPool {
    jobs: RwLock<Option<SyncSender<Job>>>,
    limit: usize,
    duration: Histogram,
}

/// The body of a reader thread.
pub(super) struct ReaderThread {
    reader: Reader,
    jobs: Arc<Mutex<Receiver<Job>>>,
}

impl ReaderPool {
    /// Returns a pool over these readers, and the bodies of its threads.
    pub(super) fn new(
        readers: Vec<Reader>,
        limit: usize,
        duration: Histogram,
    ) -> (Self, Vec<ReaderThread>) {
        let (sender, receiver) = mpsc::sync_channel(limit);
        let jobs = Arc::new(Mutex::new(receiver));
        let threads = readers
            .into_iter()
            .map(|reader| ReaderThread {
                reader,
                jobs: jobs.clone(),
            })
            .collect();
        let pool = Self {
            jobs: RwLock::new(Some(sender)),
            limit,
            duration,
        };
        (pool, threads)
    }

    /// Runs a read on a reader thread.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let begun = Instant::now();
        let (answer, answered) = oneshot::channel();
        self.submit(Box::new(move |reader| {
            // The caller may be gone.
            let _ = answer.send(read(reader));
        }))?;
        let answer = answered.await.unwrap_or(Err(ReadError::Closing));
        self.duration.observe(begun.elapsed().as_secs_f64());
        answer
    }

    fn submit(&self, job: Job) -> Result<(), ReadError> {
        let jobs = self.jobs.read().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = jobs.as_ref() else {
            return Err(ReadError::Closing);
        };
        sender.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => ReadError::Busy { limit: self.limit },
            TrySendError::Disconnected(_) => ReadError::Closing,
        })
    }

    /// Refuses further reads. The threads end after the queued ones.
    pub(super) fn close(&self) {
        let mut jobs = self.jobs.write().unwrap_or_else(PoisonError::into_inner);
        jobs.take();
    }
}

impl ReaderThread {
    pub(super) fn run(mut self) {
        loop {
            let job = {
                let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
                jobs.recv()
            };
            match job {
                Ok(job) => job(&mut self.reader),
                Err(mpsc::RecvError) => return,
            }
        }
    }
}
