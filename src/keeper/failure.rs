//! The failures of a round, and whether a retry helps.

use ownerline_projections::fold::state::StateError;
use thiserror::Error;
use tokio::task::JoinError;

use crate::command::CommandError;
use crate::projector::{SnapshotError, WaitError};
use crate::store::{AppendError, ReadError};

/// Why a round failed.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The views did not reach the head.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// The views could not be opened.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The views could not be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The log did not accept a touchpoint.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// An examination panicked or was cancelled.
    #[error("examination was interrupted: {0}")]
    Interrupted(#[from] JoinError),
    /// The touchpoint of the first start was imported.
    #[error("the touchpoint that says since when obligations are kept was imported")]
    StartIsImported,
    /// The touchpoint of the first start is missing although it was just recorded.
    #[error("the touchpoint that says since when obligations are kept is not found")]
    StartIsMissing,
}

impl Failure {
    /// Returns whether no retry helps until the server is restarted.
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
