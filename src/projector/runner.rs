//! The runner, which is the task of the projector: it catches up, then follows the head, and publishes after every commit.

use std::sync::Arc;
use std::time::Duration;

use ownerline_projections::fold::driver::Lane;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::ahead::Batch;
use super::applied::{Announcer, Touched};
use super::rebuild::{Handover, Ticket, Workshop};
use super::status::Progress;
use super::trouble::Trouble;
use super::view_error::ViewError;
use super::view_state::PendingState;
use super::worker::{WorkError, Worker};
use super::{Decoder, ProjectorOptions};
use crate::store::{EventFilter, Head, Position, ReadAll, ReadError, SharedStore};

/// Everything the task owns.
pub(super) struct Runner {
    pub(super) store: SharedStore,
    pub(super) head: watch::Receiver<Head>,
    /// Lent to a blocking thread while it applies a batch; gone if that thread panicked. Its first lanes are the serving
    /// views, the others those of `shadows`.
    pub(super) worker: Option<Worker>,
    decoder: Arc<Decoder>,
    pub(super) progress: Vec<watch::Sender<Progress>>,
    announcer: Announcer,
    pub(super) changes: watch::Sender<u64>,
    /// Set while the views cannot be written.
    pub(super) trouble: Option<Trouble>,
    pub(super) workshop: Workshop,
    handovers: mpsc::Receiver<Handover>,
    /// Generations from rebuilds that catch up with those that serve.
    pub(super) shadows: Vec<Ticket>,
    pub(super) options: ProjectorOptions,
    token: CancellationToken,
    /// The last position read.
    pub(super) after: Position,
    /// The greatest position ever read; shadows may send the reading back.
    pub(super) reached: Position,
    /// The waits between attempts, while the log cannot be read.
    backoff: Option<Duration>,
}

/// The channels of the runner: published progress and announcements, and incoming handovers.
pub(super) struct Publishing {
    /// The progress of each view, in the order of the worker's views.
    pub progress: Vec<watch::Sender<Progress>>,
    /// Announces what each commit touched.
    pub announcer: Announcer,
    /// Counts changes of the views' states.
    pub changes: watch::Sender<u64>,
    /// The resources of rebuilds.
    pub workshop: Workshop,
    /// The results of rebuilds.
    pub handovers: mpsc::Receiver<Handover>,
}

/// How folded batches are committed.
pub(super) enum Commit {
    /// Through the journal, all views at once.
    Journal,
    /// As sorted tables.
    Tables,
    /// Not now.
    Later,
}

/// Whether the task goes on.
pub(super) enum Next {
    Read,
    Wait,
    End,
}

impl Runner {
    pub(super) fn new(
        store: SharedStore,
        head: watch::Receiver<Head>,
        worker: Option<Worker>,
        publishing: Publishing,
        options: ProjectorOptions,
        token: CancellationToken,
    ) -> Self {
        let position = worker.as_ref().and_then(Worker::position);
        let after = position.unwrap_or_default();
        Self {
            store,
            head,
            after,
            reached: after,
            worker,
            decoder: Arc::new(Decoder::new()),
            progress: publishing.progress,
            announcer: publishing.announcer,
            changes: publishing.changes,
            trouble: None,
            workshop: publishing.workshop,
            handovers: publishing.handovers,
            shadows: Vec::new(),
            options,
            token,
            backoff: None,
        }
    }

    /// Runs until the token is cancelled or the store closes.
    pub(super) async fn run(mut self) {
        let (token, ailing) = (self.token.clone(), self.workshop.ailing.clone());
        loop {
            while let Ok(handover) = self.handovers.try_recv() {
                self.adopt(handover).await;
            }
            self.settle().await;
            let next = match self.idle() {
                _ if self.trouble.is_some() => self.heal(&token).await,
                true => Next::Wait,
                false if self.is_far_behind() => self.catch_up(&token).await,
                false => self.step(&token).await,
            };
            match next {
                Next::Read => {}
                Next::End => break,
                Next::Wait => tokio::select! {
                    () = token.cancelled() => break,
                    changed = self.head.changed() => if changed.is_err() { break },
                    Some(handover) = self.handovers.recv() => self.adopt(handover).await,
                    () = ailing.notified() => self.examine().await,
                },
            }
        }
        self.close().await;
    }

    /// Whether there is nothing to read: the runner is at the head, or every view has stopped.
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
                self.recovered();
                let decoder = self.decoder.clone();
                let decoding =
                    tokio::task::spawn_blocking(move || Batch::of(&decoder, &scanned)).await;
                match decoding {
                    Ok(batch) => self.apply(batch).await,
                    Err(_) => self.fail("decoding was interrupted"),
                }
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

