//! The task of one rebuild, which reads the log from the start, folds it into new generations, and hands them over near
//! the head.

use std::time::Duration;

use futures::future::select_all;
use ownerline_projections::Driver;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::ticket::Ticket;
use super::workshop::{Handover, Workshop};
use crate::projector::ahead::{Batch, ReadAhead};
use crate::projector::applied::Touched;
use crate::projector::generations::generation_name;
use crate::projector::view_error::ViewError;
use crate::projector::view_store::{AddError, add};
use crate::projector::worker::{WorkError, Worker};
use crate::store::ReadError;

pub(super) struct Task {
    workshop: Workshop,
    /// In the order of the worker's lanes.
    tickets: Vec<Ticket>,
    /// Lent to a blocking thread while it folds.
    worker: Option<Worker>,
    backoff: Option<Duration>,
    /// Cancelled when the database must be released.
    closing: CancellationToken,
}

/// How one pass along the log ended.
enum Pass {
    /// It reached the head.
    AtHead,
    /// It ended early: try again.
    Short,
    /// The database is closed or cannot be written for the moment: resume from the committed state.
    Lost,
    /// The rebuild was cancelled, or the server is ending.
    Ended,
}

/// The result of opening the new generations.
enum Opening {
    Done,
    /// A transient fault, with its reason.
    Later(String),
    /// The rebuild has failed.
    Never,
}

impl Task {
    pub(super) fn new(workshop: Workshop, tickets: Vec<Ticket>) -> Self {
        Self {
            workshop,
            tickets,
            worker: None,
            backoff: None,
            closing: CancellationToken::new(),
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            if self.worker.is_none() {
                match self.open().await {
                    Opening::Done => {}
                    Opening::Later(reason) => match self.back_off(&reason).await {
                        Pass::Ended => return,
                        _ => continue,
                    },
                    Opening::Never => return,
                }
            }
            match self.follow().await {
                Pass::Short => {}
                Pass::Lost => self.release_database().await,
                Pass::AtHead => return self.hand_over().await,
                // The committed state stays, and the next start resumes from it.
                Pass::Ended => return self.save().await,
            }
        }
    }

    /// Releases the database, so that it can be closed.
    async fn release_database(&mut self) {
        let worker = self.worker.take();
        if tokio::task::spawn_blocking(move || drop(worker))
            .await
            .is_err()
        {
            tracing::warn!("a rebuild could not let go of the views");
        }
    }

    /// Opens or creates the new generations.
    async fn open(&mut self) -> Opening {
        let Some((store, closing)) = self.workshop.current.store() else {
            return Opening::Later("the views are not open".to_owned());
        };
        self.closing = closing;
        let generations = store.generations().clone();
        let views: Vec<_> = self.tickets.iter().map(|it| it.view).collect();
        let opening = tokio::task::spawn_blocking(move || {
            let mut driver = Driver::default();
            let mut begun = Vec::with_capacity(views.len());
            for view in views {
                let (generation, resumed) = generations.begin(&view)?;
                let name = generation_name(&view, generation);
                add(&generations, &mut driver, view, &name)?;
                begun.push((generation, resumed));
            }
            Ok::<_, AddError>((Worker::of(store, driver), begun))
        });
        let reason = match opening.await {
            Ok(Ok((worker, begun))) => {
                let told = self.tickets.iter_mut().zip(begun).zip(worker.lanes());
                for ((ticket, (generation, resumed)), lane) in told {
                    ticket.numbered(generation, resumed);
                    ticket.reached(lane.checkpoint());
                    let (view, position) = (ticket.name(), lane.checkpoint().position);
                    tracing::info!(
                        view,
                        generation,
                        resumed,
                        position = position.0,
                        "rebuild begins"
                    );
                }
                self.worker = Some(worker);
                return Opening::Done;
            }
            Ok(Err(error)) if error.is_passing() => return Opening::Later(error.to_string()),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "opening was interrupted".to_owned(),
        };
        self.fail_all(&format!("new generation cannot be opened: {reason}"))
            .await;
        Opening::Never
    }

    /// Follows the log until its head, or until it cannot go on.
    async fn follow(&mut self) -> Pass {
        let Some(after) = self.worker.as_ref().and_then(Worker::position) else {
            return Pass::Ended;
        };
        let (store, options) = (self.workshop.store.clone(), &self.workshop.options);
        let mut ahead = ReadAhead::start(store, after, options.batch_events);
        loop {
            self.abandon_ended().await;
            if self.tickets.is_empty() {
                return Pass::Ended;
            }
            let token = self.workshop.token.clone();
            let cancelled = select_all(self.tickets.iter().map(|it| Box::pin(it.cancelled())));
            let read = tokio::select! {
                biased;
                () = token.cancelled() => return Pass::Ended,
                _ = cancelled => continue,
                () = self.closing.cancelled() => return Pass::Lost,
                read = ahead.next() => read,
            };
            match read {
                None => return Pass::Short,
                Some(Err(ReadError::Closing)) => return Pass::Ended,
                Some(Err(error)) => return self.back_off(&error.to_string()).await,
                Some(Ok(batch)) if batch.through <= after && !batch.at_head => {
                    let reason = format!("log answers nothing behind {after}");
                    return self.back_off(&reason).await;
                }
                Some(Ok(batch)) => {
                    self.backoff = None;
                    let at_head = batch.at_head;
                    if let Some(way) = self.fold(batch).await {
                        return way;
                    }
                    if at_head {
                        self.abandon_ended().await;
                        return match self.tickets.is_empty() {
                            true => Pass::Ended,
                            false => Pass::AtHead,
                        };
                    }
                }
            }
        }
    }

