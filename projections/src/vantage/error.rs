//! Why a question has no answer.

use ownerline_proto::Violation;
use thiserror::Error;

use crate::advocacy::ModelError;
use crate::fold::state::StateError;
use crate::person::identity::IdentityError;
use crate::timeline::TimelineError;

/// Why a question has no answer from here.
#[derive(Debug, Clone, Error)]
pub enum AnswerError {
    /// No touchpoint known at the position names it, or the viewer may not know of it.
    #[error("no {what} {id:?} is known at this position")]
    Unknown {
        /// The kind of thing, for example `owner`.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A filter names something that no touchpoint known at the position names.
    #[error("{field}: no {what} {name:?} is known at this position")]
    UnknownName {
        /// The field of the request.
        field: &'static str,
        /// The kind of thing, for example `dealer`.
        what: &'static str,
        /// The name.
        name: String,
        /// Known names that differ little, the nearest first; never those of owners.
        nearest: Vec<String>,
    },
    /// More ids are linked than are answered as one person.
    #[error("more than {limit} ids are linked to owner {owner_id:?}")]
    TooManyIdentities {
        /// The owner.
        owner_id: String,
        /// [`crate::person::identity::MAX_IDENTITIES`].
        limit: usize,
    },
    /// The policy that the question supposes cannot be applied.
    #[error("what_if cannot be applied")]
    Supposed {
        /// Everything that is wrong with it, by the field of the request.
        violations: Vec<Violation>,
    },
    /// The model of scores in force cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The answer needs more of the network than the viewer may see.
    #[error("{what} is answered for the whole network only")]
    OutOfScope {
        /// What was asked for.
        what: &'static str,
    },
    /// The state of a view cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
}

impl From<IdentityError> for AnswerError {
    fn from(error: IdentityError) -> Self {
        TimelineError::from(error).into()
    }
}

impl From<TimelineError> for AnswerError {
    fn from(error: TimelineError) -> Self {
        match error {
            TimelineError::UnknownOwner { owner_id, .. } => Self::Unknown {
                what: "owner",
                id: owner_id,
            },
            TimelineError::TooManyIdentities { owner_id, limit } => {
                Self::TooManyIdentities { owner_id, limit }
            }
            TimelineError::State(error) => Self::State(error),
        }
    }
}
