//! Why a touchpoint was not recorded.

use ownerline_proto::Violation;
use thiserror::Error;

use crate::store::{AppendError, AppendOutcome, ReadError};

/// Why a touchpoint was not recorded.
#[derive(Debug, Clone, Error)]
pub enum CommandError {
    /// Fields are malformed; all of them are listed.
    #[error("touchpoint is malformed in {} field(s)", violations.len())]
    Malformed {
        /// Every violation.
        violations: Vec<Violation>,
    },
    /// The encoded touchpoint is larger than the limit.
    #[error("touchpoint has {given} bytes, at most {limit} are taken")]
    TooLarge {
        /// Bytes given.
        given: u64,
        /// `limits.touchpoint_bytes`.
        limit: u64,
    },
    /// The log did not take it.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The log could not be read to answer a validate-only request.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl CommandError {
    /// What this error says about the touchpoint.
    #[must_use]
    pub fn outcome(&self) -> AppendOutcome {
        match self {
            Self::Append(error) => error.outcome(),
            Self::Malformed { .. } | Self::TooLarge { .. } | Self::Read(_) => {
                AppendOutcome::NotAppended
            }
        }
    }
}
