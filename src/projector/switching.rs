//! The end of a rebuild: a new generation follows the log beside the one that serves, until both are at the same
//! position and it takes over.

use super::generations::{Comparison, Verdict};
use super::rebuild::{Handover, Ticket};
use super::runner::Runner;
use super::view_error::ViewError;
use super::worker::{Change, WorkError, Worker};

impl Runner {
    /// Adopts generations from a rebuild. They may be behind the serving ones, or ahead of them.
    pub(super) async fn adopt(&mut self, handover: Handover) {
        let Handover { lanes, tickets } = handover;
        if self.trouble.is_some() {
            drop(lanes);
            self.workshop.begin_again(tickets);
            return;
        }
        let Some(worker) = &mut self.worker else {
            drop(lanes);
            for ticket in tickets {
                let failure = self.failure("the views have stopped; restart the server");
                self.workshop.abandon(ticket, Some(failure)).await;
            }
            return;
        };
        for lane in lanes {
            worker.adopt(lane);
        }
        self.shadows.extend(tickets);
        if let Some(position) = worker.position() {
            self.after = self.after.min(position);
        }
    }

    /// Switches to every generation that has caught up, all at one instant, and drops those that were cancelled or have
    /// stopped. Everything folded must be committed.
    pub(super) async fn settle(&mut self) {
        if self.shadows.is_empty() {
            return;
        }
        self.drop_ended_shadows().await;
        let changes = self.ready();
        if changes.is_empty() {
            return;
        }
        let Some(mut worker) = self.worker.take() else {
            return;
        };
        let (current, now) = (self.workshop.current.clone(), self.options.clock.now());
        let switching = tokio::task::spawn_blocking(move || {
            let switched = worker.switch(&changes, &current, now);
            (worker, changes, switched)
        });
        match switching.await {
            Ok((worker, changes, Ok(compared))) => {
                self.worker = Some(worker);
                self.publish_switch(&changes, compared);
            }
            Ok((worker, _, Err(WorkError::Passing(reason)))) => {
                self.lose(Some(worker), reason).await;
            }
            Ok((worker, changes, Err(WorkError::Final(reason)))) => {
                self.worker = Some(worker);
                let failure = self.failure(&format!("the switch cannot be written: {reason}"));
                for change in changes.iter().rev() {
                    self.drop_shadow(change.shadow, Some(failure.clone())).await;
                }
            }
            Err(_) => self.fail("a switch of generations panicked"),
        }
    }

    /// Returns the generations that can take over now. A stopped view is replaced as soon as its replacement has reached
    /// the position of the other views.
    fn ready(&self) -> Vec<Change> {
        let Some(worker) = &self.worker else {
            return Vec::new();
        };
        let lanes = worker.lanes();
        let shadows = self.shadows.iter().enumerate();
        let ready = shadows.filter_map(|(place, ticket)| {
            let shadow = self.progress.len() + place;
            let (serving, built) = (lanes.get(ticket.index)?, lanes.get(shadow)?);
            let caught_up = match serving.stopped() {
                Some(_) => self.after >= self.reached,
                None => serving.checkpoint().position == built.checkpoint().position,
            };
            let former = self.progress.get(ticket.index)?.borrow().generation;
            caught_up.then(|| Change {
                index: ticket.index,
                shadow,
                former,
                generation: ticket.generation(),
            })
        });
        ready.collect()
    }

    /// Publishes that new generations serve.
    fn publish_switch(&mut self, changes: &[Change], compared: Vec<Comparison>) {
        // From the last to the first, so that indexes stay valid.
        for (change, comparison) in changes.iter().zip(compared).rev() {
            let place = change.shadow.saturating_sub(self.progress.len());
            if place >= self.shadows.len() {
                continue;
            }
            let ticket = self.shadows.remove(place);
            log_switch(&ticket, &comparison);
            let lanes = self.worker.as_ref().map(Worker::lanes).unwrap_or_default();
            let progress = self.progress.get(change.index);
            if let (Some(lane), Some(progress)) = (lanes.get(change.index), progress) {
                let (checkpoint, head) = (*lane.checkpoint(), self.head.borrow().position);
                progress.send_modify(|now| {
                    now.checkpoint = checkpoint;
                    now.stopped = None;
                    now.retrying = None;
                    now.live |= checkpoint.position >= head;
                    now.generation = comparison.generation;
                    now.compared = Some(comparison.clone());
                });
            }
            self.changes.send_modify(|count| *count += 1);
            ticket.done(comparison);
        }
    }

    async fn drop_ended_shadows(&mut self) {
        for place in (0..self.shadows.len()).rev() {
            let shadow = self.progress.len() + place;
            let lane = self.worker.as_ref().and_then(|it| it.lanes().get(shadow));
            let stopped = lane
                .and_then(|lane| lane.stopped())
                .map(|stopped| ViewError {
                    position: stopped.position,
                    message: stopped.error.to_string(),
                    at: self.options.clock.now(),
                });
            let cancelled = self.shadows.get(place).is_some_and(Ticket::is_cancelled);
            if let Some(stopped) = stopped {
                self.drop_shadow(shadow, Some(stopped)).await;
            } else if self.worker.is_none() {
                let failure = self.failure("the views have stopped; restart the server");
                self.drop_shadow(shadow, Some(failure)).await;
            } else if cancelled {
                self.drop_shadow(shadow, None).await;
            }
        }
    }

    async fn drop_shadow(&mut self, shadow: usize, failure: Option<ViewError>) {
        let place = shadow.saturating_sub(self.progress.len());
        if place >= self.shadows.len() {
            return;
        }
        let ticket = self.shadows.remove(place);
        // The state must be dropped before its keyspace.
        drop(self.worker.as_mut().and_then(|it| it.release(shadow)));
        self.workshop.abandon(ticket, failure).await;
    }

    fn failure(&self, message: &str) -> ViewError {
        ViewError {
            position: self.reached,
            message: message.to_owned(),
            at: self.options.clock.now(),
        }
    }
}

fn log_switch(ticket: &Ticket, comparison: &Comparison) {
    let (view, generation) = (ticket.name(), comparison.generation);
    let (position, count) = (comparison.position, comparison.count);
    match comparison.verdict {
        Verdict::Equal => {
            tracing::info!(view, generation, %position, count, "rebuild took over, certificates agree");
        }
        Verdict::FormerStopped => {
            tracing::info!(view, generation, %position, count, "rebuild took over from a view that had stopped");
        }
        Verdict::Different => tracing::error!(
            view,
            generation,
            %position,
            count,
            former_count = comparison.former_count,
            hash = %comparison.hash,
            former_hash = %comparison.former_hash,
            "rebuild took over, certificates differ: the former generation was damaged"
        ),
    }
}
