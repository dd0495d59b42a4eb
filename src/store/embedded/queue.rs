//! The bounded way to the writer: how many events may be on it, and what travels on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::oneshot;

use super::check::Prepared;
use crate::store::{AppendError, Appended};

/// What the writer is told.
pub(super) enum Command {
    /// Store this.
    Append(Request),
    /// Let the file grow to this many pages at most.
    #[cfg(test)]
    LimitPages(u32),
    /// Finish what is queued before this, and end.
    Close,
}

/// An append that waits for its answer.
pub(super) struct Request {
    pub(super) prepared: Prepared,
    pub(super) answer: oneshot::Sender<Result<Appended, AppendError>>,
    /// Held until the answer is out.
    pub(super) room: Room,
}

impl Request {
    /// Gives the room back first, so that whoever was answered finds it free.
    pub(super) fn answer(self, answer: Result<Appended, AppendError>) {
        drop(self.room);
        // Whoever asked may be gone; what was stored stays.
        let _ = self.answer.send(answer);
    }
}

/// Counts the events between admission and answer.
#[derive(Clone)]
pub(super) struct Queue {
    used: Arc<AtomicUsize>,
    limit: usize,
}

/// Room for some events; given back when dropped.
pub(super) struct Room {
    used: Arc<AtomicUsize>,
    events: usize,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            used: Arc::default(),
            limit,
        }
    }

    /// Events between admission and answer.
    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Takes room for `events`, or says that there is none.
    pub(super) fn admit(&self, events: usize) -> Result<Room, AppendError> {
        let more = |used: usize| {
            let used = used.checked_add(events)?;
            (used <= self.limit).then_some(used)
        };
        match self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
        {
            Ok(_) => Ok(Room {
                used: self.used.clone(),
                events,
            }),
            Err(_) => Err(AppendError::QueueFull { limit: self.limit }),
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.used.fetch_sub(self.events, Ordering::Relaxed);
    }
}
