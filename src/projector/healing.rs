//! Recovers from transient faults of the views' database: drops uncommitted folds, reopens the database when its
//! directory takes files again, and resumes the folds from their checkpoints.
//!
//! After a failed write fjall refuses every further one until it is reopened, and a database can be open only once, so
//! everybody releases it first: queries when their snapshots end, rebuilds at once.

use tokio_util::sync::CancellationToken;

use super::current::Current;
use super::runner::{Next, Runner};
use super::trouble::Trouble;
use super::view_error::ViewError;
use super::view_store::{Opened, ViewStore};
use super::worker::Worker;
use super::{ProjectorError, ProjectorOptions};
use crate::derived::probe;

impl Runner {
    /// Drops uncommitted folds after a transient fault. Rebuilds resume from their committed state.
    pub(super) async fn lose(&mut self, worker: Option<Worker>, reason: String) {
        let tickets = std::mem::take(&mut self.shadows);
        // Dropping the last reference to a database waits for its threads.
        let dropped = tokio::task::spawn_blocking(move || drop(worker));
        if dropped.await.is_err() {
            tracing::warn!("views could not be released");
        }
        if !tickets.is_empty() {
            self.workshop.begin_again(tickets);
        }
        tracing::warn!(reason, "views cannot be written, trying again");
        self.trouble = Some(Trouble::new(reason, &self.options));
        self.publish_trouble();
    }

    /// Checks whether the database still takes writes.
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
            Err(_) => self.fail("checking the views was interrupted"),
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
                self.publish_trouble();
            }
            Ok(Err(error)) => self.give_up(&error.to_string()),
            Err(_) => self.give_up("opening the views was interrupted"),
        }
        Next::Read
    }

    fn healed(&mut self, opened: Opened) {
        let worker = Worker::of(opened.store.clone(), opened.driver);
        let head = self.head.borrow().position;
        for (lane, progress) in worker.lanes().iter().zip(&self.progress) {
            // A view that was dropped is built anew in its place. This is published before it can be read.
            progress.send_if_modified(|now| {
                if lane.checkpoint().position < now.position() {
                    now.answers_from = head;
                }
                false
            });
        }
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

    /// Publishes for every view the fault it waits for, and since when.
    fn publish_trouble(&self) {
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

/// Makes the views of a worker available to queries.
pub(super) fn serve(current: &Current, worker: &Worker) {
    let lanes = worker.lanes().iter();
    let keyspaces = lanes.map(|lane| lane.state().keyspace().clone());
    current.open(worker.store().clone(), keyspaces.collect());
}

/// Checks that the directory of the views takes files again.
fn probed(options: &ProjectorOptions) -> Result<(), ProjectorError> {
    let path = options.data.join(super::view_store::VIEWS);
    let probed = options.faults.writes.check().and_then(|()| probe(&path));
    probed.map_err(|error| ProjectorError::Waiting {
        path: path.display().to_string(),
        reason: error.to_string(),
    })
}
