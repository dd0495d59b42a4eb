//! Why a query was not answered.

use std::time::Duration;

use ownerline_projections::AnswerError;
use ownerline_projections::advocacy::ModelError;
use ownerline_projections::fold::state::StateError;
use ownerline_proto::Violation;
use thiserror::Error;
use tokio::task::JoinError;

use super::position::{PositionError, PositionText};
use super::token::TokenError;
use crate::projector::SnapshotError;
use crate::store::{Position, ReadError};

/// What can keep a view from being read.
pub(super) trait ViewFault: ToString {
    /// Whether it goes away by itself.
    fn is_passing(&self) -> bool {
        false
    }
}

impl ViewFault for StateError {
    fn is_passing(&self) -> bool {
        matches!(self, Self::Waiting { .. })
    }
}

impl ViewFault for SnapshotError {
    fn is_passing(&self) -> bool {
        matches!(self, Self::State(error) if error.is_passing())
    }
}

impl ViewFault for ModelError {}

impl ViewFault for JoinError {}

impl ViewFault for String {}

impl ViewFault for &str {}

impl QueryError {
    /// A view that cannot be read, for the moment or at all.
    pub(super) fn of_view(view: &str, fault: &impl ViewFault) -> Self {
        let (view, reason) = (view.to_owned(), fault.to_string());
        match fault.is_passing() {
            true => Self::ViewWaiting { view, reason },
            false => Self::ViewUnreadable { view, reason },
        }
    }

    /// The error of a pure answer from views of which `view` is the first.
    pub(super) fn of_answer(view: &str, error: AnswerError) -> Self {
        match error {
            AnswerError::Unknown { what, id } => Self::Unknown { what, id },
            AnswerError::UnknownName {
                field,
                what,
                name,
                nearest,
            } => Self::UnknownName {
                field,
                what,
                name,
                nearest,
            },
            AnswerError::TooManyIdentities { owner_id, limit } => {
                Self::TooManyIdentities { owner_id, limit }
            }
            AnswerError::Supposed { violations } => Self::Supposed { violations },
            AnswerError::OutOfScope { what } => Self::OutOfScope { what },
            AnswerError::Model(error) => Self::of_view(view, &error),
            AnswerError::State(StateError::Abandoned) => Self::Abandoned,
            AnswerError::State(error) => Self::of_view(view, &error),
        }
    }
}

/// A read model did not reach a position in time.
#[derive(Debug, Clone, Error)]
#[error("the read model {view} stands at {reached} and did not reach {wanted} within {waited:?}")]
pub struct NotYet {
    /// Its name.
    pub view: String,
    /// Where it should be.
    pub wanted: Position,
    /// Where it is.
    pub reached: Position,
    /// How positions are written for the caller.
    pub text: PositionText,
    /// How long was waited.
    pub waited: Duration,
}

/// Why a query was not answered.
#[derive(Debug, Clone, Error)]
pub enum QueryError {
    /// No touchpoint known at the asked position names it.
    #[error("no {what} {id:?} is known at this position")]
    Unknown {
        /// What was asked for, for example `owner`.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// A filter asks for a name that no touchpoint known at the asked position names.
    #[error(
        "{field}: no {what} {name:?} is known at this position{}",
        known_by(what, nearest)
    )]
    UnknownName {
        /// The field.
        field: &'static str,
        /// What was asked for, for example `dealer`.
        what: &'static str,
        /// Which.
        name: String,
        /// Known names that differ little, the nearest first; never of owners.
        nearest: Vec<String>,
    },
    /// It was asked what was known before anything was recorded.
    #[error("known_at.instant is before the log begins, at {}", rfc3339(*begins_at))]
    BeforeLog {
        /// When the first touchpoint was recorded (nanoseconds since the Unix epoch).
        begins_at: i64,
    },
    /// A position of the request cannot be used.
    #[error("{field}: {source}")]
    Position {
        /// The field.
        field: &'static str,
        /// Why.
        source: PositionError,
    },
    /// The log has not reached the asked position.
    #[error("{field} is behind the end of the log")]
    BehindEnd {
        /// The field.
        field: &'static str,
    },
    /// The page token cannot be used.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The page is larger than the limit.
    #[error("page_size is {given}, at most {limit} entries are answered")]
    PageTooLarge {
        /// Entries asked for.
        given: usize,
        /// `limits.page_entries`.
        limit: usize,
    },
    /// The supposed policy cannot be used with the policies that are published.
    #[error("the supposed policy cannot be used")]
    Supposed {
        /// Every reason, by the field of the request.
        violations: Vec<Violation>,
    },
    /// The answer needs more of the network than whoever asks may see.
    #[error("{what} is answered for the whole network only")]
    OutOfScope {
        /// What was asked for.
        what: &'static str,
    },
    /// More ids are linked than are answered as one person.
    #[error("more than {limit} ids are linked to owner {owner_id:?}")]
    TooManyIdentities {
        /// The owner.
        owner_id: String,
        /// At most.
        limit: usize,
    },
    /// More models of scores are in force than everybody is scored by.
    #[error(
        "{given} models are in force in different markets, everybody is scored by at most {limit}"
    )]
    TooManyModels {
        /// In force.
        given: usize,
        /// At most.
        limit: usize,
    },
    /// As many answers of a sort that takes long as are computed at once are being computed.
    #[error("{limit} {what} are being computed already")]
    Busy {
        /// Of what sort.
        what: &'static str,
        /// At most.
        limit: usize,
    },
    /// The read model did not reach the position in time.
    #[error(transparent)]
    NotYet(#[from] NotYet),
    /// The read model stopped at a touchpoint it cannot handle.
    #[error("the read model {view} has stopped: {reason}")]
    ViewFailed {
        /// Its name.
        view: String,
        /// Why.
        reason: String,
    },
    /// What the read model keeps cannot be read for the moment; a retry helps.
    #[error("the read model {view} cannot be read for the moment: {reason}")]
    ViewWaiting {
        /// Its name.
        view: String,
        /// What it waits for.
        reason: String,
    },
    /// What the read model keeps cannot be read.
    #[error("the read model {view} cannot be read: {reason}")]
    ViewUnreadable {
        /// Its name.
        view: String,
        /// Why.
        reason: String,
    },
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A stored touchpoint is not what the schema says.
    #[error("touchpoint at {position} cannot be decoded: {reason}")]
    Undecodable {
        /// Where.
        position: Position,
        /// Why.
        reason: String,
    },
    /// Nobody waits for the answer any more, so its computation ended early; nobody is told.
    #[error("nobody waits for the answer any more")]
    Abandoned,
    /// The server is stopping.
    #[error("server is stopping")]
    Closing,
}

/// By what a name would be known, and `; did you mean a, b?`.
fn known_by(what: &str, nearest: &[String]) -> String {
    let by = match what {
        "dealer" => ", by registration or by feedback",
        _ => "",
    };
    match nearest {
        [] => by.to_owned(),
        names => format!("{by}; did you mean {}?", names.join(", ")),
    }
}

fn rfc3339(nanos: i64) -> String {
    jiff::Timestamp::from_nanosecond(nanos.into())
        .map_or_else(|_| nanos.to_string(), |it| it.to_string())
}
