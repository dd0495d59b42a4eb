//! Waits until a view has applied what its reader requires, so that a client can read its own writes and never reads a
//! part of the history.

use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;

use super::status::Progress;
use crate::store::Position;

/// What a reader requires of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    /// Everything up to this position; nothing after it matters, because the reader asks what was known there.
    KnownAt(Position),
    /// Everything up to this position, and everything that the log held when the view was opened: the reader asks what
    /// is known now.
    Now(Position),
}

impl Required {
    /// The position that a view must have reached, which was opened while the log ended at `answers_from`.
    pub(super) fn of(self, answers_from: Position) -> Position {
        match self {
            Self::KnownAt(position) => position,
            Self::Now(position) => position.max(answers_from),
        }
    }
}

/// A view did not reach a position.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WaitError {
    /// The timeout passed.
    #[error("view stands at {reached}, not yet at {wanted}")]
    TimedOut {
        /// The position of the view.
        reached: Position,
        /// The position that it should have.
        wanted: Position,
    },
    /// The timeout passed while the view, which has not caught up since it was opened, could not be written.
    #[error("view cannot go on for the moment: {reason}")]
    Retrying {
        /// What it waits for.
        reason: String,
    },
    /// The view stopped before the position.
    #[error("view stopped at {position}: {reason}")]
    Failed {
        /// The touchpoint that it cannot handle.
        position: Position,
        /// Why.
        reason: String,
    },
    /// The projector has ended.
    #[error("projector is closing")]
    Closing,
}

/// Waits on the published progress. Cancel safe.
pub(super) async fn wait_for(
    mut progress: watch::Receiver<Progress>,
    required: Required,
    timeout: Duration,
) -> Result<(), WaitError> {
    let last = progress.clone();
    let has_arrived = |now: &Progress| now.position() >= required.of(now.answers_from);
    let arrived = progress.wait_for(|now| has_arrived(now) || now.stopped.is_some() || now.closed);
    match tokio::time::timeout(timeout, arrived).await {
        Ok(Ok(now)) if has_arrived(&now) => Ok(()),
        Ok(Ok(now)) => match &now.stopped {
            Some(error) => Err(WaitError::Failed {
                position: error.position,
                reason: error.message.clone(),
            }),
            None => Err(WaitError::Closing),
        },
        Ok(Err(_)) => Err(WaitError::Closing),
        Err(_) => {
            let last = last.borrow();
            Err(match &last.retrying {
                Some(trouble) if last.is_behind() => WaitError::Retrying {
                    reason: trouble.message.clone(),
                },
                _ => WaitError::TimedOut {
                    reached: last.position(),
                    wanted: required.of(last.answers_from),
                },
            })
        }
    }
}
