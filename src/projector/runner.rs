//! The task of the projector: catches up, then follows the head; publishes after every commit.

use std::time::Duration;

use ownerline_projections::driver::Lane;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::ProjectorOptions;
use super::applied::{Announcer, Touched};
use super::status::{Progress, ViewError};
use super::view_state::PendingState;
use super::worker::Worker;
use crate::store::{EventFilter, Head, Position, ReadAll, ReadError, Scanned, SharedStore};

/// Everything the task owns.
pub(super) struct Runner {
    store: SharedStore,
    head: watch::Receiver<Head>,
    /// Lent to a blocking thread while it applies a batch; gone if that thread panicked.
    worker: Option<Worker>,
    progress: Vec<watch::Sender<Progress>>,
    announcer: Announcer,
    options: ProjectorOptions,
    token: CancellationToken,
    /// Everything up to here was read.
    after: Position,
    /// The wait before the next attempt to read, while the log cannot be read.
    backoff: Option<Duration>,
}

/// What is told after every commit, and to whom.
pub(super) struct Publishing {
    /// How far each view is, in the order of the worker's views.
    pub progress: Vec<watch::Sender<Progress>>,
    /// What was touched.
    pub announcer: Announcer,
}

/// Whether the task goes on.
enum Next {
    Read,
    Wait,
    End,
}

impl Runner {
    pub(super) fn new(
        store: SharedStore,
        head: watch::Receiver<Head>,
        worker: Worker,
        publishing: Publishing,
        options: ProjectorOptions,
        token: CancellationToken,
    ) -> Self {
        let Publishing {
            progress,
            announcer,
        } = publishing;
        Self {
            store,
            head,
            after: worker.position().unwrap_or_default(),
            worker: Some(worker),
            progress,
            announcer,
            options,
            token,
            backoff: None,
        }
    }

    /// Runs until the token is cancelled or the store closes.
    pub(super) async fn run(mut self) {
        let token = self.token.clone();
        loop {
            let next = match self.idle() {
                true => Next::Wait,
                false => self.step(&token).await,
            };
            match next {
                Next::Read => {}
                Next::End => break,
                Next::Wait => tokio::select! {
                    () = token.cancelled() => break,
                    changed = self.head.changed() => if changed.is_err() { break },
                },
            }
        }
        self.close().await;
    }

    /// Whether there is nothing to read: at the head, or no view is left that would go on.
    fn idle(&mut self) -> bool {
        let head = self.head.borrow_and_update().position;
        let Some(worker) = &self.worker else {
            return true;
        };
        if worker.position().is_none() {
            return true;
        }
        if self.after >= head {
            for progress in &self.progress {
                progress.send_if_modified(|now| !std::mem::replace(&mut now.live, true));
            }
            return true;
        }
        false
    }

    /// Reads one batch and applies it.
    async fn step(&mut self, token: &CancellationToken) -> Next {
        let read = ReadAll {
            after: self.after,
            filter: EventFilter::default(),
            max: self.options.batch_events,
        };
        let scanned = tokio::select! {
            biased;
            () = token.cancelled() => return Next::End,
            scanned = self.store.read_all(read) => scanned,
        };
        match scanned {
            Ok(scanned) if scanned.through > self.after => {
                self.backoff = None;
                self.apply(scanned).await;
                Next::Read
            }
            Ok(_) => {
                let message = format!("log answers nothing behind {}", self.after);
                self.back_off(message, token).await
            }
            Err(ReadError::Closing) => Next::End,
            Err(error) => self.back_off(error.to_string(), token).await,
        }
    }

    async fn apply(&mut self, scanned: Scanned) {
        let Some(mut worker) = self.worker.take() else {
            return;
        };
        self.after = scanned.through;
        self.note_unapplied(worker.lanes(), &scanned);
        let mut touched = Touched::new(self.announcer.is_heard(), self.options.clock.now());
        let work = tokio::task::spawn_blocking(move || {
            let applied = worker.apply(&scanned.events, &mut touched);
            (worker, scanned, applied.map(|()| touched))
        });
        let touched = match work.await {
            Ok((worker, scanned, Ok(touched))) => {
                self.publish(worker.lanes(), &scanned);
                self.worker = Some(worker);
                touched
            }
            // The folds are ahead of what is committed: nothing can go on from here.
            Ok((_, _, Err(reason))) => {
                self.fail(&format!("views cannot be written: {reason}"));
                Touched::default()
            }
            Err(_) => {
                self.fail("a fold panicked");
                Touched::default()
            }
        };
        // Who hears it finds what was published before.
        self.announcer.announce(self.after, touched);
    }

