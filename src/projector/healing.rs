//! Faults of the views' database that pass: what was folded and not committed is let go of, the database is
//! opened again when its place takes files again, and the folds go on from their checkpoints.
//!
//! fjall refuses every write after one that failed until it is opened again, and a database is opened only
//! once, so everybody lets go of it first: queries for as long as a snapshot lives, rebuilds at once.

use tokio_util::sync::CancellationToken;

use super::current::Current;
use super::runner::{Next, Runner};
use super::status::ViewError;
use super::view_store::{Opened, ViewStore};
use super::worker::Worker;
use super::{ProjectorError, ProjectorOptions};
use crate::derived::{Backoff, probe};

/// Views that cannot be written for the moment.
pub(super) struct Trouble {
    pub(super) reason: String,
    backoff: Backoff,
}

impl Trouble {
    pub(super) fn new(reason: String, options: &ProjectorOptions) -> Self {
        Self {
            reason,
            backoff: Backoff::new(options.retry_from, options.retry_up_to),
        }
    }
}

impl Runner {
    /// Lets go of what was folded and not committed, after a fault that passes. Rebuilds begin again from
    /// what they have written.
    pub(super) async fn lose(&mut self, worker: Option<Worker>, reason: String) {
        let tickets = std::mem::take(&mut self.shadows);
        // The last to let go of a database waits for its threads.
        let dropped = tokio::task::spawn_blocking(move || drop(worker));
        if dropped.await.is_err() {
            tracing::warn!("views could not be let go of");
        }
        if !tickets.is_empty() {
            self.workshop.begin_again(tickets);
        }
        tracing::warn!(reason, "views cannot be written, trying again");
        self.trouble = Some(Trouble::new(reason, &self.options));
        self.tell_trouble();
    }

    /// Finds out whether the database still takes writes.
    pub(super) async fn examine(&mut self) {
        let Some(worker) = self.worker.take() else {
            return;
        };
        let examining = tokio::task::spawn_blocking(move || {
            let synced = worker.store().sync();
            (worker, synced)
        });
        match examining.await {
            Ok((worker, Ok(()))) => self.worker = Some(worker),
            Ok((worker, Err(error))) => self.lose(Some(worker), error.to_string()).await,
            Err(_) => self.fail("a look at the views was interrupted"),
        }
    }

    /// Waits, and tries to open the database again.
    pub(super) async fn heal(&mut self, token: &CancellationToken) -> Next {
        let Some(trouble) = &mut self.trouble else {
            return Next::Read;
        };
        let wait = trouble.backoff.wait();
        tokio::select! {
            () = token.cancelled() => return Next::End,
            () = tokio::time::sleep(wait) => {}
        }
        let (options, current) = (self.options.clone(), self.workshop.current.clone());
        let (log, head) = (self.store.identity(), self.head.borrow().position);
        let (views, reason) = (self.workshop.views.clone(), trouble.reason.clone());
        let opening = tokio::task::spawn_blocking(move || {
            probed(&options)?;
            current.close(&reason);
            ViewStore::open(&options, log, head, views, None)
        });
        match opening.await {
            Ok(Ok(opened)) => self.healed(opened),
            Ok(Err(error)) if error.is_passing() => {
                if let Some(trouble) = &mut self.trouble {
                    trouble.reason = error.to_string();
                }
                self.tell_trouble();
            }
            Ok(Err(error)) => self.give_up(&error.to_string()),
            Err(_) => self.give_up("opening the views was interrupted"),
        }
        Next::Read
    }

    fn healed(&mut self, opened: Opened) {
        let worker = Worker::of(opened.store.clone(), opened.driver);
        serve(&self.workshop.current, &worker);
        self.after = worker.position().unwrap_or_default();
        self.trouble = None;
        for (lane, progress) in worker.lanes().iter().zip(&self.progress) {
            let checkpoint = *lane.checkpoint();
            progress.send_modify(|now| {
                now.checkpoint = checkpoint;
                now.retrying = None;
                now.live = false;
            });
        }
        self.changes.send_modify(|count| *count += 1);
        tracing::info!(after = %self.after, "views can be written again");
        self.worker = Some(worker);
    }

    fn give_up(&mut self, reason: &str) {
        self.trouble = None;
        self.fail(reason);
    }

    /// Says of every view why it waits, and since when.
    fn tell_trouble(&self) {
        let Some(trouble) = &self.trouble else { return };
        let at = self.options.clock.now();
        for progress in &self.progress {
            progress.send_modify(|now| {
                let since = now.retrying.as_ref().map_or(at, |before| before.at);
                now.retrying = Some(ViewError {
                    position: now.position(),
                    message: trouble.reason.clone(),
                    at: since,
                });
            });
        }
        self.changes.send_modify(|count| *count += 1);
    }
}

/// Lets the views of a worker answer.
pub(super) fn serve(current: &Current, worker: &Worker) {
    let lanes = worker.lanes().iter();
    let keyspaces = lanes.map(|lane| lane.state().keyspace().clone());
    current.open(worker.store().clone(), keyspaces.collect());
}

/// Whether the place of the views takes files again.
fn probed(options: &ProjectorOptions) -> Result<(), ProjectorError> {
    let path = options.data.join(super::view_store::VIEWS);
    let probed = options.faults.writes.check().and_then(|()| probe(&path));
    probed.map_err(|error| ProjectorError::Waiting {
        path: path.display().to_string(),
        reason: error.to_string(),
    })
}
