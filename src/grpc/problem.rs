//! Everything a caller can be told, apart from how it travels: one value per way of failing, each with
//! its code, its stable reason and its advice. `docs/errors.md` lists them for people.

use std::time::Duration;

use ownerline_proto::Violation;
use tonic::Code;

use crate::command::CommandError;
use crate::query::{PositionError, QueryError, TokenError};
use crate::store::{AppendError, Expected, ReadError, Revision};

/// What a caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    /// ErrorInfo metadata: facts a program may act on.
    pub(crate) metadata: Vec<(&'static str, String)>,
    pub(crate) violations: Vec<Violation>,
    /// A retry of the same request helps after this long.
    pub(crate) retry_after: Option<Duration>,
    /// What is not there: (type, name).
    pub(crate) resource: Option<(&'static str, String)>,
}

/// Queues drain in milliseconds; this is long enough not to make it worse.
const RETRY_QUEUE: Duration = Duration::from_millis(100);
const RETRY_VIEW: Duration = Duration::from_millis(250);
const RETRY_RESTART: Duration = Duration::from_secs(1);

impl Problem {
    pub(crate) fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            metadata: Vec::new(),
            violations: Vec::new(),
            retry_after: None,
            resource: None,
        }
    }

    fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.metadata.push((key, value.to_string()));
        self
    }

    fn retry(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    pub(crate) fn malformed(violations: Vec<Violation>) -> Self {
        let mut problem = Self::new(
            Code::InvalidArgument,
            "MALFORMED_REQUEST",
            "request is malformed",
        );
        problem.violations = violations;
        problem
    }

    pub(crate) fn limit(
        limit: &'static str,
        allowed: impl ToString,
        message: impl Into<String>,
    ) -> Self {
        Self::new(Code::ResourceExhausted, "LIMIT_EXCEEDED", message)
            .with("limit", limit)
            .with("allowed", allowed)
    }

    /// Like [`limit`](Self::limit), but one that clears by itself.
    pub(crate) fn busy(
        limit: &'static str,
        allowed: impl ToString,
        message: impl Into<String>,
    ) -> Self {
        let mut problem = Self::limit(limit, allowed, message).retry(RETRY_QUEUE);
        problem.reason = "BUSY";
        problem
    }

    pub(crate) fn not_found(what: &'static str, name: impl Into<String>) -> Self {
        let name = name.into();
        let mut problem = Self::new(
            Code::NotFound,
            "NOT_FOUND",
            format!("no {what} {name:?} is known at this position"),
        );
        problem.resource = Some((what, name));
        problem
    }

    pub(crate) fn deadline() -> Self {
        Self::new(
            Code::DeadlineExceeded,
            "DEADLINE_EXCEEDED",
            "the deadline passed before the outcome was known; retry with the same source and id",
        )
        .with("outcome", "unknown")
    }

    pub(crate) fn stopping() -> Self {
        Self::new(Code::Unavailable, "STOPPING", "server is stopping")
            .with("outcome", "not_appended")
            .retry(RETRY_RESTART)
    }

    pub(crate) fn internal() -> Self {
        Self::new(
            Code::Internal,
            "INTERNAL",
            "an error of the server; quote the request id",
        )
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Malformed { violations } => Self::malformed(violations),
            CommandError::TooLarge { given, limit } => Self::limit(
                "limits.touchpoint_bytes",
                limit,
                format!("touchpoint has {given} bytes, at most {limit} are taken"),
            ),
            CommandError::Append(error) => error.into(),
            CommandError::Read(error) => error.into(),
        }
    }
}