    async fn apply(&mut self, batch: Batch) {
        let touched = Touched::new(self.announcer.is_heard());
        self.note_unapplied(&batch);
        let folded = self.fold(batch, touched, |_, _| Commit::Journal).await;
        if let Some((batch, touched)) = folded {
            self.publish(&batch);
            self.announce(touched);
        }
    }

    /// Folds a batch in a blocking thread and commits as `commit` decides. `None` if the views cannot go on.
    pub(super) async fn fold(
        &mut self,
        batch: Batch,
        mut touched: Touched,
        commit: impl FnOnce(&Worker, &Batch) -> Commit + Send + 'static,
    ) -> Option<(Batch, Touched)> {
        let mut worker = self.worker.take()?;
        self.after = batch.through;
        self.reached = self.reached.max(self.after);
        let work = tokio::task::spawn_blocking(move || {
            let folded = worker.fold(&batch, &mut touched);
            let done = folded.and_then(|()| match commit(&worker, &batch) {
                Commit::Journal => worker.commit(),
                Commit::Tables => worker.ingest(),
                Commit::Later => Ok(()),
            });
            (worker, batch, done.map(|()| touched))
        });
        // The folds are ahead of the last commit, so the views can only resume from their checkpoints.
        match work.await {
            Ok((worker, batch, Ok(touched))) => {
                self.worker = Some(worker);
                return Some((batch, touched));
            }
            Ok((worker, _, Err(WorkError::Passing(reason)))) => {
                self.lose(Some(worker), reason).await;
                return None;
            }
            Ok((_, _, Err(WorkError::Final(reason)))) => {
                self.fail(&format!("views cannot be written: {reason}"));
            }
            Err(_) => self.fail("a fold panicked"),
        }
        self.announce(Touched::default());
        None
    }

    /// Notes that the log can be read again.
    pub(super) fn recovered(&mut self) {
        self.backoff = None;
    }

    /// Announces what was touched. Progress is published first, so a listener sees it.
    pub(super) fn announce(&self, touched: Touched) {
        self.announcer.announce(self.reached, touched);
    }

    /// Publishes, before the work begins, since when each view is behind.
    pub(super) fn note_unapplied(&self, batch: &Batch) {
        let lanes = self.worker.as_ref().map(Worker::lanes).unwrap_or_default();
        for (lane, progress) in lanes.iter().zip(&self.progress) {
            if lane.stopped().is_none() {
                let oldest = batch.oldest_after(lane.checkpoint().position);
                progress.send_if_modified(|now| {
                    now.oldest_unapplied = oldest;
                    false
                });
            }
        }
    }

    /// Publishes the progress after a commit.
    pub(super) fn publish(&self, batch: &Batch) {
        let head = self.head.borrow().position;
        let lanes = self.worker.as_ref().map(Worker::lanes).unwrap_or_default();
        let (mut changed, mut caught_up) = (false, false);
        for (lane, progress) in lanes.iter().zip(&self.progress) {
            if progress.borrow().stopped.is_some() {
                continue;
            }
            let checkpoint = *lane.checkpoint();
            let stopped = self.stopped(lane);
            changed |= stopped.is_some();
            progress.send_modify(|now| {
                let was_behind = now.is_behind();
                now.checkpoint = checkpoint;
                now.live = batch.at_head || checkpoint.position >= head;
                now.stopped = stopped;
                now.unread = None;
                now.oldest_unapplied = batch.oldest_after(checkpoint.position);
                caught_up |= was_behind && !now.is_behind();
            });
        }
        // Whoever is told of the change finds all of it.
        if changed || caught_up {
            self.changes.send_modify(|count| *count += 1);
        }
        if caught_up && !self.progress.iter().any(|it| it.borrow().is_behind()) {
            tracing::info!(
                position = batch.through.0,
                "every view has caught up and answers"
            );
        }
    }

    fn stopped(&self, lane: &Lane<PendingState>) -> Option<ViewError> {
        let stopped = lane.stopped()?;
        let message = stopped.error.to_string();
        Some(self.stop(lane.view().name, stopped.position, message))
    }

    /// Stops every running view, because the states in memory are unusable.
    pub(super) fn fail(&self, reason: &str) {
        for progress in &self.progress {
            progress.send_if_modified(|now| {
                let fails = now.stopped.is_none();
                if fails {
                    let at = now.position();
                    now.stopped = Some(self.stop("every view", at, reason.to_owned()));
                }
                fails
            });
        }
        self.changes.send_modify(|count| *count += 1);
    }

    fn stop(&self, view: &str, position: Position, message: String) -> ViewError {
        tracing::error!(view, position = position.0, error = %message, "view stopped");
        ViewError {
            position,
            message,
            at: self.options.clock.now(),
        }
    }

    /// Publishes that the log cannot be read, and waits before the next attempt.
    pub(super) async fn back_off(&mut self, message: String, token: &CancellationToken) -> Next {
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

    /// Syncs, and publishes that the runner has ended.
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
