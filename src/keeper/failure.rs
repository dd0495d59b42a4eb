//! Why a round fails, and whether trying again helps.

use ownerline_projections::fold::state::StateError;
use thiserror::Error;
use tokio::task::JoinError;

use crate::command::CommandError;
use crate::projector::{SnapshotError, WaitError};
use crate::store::{AppendError, ReadError};

/// Why a round did not come to its end.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// The log does not answer.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The views do not get to the head.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// The views do not open.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The views do not answer.
    #[error(transparent)]
    State(#[from] StateError),
    /// The log does not take it.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A look was cut off.
    #[error("look was interrupted: {0}")]
    Interrupted(#[from] JoinError),
    /// What the log says about the beginning came by import.
    #[error("the touchpoint that says since when obligations are kept was imported")]
    StartIsImported,
    /// What was just recorded is not found.
    #[error("the touchpoint that says since when obligations are kept is not found")]
    StartIsMissing,
}

impl Failure {
    /// Whether trying again is in vain until the server is started anew.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Command(CommandError::Append(error)) => matches!(
                error,
                AppendError::Poisoned { .. }
                    | AppendError::WriteFailed { .. }
                    | AppendError::Closing
            ),
            Self::Read(ReadError::Closing) | Self::Wait(WaitError::Closing) => true,
            Self::StartIsImported => true,
            _ => false,
        }
    }
}