    /// Folds a batch. Returns how the pass ended, if it did.
    async fn fold(&mut self, batch: Batch) -> Option<Pass> {
        let Some(mut worker) = self.worker.take() else {
            return Some(Pass::Ended);
        };
        let most = self.workshop.options.bulk_bytes;
        let work = tokio::task::spawn_blocking(move || {
            let mut folded = worker.fold(&batch, &mut Touched::default());
            if folded.is_ok() && (batch.at_head || worker.uncommitted() >= most) {
                folded = worker.ingest();
            }
            (worker, folded)
        });
        let reason = match work.await {
            Ok((worker, Ok(()))) => {
                for (ticket, lane) in self.tickets.iter_mut().zip(worker.lanes()) {
                    ticket.reached(lane.checkpoint());
                }
                self.worker = Some(worker);
                return None;
            }
            Ok((worker, Err(WorkError::Passing(reason)))) => {
                self.worker = Some(worker);
                self.release_database().await;
                self.workshop.ailing.notify_one();
                return Some(match self.back_off(&reason).await {
                    Pass::Ended => Pass::Ended,
                    _ => Pass::Lost,
                });
            }
            Ok((_, Err(WorkError::Final(reason)))) => {
                format!("new generation cannot be written: {reason}")
            }
            Err(_) => "a fold panicked".to_owned(),
        };
        self.fail_all(&reason).await;
        Some(Pass::Ended)
    }

    /// Abandons views whose rebuild was cancelled or has stopped.
    async fn abandon_ended(&mut self) {
        let now = self.workshop.options.clock.now();
        let mut place = 0;
        while let Some(ticket) = self.tickets.get(place) {
            let lane = self.worker.as_ref().and_then(|it| it.lanes().get(place));
            let stopped = lane
                .and_then(|lane| lane.stopped())
                .map(|stopped| ViewError {
                    position: stopped.position,
                    message: stopped.error.to_string(),
                    at: now,
                });
            if stopped.is_none() && !ticket.is_cancelled() {
                place += 1;
                continue;
            }
            let ticket = self.tickets.remove(place);
            // The state must be dropped before its keyspace.
            drop(self.worker.as_mut().and_then(|it| it.release(place)));
            self.workshop.abandon(ticket, stopped).await;
        }
    }

    async fn fail_all(&mut self, reason: &str) {
        self.worker = None;
        let at = self.workshop.options.clock.now();
        for ticket in std::mem::take(&mut self.tickets) {
            let failure = ViewError {
                position: ticket.position(),
                message: reason.to_owned(),
                at,
            };
            self.workshop.abandon(ticket, Some(failure)).await;
        }
    }

    async fn back_off(&mut self, error: &str) -> Pass {
        let options = &self.workshop.options;
        let wait = match self.backoff {
            Some(before) => before.saturating_mul(2).min(options.retry_up_to),
            None => {
                tracing::warn!(error, "rebuild cannot go on, trying again");
                options.retry_from
            }
        };
        self.backoff = Some(wait);
        tokio::select! {
            () = self.workshop.token.cancelled() => Pass::Ended,
            () = sleep(wait) => Pass::Short,
        }
    }

    /// Hands the generations over to the runner.
    async fn hand_over(mut self) {
        let Some(mut worker) = self.worker.take() else {
            return;
        };
        let mut lanes = Vec::with_capacity(self.tickets.len());
        while let Some(lane) = worker.release(0) {
            lanes.push(lane);
        }
        for ticket in &self.tickets {
            ticket.switching();
        }
        let handover = Handover {
            lanes,
            tickets: self.tickets,
        };
        // If the runner has ended, the next start resumes from here.
        let _ = self.workshop.handovers.send(handover).await;
    }

    /// Writes the folded state, so that the next start resumes there.
    async fn save(mut self) {
        if let Some(mut worker) = self.worker.take().filter(|_| !self.tickets.is_empty()) {
            let saved = tokio::task::spawn_blocking(move || worker.ingest());
            if let Ok(Err(error)) = saved.await {
                tracing::warn!(
                    ?error,
                    "rebuild was not saved, the next start repeats a part"
                );
            }
        }
    }
}

impl Workshop {
    /// Begins these rebuilds, or resumes them from their committed state.
    pub(in crate::projector) fn begin_again(&self, tickets: Vec<Ticket>) {
        let task = Task::new(self.clone(), tickets);
        self.tasks.spawn(task.run());
    }

    /// Drops the generation built for a view, then publishes why the rebuild ended.
    pub(in crate::projector) async fn abandon(&self, ticket: Ticket, failure: Option<ViewError>) {
        let store = self.current.store();
        let view = ticket.view;
        let dropped = tokio::task::spawn_blocking(move || match store {
            Some((store, _)) => store.generations().abandon(&view),
            // The next start finds the generation and resumes it.
            None => Ok(()),
        });
        if let Ok(Err(error)) = dropped.await {
            tracing::warn!(view = ticket.name(), %error, "what was built stays for now");
        }
        match failure {
            Some(failure) => ticket.failed(failure),
            None => ticket.ended_by_request(),
        }
    }
}
