//! Waits until a view has applied a position, so that a client can read its own writes.

use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;

use super::status::Progress;
use crate::store::Position;

/// A view did not reach a position.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WaitError {
    /// The timeout passed.
    #[error("view stands at {reached}, not yet at the position asked for")]
    TimedOut {
        /// The position of the view.
        reached: Position,
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
    wanted: Position,
    timeout: Duration,
) -> Result<(), WaitError> {
    let last = progress.clone();
    let arrived =
        progress.wait_for(|now| now.position() >= wanted || now.stopped.is_some() || now.closed);
    match tokio::time::timeout(timeout, arrived).await {
        Ok(Ok(now)) if now.position() >= wanted => Ok(()),
        Ok(Ok(now)) => match &now.stopped {
            Some(error) => Err(WaitError::Failed {
                position: error.position,
                reason: error.message.clone(),
            }),
            None => Err(WaitError::Closing),
        },
        Ok(Err(_)) => Err(WaitError::Closing),
        Err(_) => Err(WaitError::TimedOut {
            reached: last.borrow().position(),
        }),
    }
}
