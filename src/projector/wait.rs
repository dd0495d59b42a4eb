//! Waiting until a view has applied a position: how a client reads what it has just written.

use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;

use super::status::Progress;
use crate::store::Position;

/// Why a view did not get to a position.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WaitError {
    /// Not within the time given.
    #[error("view stands at {reached}, not yet at the position asked for")]
    TimedOut {
        /// Where it is.
        reached: Position,
    },
    /// It stopped before, and will not get there.
    #[error("view stopped at {position}: {reason}")]
    Failed {
        /// The touchpoint it cannot handle.
        position: Position,
        /// Why.
        reason: String,
    },
    /// The projector has ended.
    #[error("projector is closing")]
    Closing,
}

/// Waits on what the runner publishes. Cancel safe.
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
