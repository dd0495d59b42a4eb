//! Rebuilds views from the start of the log, beside those that serve, and hands them over when they have caught up. Each
//! view has one rebuild at a time; several begun together share one reading of the log.

mod status;
mod task;
mod ticket;
mod workshop;

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use status::{RebuildPhase, RebuildStatus};
pub(super) use ticket::Ticket;
pub(super) use workshop::{HANDOVERS, Handover, Workshop};

/// All rebuilds of a projector.
pub(super) struct Rebuilds {
    workshop: Workshop,
    /// In the order of the views: the running rebuild, or the last one.
    seats: Mutex<Vec<Option<Seat>>>,
}

struct Seat {
    status: watch::Receiver<RebuildStatus>,
    cancel: CancellationToken,
}

impl Seat {
    fn is_taken(&self) -> bool {
        // Without a sender no task works on it any more.
        self.status.has_changed().is_ok() && !self.status.borrow().is_over()
    }
}

impl Rebuilds {
    pub(super) fn new(workshop: Workshop) -> Self {
        let seats = workshop.views.iter().map(|_| None).collect();
        Self {
            workshop,
            seats: Mutex::new(seats),
        }
    }

    /// Begins a rebuild of these views, given by index; running ones go on. Returns the status of each, in the same order;
    /// none if the projector is ending.
    pub(super) fn begin(&self, views: &[usize]) -> Vec<watch::Receiver<RebuildStatus>> {
        if self.workshop.token.is_cancelled() {
            return Vec::new();
        }
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tickets = Vec::new();
        let mut watched = Vec::new();
        let now = self.workshop.options.clock.now();
        for index in views {
            let (Some(seat), Some(view)) = (seats.get_mut(*index), self.workshop.views.get(*index))
            else {
                continue;
            };
            let status = match seat.as_ref().filter(|seat| seat.is_taken()) {
                Some(taken) => taken.status.clone(),
                None => {
                    let (ticket, status, cancel) = Ticket::new(*index, *view, now);
                    tickets.push(ticket);
                    *seat = Some(Seat {
                        status: status.clone(),
                        cancel,
                    });
                    status
                }
            };
            watched.push(status);
        }
        drop(seats);
        if !tickets.is_empty() {
            self.workshop.begin_again(tickets);
        }
        watched
    }

    /// Cancels the running rebuilds of these views.
    pub(super) fn cancel(&self, views: &[usize]) -> Vec<watch::Receiver<RebuildStatus>> {
        let seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let seats = views.iter().filter_map(|index| seats.get(*index)?.as_ref());
        let taken = seats.filter(|seat| seat.is_taken());
        taken
            .map(|seat| {
                seat.cancel.cancel();
                seat.status.clone()
            })
            .collect()
    }

    /// The status of the running rebuild of a view, or of the last one.
    pub(super) fn status(&self, view: usize) -> Option<RebuildStatus> {
        let seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let seat = seats.get(view)?.as_ref()?;
        let status = seat.status.borrow().clone();
        Some(status)
    }
}