impl From<AppendError> for Problem {
    fn from(error: AppendError) -> Self {
        let message = error.to_string();
        match error {
            AppendError::WrongRevision { stream, expected, current } => {
                let message = format!("stream {stream} is at {}, expected {}", revision(current), expectation(expected));
                Self::new(Code::Aborted, "WRONG_EXPECTED_REVISION", message)
                    .with("stream", stream)
                    .with("expected", expectation(expected))
                    .with("current", revision(current))
            }
            AppendError::ContentConflict { key, .. } => Self::new(
                Code::AlreadyExists,
                "ID_REUSED",
                "a touchpoint with this source and id is recorded with other content",
            )
            .with("source", key.source)
            .with("id", key.id),
            AppendError::PartlyStored { key, .. } => {
                Self::new(Code::AlreadyExists, "PARTLY_RECORDED", "only a part of the touchpoints was recorded before")
                    .with("source", key.source)
                    .with("id", key.id)
            }
            // Only a fault of this server makes a malformed append: requests are checked before.
            AppendError::Malformed { .. } => Self::internal(),
            AppendError::QueueFull { limit } => Self::busy(
                "store.queue_events",
                limit,
                format!("{limit} touchpoints are waiting to be written; nothing was recorded"),
            ),
            AppendError::Poisoned { .. } => Self::new(
                Code::Unavailable,
                "STORE_POISONED",
                "an earlier write failed and the log takes no more until the server is restarted; nothing was recorded",
            )
            .with("outcome", "not_appended"),
            AppendError::WriteFailed { .. } => Self::new(
                Code::Unknown,
                "OUTCOME_UNKNOWN",
                "the write failed and may or may not have been kept; retry with the same source and id",
            )
            .with("outcome", "unknown"),
            AppendError::NoSpace => Self::new(Code::ResourceExhausted, "NO_SPACE", message)
                .with("outcome", "not_appended")
                .retry(RETRY_RESTART),
            AppendError::Damaged { .. } => Self::new(Code::DataLoss, "DAMAGED", "a recorded touchpoint is damaged; restore it from a backup"),
            AppendError::Unchecked { .. } => {
                Self::new(Code::Unavailable, "UNCHECKED", "it could not be looked up whether this is recorded already; nothing was recorded")
                    .with("outcome", "not_appended")
                    .retry(RETRY_RESTART)
            }
            AppendError::Closing => Self::stopping(),
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NoSuchPosition { .. } => Self::new(
                Code::NotFound,
                "NOT_FOUND",
                "no touchpoint has this position",
            ),
            ReadError::Damaged { .. } => Self::new(
                Code::DataLoss,
                "DAMAGED",
                "a recorded touchpoint is damaged; restore it from a backup",
            ),
            ReadError::Busy { limit } => {
                Self::busy("store.readers", limit, "every reader of the log is busy")
            }
            ReadError::Failed { .. } => Self::internal(),
            ReadError::Closing => Self::stopping(),
        }
    }
}

impl From<PositionError> for Problem {
    fn from(error: PositionError) -> Self {
        match error {
            PositionError::Malformed => Self::new(
                Code::InvalidArgument,
                "MALFORMED_POSITION",
                error.to_string(),
            ),
            PositionError::OtherEpoch { .. } => {
                Self::new(Code::FailedPrecondition, "OTHER_EPOCH", error.to_string())
            }
        }
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        let message = error.to_string();
        match error {
            QueryError::Unknown { what, id } => Self::not_found(what, id),
            QueryError::Position { field, source } => {
                let mut problem = Self::from(source).with("field", field);
                problem.message = message;
                problem
            }
            QueryError::BehindEnd { field } => {
                Self::new(Code::FailedPrecondition, "BEHIND_END_OF_LOG", message)
                    .with("field", field)
            }
            QueryError::Token(TokenError::OtherEpoch) => {
                Self::new(Code::FailedPrecondition, "OTHER_EPOCH", message)
                    .with("field", "page_token")
            }
            QueryError::Token(TokenError::Foreign | TokenError::OtherQuery) => {
                Self::new(Code::InvalidArgument, "PAGE_TOKEN", message).with("field", "page_token")
            }
            QueryError::PageTooLarge { limit, .. } => {
                Self::limit("limits.page_entries", limit, message)
            }
            QueryError::TooManyIdentities { limit, .. } => {
                Self::limit("identities of one person", limit, message)
            }
            QueryError::NotYet { .. } => Self::new(
                Code::Unavailable,
                "NOT_YET_VISIBLE",
                "the read model has not reached the position in time",
            )
            .retry(RETRY_VIEW),
            QueryError::ViewFailed { view, .. } => Self::new(
                Code::Unavailable,
                "VIEW_STOPPED",
                format!("the read model {view} has stopped at a touchpoint it cannot handle"),
            )
            .with("view", view),
            QueryError::Undecodable { .. } => Self::new(
                Code::DataLoss,
                "DAMAGED",
                "a recorded touchpoint cannot be decoded; restore it from a backup",
            ),
            QueryError::ViewUnreadable { .. } => Self::internal(),
            QueryError::Read(error) => error.into(),
            QueryError::Closing => Self::stopping(),
        }
    }
}

fn revision(revision: Option<Revision>) -> String {
    revision.map_or_else(|| "no_stream".to_owned(), |revision| revision.0.to_string())
}

fn expectation(expected: Expected) -> String {
    match expected {
        Expected::Any => "any".to_owned(),
        Expected::NoStream => "no_stream".to_owned(),
        Expected::StreamExists => "stream_exists".to_owned(),
        Expected::Exact(Revision(revision)) => revision.to_string(),
    }
}
