//! Why a command failed, and how that is told to people.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use ownerline_load::LoadError;
use ownerline_proto::cloudevents::Unwritable;
use ownerline_proto::json_input::JsonError;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::import::Unreadable;
use super::terminal_text::one_line;
use crate::app::{BackupError, StartError, StopError};
use crate::config::ConfigErrors;
use crate::grpc::code_name;
use crate::query::{PositionError, QueryError};
use crate::store::{OpenError, ReadError};
use crate::telemetry::TelemetryError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The answer could not be written.
    #[error("cannot write the answer")]
    Output(#[source] io::Error),
    /// The answer has no JSON form.
    #[error("cannot write the answer as JSON")]
    Json(#[source] serde_json::Error),
    /// The answer is no list, so it has no rows.
    #[error("this answer has no rows for CSV or NDJSON; ask with -o json or -o table")]
    NoRows,
    /// This process cannot run tasks.
    #[error("cannot start")]
    Runtime {
        /// Why.
        source: io::Error,
    },
    /// Not the address of a server.
    #[error("`{server}` is not an address like http://127.0.0.1:7431")]
    Address {
        /// As given.
        server: String,
        /// Why.
        source: tonic::transport::Error,
    },
    /// It asks for TLS, which is not there yet.
    #[error("{server} asks for TLS, which ownerline does not speak yet; nothing was sent")]
    NoTls {
        /// As given.
        server: String,
    },
    /// It is not spoken to over HTTP.
    #[error(
        "`{server}` does not begin with http://, the only protocol that ownerline speaks; nothing was sent"
    )]
    Scheme {
        /// As given.
        server: String,
    },
    /// Somebody is there, and says nothing.
    #[error("the server at {server} did not answer within {patience:?}")]
    Silent {
        /// As given.
        server: String,
        /// How long was waited.
        patience: Duration,
    },
    /// Somebody accepts connections there and says nothing.
    #[error(
        "the server at {server} accepts connections, but no HTTP/2 greeting and no answer came within {patience:?}"
    )]
    NoGreeting {
        /// As given.
        server: String,
        /// How long was waited.
        patience: Duration,
    },
    /// Somebody answers there, but no gRPC server.
    #[error(
        "what answers at {server} is no gRPC server: HTTP status {status} without a gRPC content type"
    )]
    NotGrpc {
        /// As given.
        server: String,
        /// The status it answered with.
        status: u16,
    },
    /// It took longer than `--timeout`.
    #[error("gave up after {limit:?}, as --timeout says")]
    TimedOut {
        /// How long it might take.
        limit: Duration,
    },
    /// Nobody answers there.
    #[error("cannot reach the server at {server}")]
    Connect {
        /// As given.
        server: String,
        /// Why.
        source: tonic::transport::Error,
    },
    /// The server answered with an error.
    #[error("the server refused: {0}")]
    Server(#[from] Box<Status>),
    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried, for example `read`, `write`.
        action: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not the JSON of a policy.
    #[error("{} is not the proto3 JSON of a policy", path.display())]
    NoPolicy {
        /// Which.
        path: PathBuf,
        /// Why.
        source: JsonError,
    },
    /// A policy of another kind than the one that is asked for.
    #[error("{} is not a policy whose body is {wanted}", path.display())]
    OtherPolicy {
        /// Which.
        path: PathBuf,
        /// The body it should have.
        wanted: &'static str,
    },
    /// A policy that no score is formed by.
    #[error("{} is neither a scoring policy nor a lexicon", path.display())]
    NoModel {
        /// Which.
        path: PathBuf,
    },
    /// A model has one scoring policy and one lexicon.
    #[error("{} is a second policy of its kind; give one scoring policy and one lexicon at most", path.display())]
    ModelTwice {
        /// Which.
        path: PathBuf,
    },
    /// The refused lines would overwrite the file being imported.
    #[error("{} is the file to import; refused lines need a file of their own", path.display())]
    RefusedIsInput {
        /// Which.
        path: PathBuf,
    },
    /// An input that cannot be read to its end, or is of another form.
    #[error("cannot read {} on from line {}", path.display(), source.line)]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Where, and why.
        source: Unreadable,
    },
    /// A server that cannot store, whatever it is sent.
    #[error("the server cannot store now: {message} ({reason})")]
    Outage {
        /// Why, as the server says it: stable, upper-case.
        reason: String,
        /// In words.
        message: String,
        /// That no wait mends it.
        lasting: bool,
    },
    /// The connection kept breaking.
    #[error("gave up after {attempts} attempts without an answer; lines before {line} are decided")]
    GaveUp {
        /// How often it was tried.
        attempts: u32,
        /// The first line whose fate is unknown.
        line: u64,
        /// What went wrong last.
        source: Box<Self>,
    },
    /// The server breaks its own contract.
    #[error("the server answered a batch of {asked} touchpoints with {answered} results")]
    WrongAnswer {
        /// How many were sent.
        asked: usize,
        /// How many were answered.
        answered: usize,
    },
    /// The server ended a stream before everything was answered.
    #[error("the server ended the {what} early")]
    EndedEarly {
        /// What it was of: `import`, `watch`.
        what: &'static str,
    },
    /// The reader of a file stopped without a word.
    #[error("the file was not read to its end")]
    ReaderStopped,
    /// A benchmark could not be finished.
    #[error(transparent)]
    Bench(#[from] LoadError),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The log of this process could not be set up.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// The server could not be started.
    #[error("cannot start: {0}")]
    Start(#[from] StartError),
    /// The server ended other than by being asked to.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The log could not be opened.
    #[error(transparent)]
    OpenLog(#[from] OpenError),
    /// A backup or a restore was not done.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The log could not be read.
    #[error(transparent)]
    ReadLog(#[from] ReadError),
    /// A touchpoint of the log could not be decoded.
    #[error(transparent)]
    Decode(#[from] QueryError),
    /// Not a position of this log.
    #[error(transparent)]
    Position(#[from] PositionError),
    /// A touchpoint of the log has no CloudEvents form.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// Touchpoints that this program brings along were refused.
    #[error("the server refused {refused} touchpoints of the demo; the first: {first}")]
    DemoRefused {
        /// How many.
        refused: u64,
        /// Why the first was.
        first: String,
    },
}

impl From<Status> for CliError {
    fn from(status: Status) -> Self {
        Self::Server(Box::new(status))
    }
}

impl CliError {
    /// Whether whoever reads the answer went away: the quiet end of a pipe.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        let kind = match self {
            Self::Output(source) => Some(source.kind()),
            Self::Json(source) => source.io_error_kind(),
            _ => None,
        };
        kind == Some(io::ErrorKind::BrokenPipe)
    }

    /// The error for people: what, why, and what to do. Ends with a line break.
    #[must_use]
    pub fn explanation(&self) -> String {
        match self {
            Self::Server(status) => of_status(status),
            Self::GaveUp { source, .. } => format!(
                "error: {self}\n{}  advice: run the same command again to go on; what is stored \
                 already is not stored twice\n",
                indented(&source.explanation())
            ),
            Self::Outage { .. } => format!(
                "{}  advice: no line is at fault; mend the server, then go on\n",
                with_sources(self)
            ),
            Self::Connect { .. } => format!(
                "{}  advice: is it running, and is it a gRPC server? name another with --server or OWNERLINE_SERVER\n",
                with_sources(self)
            ),
            Self::NoTls { .. } => format!(
                "{}  advice: write http:// for a server on this machine; to another one go through a \
                 proxy on this machine that speaks TLS\n",
                with_sources(self)
            ),
            _ => with_sources(self),
        }
    }
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut all, line| {
        // Writing to a string cannot fail.
        let _ = writeln!(all, "  {line}");
        all
    })
}

fn with_sources(error: &CliError) -> String {
    let mut text = format!("error: {error}\n");
    let mut source = error.source();
    let mut last = error.to_string();
    while let Some(cause) = source {
        let told = cause.to_string();
        // An error that only passes its cause on says it already.
        if !last.ends_with(&told) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  because: {}", one_line(&told));
        }
        last = told;
        source = cause.source();
    }
    text
}

/// Message, code, reason, every violation on its own line, and whether to try again.
fn of_status(status: &Status) -> String {
    let details = status.get_error_details();
    let mut lines = vec![format!("error: {}", one_line(status.message()))];
    let reason = details.error_info().map(|info| info.reason.as_str());
    lines.push(match reason {
        Some(reason) => format!("  reason: {reason} ({})", code_name(status.code())),
        None => format!("  reason: {}", code_name(status.code())),
    });
    for field in details
        .bad_request()
        .into_iter()
        .flat_map(|it| &it.field_violations)
    {
        let reason = if field.reason.is_empty() {
            String::new()
        } else {
            format!(" ({})", field.reason)
        };
        let said = one_line(&field.description);
        lines.push(format!("  field {}: {said}{reason}", field.field));
    }
    for broken in details
        .precondition_failure()
        .into_iter()
        .flat_map(|it| &it.violations)
    {
        let said = one_line(&broken.description);
        lines.push(format!("  {} {}: {said}", broken.r#type, broken.subject));
    }
    let left_out = details
        .error_info()
        .and_then(|info| info.metadata.get("violations_left_out"));
    if let Some(left_out) = left_out {
        lines.push(format!(
            "  and {left_out} more that did not fit into the answer"
        ));
    }
    if let Some(resource) = details.resource_info() {
        let (kind, name) = (&resource.resource_type, &resource.resource_name);
        lines.push(format!("  {kind}: {name}"));
    }
    if let Some(request) = details.request_info() {
        lines.push(format!("  request: {}", request.request_id));
    }
    if let Some(advice) = advice(
        status.code(),
        details.retry_info().and_then(|it| it.retry_delay),
    ) {
        lines.push(format!("  advice: {advice}"));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn advice(code: Code, delay: Option<Duration>) -> Option<String> {
    match (code, delay) {
        (_, Some(delay)) if delay.is_zero() => Some("try again".to_owned()),
        (_, Some(delay)) => Some(format!("try again in {delay:?}")),
        (Code::DeadlineExceeded | Code::Unknown, None) => {
            Some("the outcome is unknown; trying again is safe, nothing is stored twice".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use ownerline_proto::{Reason, Violation, malformed};
    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn every_violation_has_its_line() {
        let status = malformed(&[
            Violation::new("filter.vin", Reason::Format, "17 characters"),
            Violation::new("owner_id", Reason::Required, "must be set"),
        ]);
        insta::assert_snapshot!(CliError::from(status).explanation(), @r"
        error: request is malformed: filter.vin: 17 characters (and 1 more)
          reason: MALFORMED_REQUEST (INVALID_ARGUMENT)
          field filter.vin: 17 characters (FORMAT)
          field owner_id: must be set (REQUIRED)
        ");
    }

    #[test]
    fn the_advice_says_when_to_try_again() {
        let mut details = ErrorDetails::with_retry_info(Some(Duration::from_millis(250)));
        details.set_error_info("QUEUE_FULL", "ownerline", HashMap::new());
        let status = Status::with_error_details(
            Code::Unavailable,
            "the queue of the writer is full",
            details,
        );
        insta::assert_snapshot!(CliError::from(status).explanation(), @r"
        error: the queue of the writer is full
          reason: QUEUE_FULL (UNAVAILABLE)
          advice: try again in 250ms
        ");
    }

    #[test]
    fn giving_up_says_how_to_go_on() {
        let error = CliError::GaveUp {
            attempts: 8,
            line: 501,
            source: Box::new(Status::unavailable("connection reset").into()),
        };
        insta::assert_snapshot!(error.explanation(), @r"
        error: gave up after 8 attempts without an answer; lines before 501 are decided
          error: connection reset
            reason: UNAVAILABLE
          advice: run the same command again to go on; what is stored already is not stored twice
        ");
    }

    #[test]
    fn only_a_broken_pipe_is_quiet() {
        let pipe = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(CliError::Output(pipe()).is_broken_pipe());
        assert!(CliError::Json(serde_json::Error::io(pipe())).is_broken_pipe());
        assert!(!CliError::Output(io::Error::from(io::ErrorKind::Other)).is_broken_pipe());
        assert!(!CliError::from(Status::unknown("x")).is_broken_pipe());
    }
}
