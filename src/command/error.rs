//! The errors of recording a touchpoint.

use ownerline_proto::Violations;
use thiserror::Error;

use crate::store::{AppendError, AppendOutcome, EventKey, Position, ReadError};

/// Why a touchpoint was not recorded.
#[derive(Debug, Clone, Error)]
pub enum CommandError {
    /// Fields are malformed.
    #[error("touchpoint is malformed in {} field(s)", violations.total())]
    Malformed {
        /// All violations.
        violations: Violations,
    },
    /// The encoded touchpoint is larger than the limit.
    #[error("touchpoint has {given} bytes, at most {limit} are taken")]
    TooLarge {
        /// The size, in bytes.
        given: u64,
        /// The limit, `limits.touchpoint_bytes`.
        limit: u64,
    },
    /// The source and id are recorded with other content.
    #[error("source and id are recorded with other content")]
    IdReused {
        /// The source and id.
        key: EventKey,
        /// Where the first content is.
        position: Position,
        /// The paths of the fields that differ, for example `touchpoint.occurred_at`; empty if they could not be read.
        fields: Vec<String>,
    },
    /// The log did not accept the append.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The log could not be read to answer a validate-only request.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl CommandError {
    /// Whether the touchpoint may be stored in spite of this error.
    #[must_use]
    pub fn outcome(&self) -> AppendOutcome {
        match self {
            Self::Append(error) => error.outcome(),
            Self::Malformed { .. }
            | Self::TooLarge { .. }
            | Self::IdReused { .. }
            | Self::Read(_) => AppendOutcome::NotAppended,
        }
    }
}