    /// Says, before the work begins, since when each view is behind.
    fn note_unapplied(&self, lanes: &[Lane<PendingState>], scanned: &Scanned) {
        for (lane, progress) in lanes.iter().zip(&self.progress) {
            if lane.stopped().is_none() {
                let oldest = oldest_behind(lane, scanned);
                progress.send_if_modified(|now| {
                    now.oldest_unapplied = oldest;
                    false
                });
            }
        }
    }

    /// Says what was committed.
    fn publish(&self, lanes: &[Lane<PendingState>], scanned: &Scanned) {
        let head = self.head.borrow().position;
        for (lane, progress) in lanes.iter().zip(&self.progress) {
            if progress.borrow().stopped.is_some() {
                continue;
            }
            let checkpoint = *lane.checkpoint();
            let stopped = lane.stopped().map(|stopped| {
                self.stop(
                    lane.view().name(),
                    stopped.position,
                    stopped.error.to_string(),
                )
            });
            progress.send_modify(|now| {
                now.checkpoint = checkpoint;
                now.live = scanned.at_head || checkpoint.position >= head.0;
                now.stopped = stopped;
                now.unread = None;
                now.oldest_unapplied = oldest_behind(lane, scanned);
            });
        }
    }

    /// Stops every view that has not stopped before: the states in memory are of no use any more.
    fn fail(&self, reason: &str) {
        for progress in &self.progress {
            progress.send_if_modified(|now| {
                let fails = now.stopped.is_none();
                if fails {
                    let at = now.position().0;
                    now.stopped = Some(self.stop("every view", at, reason.to_owned()));
                }
                fails
            });
        }
    }

    fn stop(&self, view: &str, position: u64, message: String) -> ViewError {
        tracing::error!(view, position, error = %message, "view stopped");
        ViewError {
            position: Position(position),
            message,
            at: self.options.clock.now(),
        }
    }

    /// Says that the log cannot be read, and waits before the next attempt.
    async fn back_off(&mut self, message: String, token: &CancellationToken) -> Next {
        let wait = match self.backoff {
            Some(before) => before.saturating_mul(2).min(self.options.retry_up_to),
            None => {
                tracing::warn!(after = %self.after, error = %message, "log cannot be read, trying again");
                self.options.retry_from
            }
        };
        self.backoff = Some(wait);
        let at = self.options.clock.now();
        for progress in &self.progress {
            progress.send_modify(|now| {
                now.unread = Some(ViewError {
                    position: now.position(),
                    message: message.clone(),
                    at,
                });
            });
        }
        tokio::select! {
            () = token.cancelled() => Next::End,
            () = tokio::time::sleep(wait) => Next::Read,
        }
    }

    /// Syncs, and tells those who wait that nothing more will come.
    async fn close(mut self) {
        if let Some(worker) = self.worker.take() {
            let synced = tokio::task::spawn_blocking(move || worker.sync());
            if synced.await.is_err() {
                tracing::warn!("views could not be synced");
            }
        }
        for progress in &self.progress {
            progress.send_modify(|now| now.closed = true);
        }
    }
}

/// `recorded_at` of the first event of a batch that a view has not applied. Behind a batch that did
/// not reach the head nothing is known yet but that it is not older than the batch's last.
fn oldest_behind(lane: &Lane<PendingState>, scanned: &Scanned) -> Option<i64> {
    let applied = lane.checkpoint().position;
    let mut events = scanned.events.iter();
    match events.find(|event| event.position.0 > applied) {
        Some(event) => Some(event.recorded_at),
        None if scanned.at_head => None,
        None => scanned.events.last().map(|event| event.recorded_at),
    }
}
