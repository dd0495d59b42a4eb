//! The queue of the writer: its commands, and the bound on the events in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::oneshot;

use super::check::Prepared;
use crate::store::{AppendError, Appended};

/// A command to the writer.
pub(super) enum Command {
    /// Stores these events.
    Append(Request),
    /// Limits the file to this many pages.
    #[cfg(test)]
    LimitPages(u32),
    /// Ends the writer after everything queued before.
    Close,
}

/// A queued append.
pub(super) struct Request {
    pub(super) prepared: Prepared,
    pub(super) answer: oneshot::Sender<Result<Appended, AppendError>>,
    /// Held until the answer is sent.
    pub(super) room: Room,
}

impl Request {
    /// Releases the room, then answers, so that a caller who was answered finds it free.
    pub(super) fn answer(self, answer: Result<Appended, AppendError>) {
        drop(self.room);
        // The caller may be gone.
        let _ = self.answer.send(answer);
    }
}

/// Counts the events between admission and answer, up to a limit.
#[derive(Clone)]
pub(super) struct Queue {
    used: Arc<AtomicUsize>,
    limit: usize,
}

/// Room for some events in the queue; released when dropped.
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

    /// The number of events between admission and answer.
    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Takes room for `events`.
    ///
    /// # Errors
    /// [`AppendError::QueueFull`] if there is not enough.
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
