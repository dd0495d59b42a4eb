//! Everything a caller can be told, apart from how it travels: one value per way of failing, each with
//! its code, its stable reason and its advice. `docs/errors.md` lists them for people.

use std::time::Duration;

use ownerline_projections::policy::decide::Refusal;
use ownerline_proto::{Reason, Violation, Violations, malformed};
use tonic::Code;

use super::advice::{Effect, Resume};
use crate::command::{CommandError, PublishError};
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
    pub(crate) violations: Violations,
    /// A retry of the same request helps after this long.
    pub(crate) retry_after: Option<Duration>,
    /// What is not there: (type, name).
    pub(crate) resource: Option<(&'static str, String)>,
    /// What went wrong inside: for the server's own log, never for the caller.
    pub(crate) cause: Option<String>,
}

/// Queues drain in milliseconds; this is long enough not to make it worse.
const RETRY_QUEUE: Duration = Duration::from_millis(100);
/// What everybody's evidence is read for takes a second or some.
const RETRY_LONG: Duration = Duration::from_secs(1);
pub(super) const RETRY_VIEW: Duration = Duration::from_millis(250);
const RETRY_RESTART: Duration = Duration::from_secs(1);

impl Problem {
    pub(crate) fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            metadata: Vec::new(),
            violations: Violations::default(),
            retry_after: None,
            resource: None,
            cause: None,
        }
    }

    pub(super) fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.metadata.push((key, value.to_string()));
        self
    }

    pub(super) fn retry(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Keeps what went wrong inside for the server's log, where callers are told too little to act on.
    fn because(mut self, cause: impl FnOnce() -> String) -> Self {
        let hidden = matches!(self.code, Code::Internal | Code::DataLoss | Code::Unknown);
        if self.cause.is_none() && (hidden || ["UNCHECKED", "RETRYING"].contains(&self.reason)) {
            self.cause = Some(cause());
        }
        self
    }

    pub(crate) fn malformed(violations: impl Into<Violations>) -> Self {
        let violations = violations.into();
        let message = malformed::message(&violations);
        let mut problem = Self::new(Code::InvalidArgument, "MALFORMED_REQUEST", message);
        problem.violations = violations;
        problem
    }

    /// A request that is larger than a limit: the same one can never succeed.
    pub(crate) fn limit(
        limit: &'static str,
        allowed: impl ToString,
        message: impl Into<String>,
    ) -> Self {
        Self::of_limit(
            Code::InvalidArgument,
            "LIMIT_EXCEEDED",
            limit,
            allowed,
            message,
        )
    }

    /// What is recorded is beyond a limit, not the request: no retry helps until that has changed.
    pub(crate) fn limit_of_history(
        limit: &'static str,
        allowed: impl ToString,
        message: impl Into<String>,
    ) -> Self {
        Self::of_limit(
            Code::FailedPrecondition,
            "LIMIT_EXCEEDED",
            limit,
            allowed,
            message,
        )
    }

    /// A limit that clears by itself.
    pub(crate) fn busy(
        limit: &'static str,
        allowed: impl ToString,
        message: impl Into<String>,
    ) -> Self {
        Self::of_limit(Code::ResourceExhausted, "BUSY", limit, allowed, message).retry(RETRY_QUEUE)
    }

    fn of_limit(
        code: Code,
        reason: &'static str,
        limit: &'static str,
        allowed: impl ToString,
        message: impl Into<String>,
    ) -> Self {
        Self::new(code, reason, message)
            .with("limit", limit)
            .with("allowed", allowed)
    }

    /// A connection is full of streams, which must leave room for unary calls.
    pub(crate) fn full_connection(allowed: usize) -> Self {
        let message = format!(
            "{allowed} streams are open on this connection; end one, or open another connection"
        );
        Self::of_limit(
            Code::FailedPrecondition,
            "CONNECTION_FULL",
            "server.streams_per_connection",
            allowed,
            message,
        )
    }

    pub(crate) fn slow_reader(patience: Duration, resume: Resume) -> Self {
        let advice = resume.advice();
        Self::of_limit(
            Code::ResourceExhausted,
            "SLOW_READER",
            "limits.slow_reader",
            format!("{patience:?}"),
            format!("no message was taken for {patience:?}; {advice}"),
        )
        .outcome(resume.effect())
        .retry(RETRY_QUEUE)
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

    /// A filter asks for a name that nobody knows.
    fn unknown_name(
        field: &'static str,
        what: &'static str,
        name: String,
        nearest: &[String],
        message: String,
    ) -> Self {
        let mut problem = Self::new(Code::NotFound, "NOT_FOUND", message).with("field", field);
        if !nearest.is_empty() {
            problem = problem.with("nearest", nearest.join(", "));
        }
        problem.resource = Some((what, name));
        problem
    }

    /// One of the names of a request is none of a view.
    pub(crate) fn unknown_view(index: usize, name: String) -> Self {
        let message = format!("names[{index}]: there is no view called {name:?}");
        let mut problem = Self::new(Code::NotFound, "NOT_FOUND", message);
        problem.resource = Some(("view", name));
        problem.with("field", format!("names[{index}]"))
    }

    pub(crate) fn deadline(effect: Effect) -> Self {
        let message = format!("the deadline passed first; {}", effect.advice());
        Self::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", message).outcome(effect)
    }

    /// Says that a call that ended halfway may have done what it does.
    fn outcome(self, effect: Effect) -> Self {
        match effect {
            Effect::Reads => self,
            Effect::Records | Effect::Rebuilds => self.with("outcome", "unknown"),
        }
    }

    pub(crate) fn stopping() -> Self {
        Self::new(Code::Unavailable, "STOPPING", "server is stopping")
            .with("outcome", "not_appended")
            .retry(RETRY_RESTART)
    }

    /// A part that failed for the moment and recovers by itself.
    pub(crate) fn retrying(part: &'static str) -> Self {
        let message = format!("the {part} cannot be read for the moment; it recovers by itself");
        Self::new(Code::Unavailable, "RETRYING", message)
            .with("part", part)
            .retry(RETRY_RESTART)
    }

    /// The bytes of a request are no message in the framing of gRPC.
    pub(crate) fn not_framed(why: &'static str) -> Self {
        Self::malformed(vec![Violation::new("", Reason::Malformed, why)])
    }

    /// The request is not gRPC at all.
    pub(crate) fn not_grpc(reason: &'static str, why: &'static str) -> Self {
        Self::new(Code::InvalidArgument, reason, why)
    }

    pub(crate) fn unknown_method() -> Self {
        let message = "this server has no such method; its contract can be asked for by reflection";
        Self::new(Code::Unimplemented, "UNKNOWN_METHOD", message)
    }

    pub(crate) fn unknown_encoding() -> Self {
        let message = "messages can be compressed with gzip, or not at all";
        Self::new(Code::Unimplemented, "UNKNOWN_ENCODING", message)
            .with("accepted", "gzip,identity")
    }

    /// The client went away, or reset the call.
    pub(crate) fn cancelled(effect: Effect) -> Self {
        let message = "the call was cancelled by its client";
        Self::new(Code::Cancelled, "CANCELLED", message).outcome(effect)
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
            CommandError::IdReused { key, fields, .. } => Self::id_reused(key, &fields),
            CommandError::Append(error) => error.into(),
            CommandError::Read(error) => error.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        let refused = |reason| Self::new(Code::FailedPrecondition, reason, message);
        match refusal {
            Refusal::VersionExists {
                name,
                version,
                next,
            } => refused("POLICY_VERSION_EXISTS")
                .with("policy", name)
                .with("version", version)
                .with("next_version", next),
            Refusal::OtherKind { name, kind, .. } => refused("POLICY_OTHER_KIND")
                .with("policy", name)
                .with("kind", kind.as_str_name()),
            Refusal::UnknownCalendar { calendar } => {
                refused("POLICY_UNKNOWN_CALENDAR").with("calendar", calendar)
            }
        }
    }
}

impl From<PublishError<QueryError>> for Problem {
    fn from(error: PublishError<QueryError>) -> Self {
        match error {
            PublishError::Refused(refusal) => refusal.into(),
            PublishError::Command(error) => error.into(),
            PublishError::Read(error) => error.into(),
        }
    }
}

impl From<AppendError> for Problem {
    fn from(error: AppendError) -> Self {
        let cause = error.clone();
        of_append(error).because(|| cause.to_string())
    }
}

fn of_append(error: AppendError) -> Problem {
    let message = error.to_string();
    match error {
        AppendError::WrongRevision { stream, expected, current } => {
            let message = format!("stream {stream} is at {}, expected {}", revision(current), expectation(expected));
            Problem::new(Code::Aborted, "WRONG_EXPECTED_REVISION", message)
                .with("stream", stream)
                .with("expected", expectation(expected))
                .with("current", revision(current))
        }
        AppendError::ContentConflict { key, .. } => Problem::id_reused(key, &[]),
        AppendError::PartlyStored { key, .. } => {
            Problem::new(Code::AlreadyExists, "PARTLY_RECORDED", "only a part of the touchpoints was recorded before")
                .with("source", key.source)
                .with("id", key.id)
        }
        // Only a fault of this server makes a malformed append: requests are checked before.
        AppendError::Malformed { .. } => Problem::internal(),
        AppendError::QueueFull { limit } => Problem::busy(
            "store.queue_events",
            limit,
            format!("{limit} touchpoints are waiting to be written; nothing was recorded"),
        ),
        AppendError::Poisoned { .. } => Problem::new(
            Code::Unavailable,
            "STORE_POISONED",
            "an earlier write failed and the log takes no more until the server is restarted; nothing was recorded",
        )
        .with("outcome", "not_appended"),
        AppendError::WriteFailed { .. } => Problem::new(
            Code::Unknown,
            "OUTCOME_UNKNOWN",
            "the write failed and may or may not have been kept; retry with the same source and id",
        )
        .with("outcome", "unknown"),
        AppendError::NoSpace => Problem::new(Code::ResourceExhausted, "NO_SPACE", message)
            .with("outcome", "not_appended")
            .retry(RETRY_RESTART),
        AppendError::Damaged { .. } => Problem::new(Code::DataLoss, "DAMAGED", "a recorded touchpoint is damaged; restore it from a backup"),
        AppendError::Unchecked { .. } => {
            Problem::new(Code::Unavailable, "UNCHECKED", "it could not be looked up whether this is recorded already; nothing was recorded")
                .with("outcome", "not_appended")
                .retry(RETRY_RESTART)
        }
        AppendError::Closing => Problem::stopping(),
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        let cause = error.clone();
        of_read(error).because(|| cause.to_string())
    }
}

fn of_read(error: ReadError) -> Problem {
    match error {
        ReadError::NoSuchPosition { .. } => Problem::new(
            Code::NotFound,
            "NOT_FOUND",
            "no touchpoint has this position",
        ),
        ReadError::Damaged { .. } => Problem::new(
            Code::DataLoss,
            "DAMAGED",
            "a recorded touchpoint is damaged; restore it from a backup",
        ),
        ReadError::Busy { limit } => {
            Problem::busy("store.readers", limit, "every reader of the log is busy")
        }
        ReadError::Waiting { .. } => Problem::retrying("log"),
        ReadError::Failed { .. } => Problem::internal(),
        ReadError::Closing => Problem::stopping(),
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
        let cause = error.clone();
        of_query(error).because(|| cause.to_string())
    }
}

fn of_query(error: QueryError) -> Problem {
    let message = error.to_string();
    match error {
        QueryError::Unknown { what, id } => Problem::not_found(what, id),
        QueryError::UnknownName {
            field,
            what,
            name,
            nearest,
        } => Problem::unknown_name(field, what, name, &nearest, message),
        QueryError::BeforeLog { begins_at } => {
            let begins_at = jiff::Timestamp::from_nanosecond(begins_at.into());
            let begins_at = begins_at.map_or_else(|_| String::new(), |it| it.to_string());
            Problem::new(Code::FailedPrecondition, "BEFORE_LOG", message)
                .with("field", "known_at.instant")
                .with("begins_at", begins_at)
        }
        QueryError::Position { field, source } => {
            let mut problem = Problem::from(source).with("field", field);
            problem.message = message;
            problem
        }
        QueryError::BehindEnd { field } => {
            Problem::new(Code::FailedPrecondition, "BEHIND_END_OF_LOG", message)
                .with("field", field)
        }
        QueryError::Token(TokenError::OtherEpoch) => {
            Problem::new(Code::FailedPrecondition, "OTHER_EPOCH", message)
                .with("field", "page_token")
        }
        QueryError::Token(TokenError::Foreign | TokenError::OtherQuery) => {
            Problem::new(Code::InvalidArgument, "PAGE_TOKEN", message).with("field", "page_token")
        }
        QueryError::PageTooLarge { limit, .. } => {
            Problem::limit("limits.page_entries", limit, message)
        }
        QueryError::Supposed { violations } => Problem::malformed(violations),
        QueryError::OutOfScope { .. } => {
            Problem::new(Code::PermissionDenied, "OUT_OF_SCOPE", message)
        }
        QueryError::TooManyIdentities { limit, .. } => {
            Problem::limit_of_history("identities of one person", limit, message)
        }
        QueryError::TooManyModels { limit, .. } => {
            Problem::limit_of_history("models of scores in force", limit, message)
        }
        QueryError::Busy { what, limit } => Problem::busy(what, limit, message).retry(RETRY_LONG),
        QueryError::NotYet(not_yet) => not_yet.into(),
        QueryError::ViewFailed { view, .. } => Problem::new(
            Code::Unavailable,
            "VIEW_STOPPED",
            format!("the read model {view} has stopped at a touchpoint it cannot handle"),
        )
        .with("view", view),
        QueryError::Undecodable { .. } => Problem::new(
            Code::DataLoss,
            "DAMAGED",
            "a recorded touchpoint cannot be decoded; restore it from a backup",
        ),
        QueryError::ViewWaiting { view, .. } => Problem::retrying("read model").with("view", view),
        QueryError::ViewUnreadable { .. } | QueryError::Abandoned => Problem::internal(),
        QueryError::Read(error) => error.into(),
        QueryError::Closing => Problem::stopping(),
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
