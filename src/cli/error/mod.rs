//! The errors of commands.

mod explanation;
mod unreadable;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use ownerline_load::LoadError;
use ownerline_proto::cloudevents::Unwritable;
use ownerline_proto::json_input::JsonError;
use tonic::Status;

pub(in crate::cli) use self::unreadable::Unreadable;
use crate::app::{BackupError, StartError, StopError};
use crate::config::ConfigErrors;
use crate::query::{PositionError, QueryError};
use crate::store::{OpenError, ReadError};
use crate::telemetry::TelemetryError;

/// The error of a command.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The answer could not be written.
    #[error("cannot write the answer")]
    Output(#[source] io::Error),
    /// The answer has no JSON form.
    #[error("cannot write the answer as JSON")]
    Json(#[source] serde_json::Error),
    /// The answer is not a list, so it has no rows.
    #[error("this answer has no rows for CSV or NDJSON; use -o json or -o table")]
    NoRows,
    /// The process cannot run tasks or handle signals.
    #[error("cannot start")]
    Runtime {
        /// The cause.
        source: io::Error,
    },
    /// The address of the server is not a URL.
    #[error("`{server}` is not an address such as http://127.0.0.1:7431")]
    Address {
        /// The address as given.
        server: String,
        /// The cause.
        source: tonic::transport::Error,
    },
    /// The address asks for TLS, which is not supported yet.
    #[error("{server} asks for TLS, which ownerline does not support yet; nothing was sent")]
    NoTls {
        /// The address as given.
        server: String,
    },
    /// The address has another scheme than HTTP.
    #[error(
        "`{server}` does not begin with http://, the only protocol that ownerline supports; nothing was sent"
    )]
    Scheme {
        /// The address as given.
        server: String,
    },
    /// The server accepted a call and did not answer it.
    #[error("the server at {server} did not answer within {patience:?}")]
    Silent {
        /// The address as given.
        server: String,
        /// How long the client waited.
        patience: Duration,
    },
    /// The server accepts connections and stays silent.
    #[error(
        "the server at {server} accepts connections, but sent no HTTP/2 greeting and no answer within {patience:?}"
    )]
    NoGreeting {
        /// The address as given.
        server: String,
        /// How long the client waited.
        patience: Duration,
    },
    /// The server does not speak gRPC.
    #[error(
        "the server at {server} is not a gRPC server: HTTP status {status} without a gRPC content type"
    )]
    NotGrpc {
        /// The address as given.
        server: String,
        /// The HTTP status of its answer.
        status: u16,
    },
    /// The command took longer than `--timeout`.
    #[error("gave up after {limit:?}, the limit of --timeout")]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// No connection could be made.
    #[error("cannot reach the server at {server}")]
    Connect {
        /// The address as given.
        server: String,
        /// The cause.
        source: tonic::transport::Error,
    },
    /// The server returned an error.
    #[error("the server refused: {0}")]
    Server(#[from] Box<Status>),
    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was attempted, for example `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file is not the JSON of a policy.
    #[error("{} is not the proto3 JSON of a policy", path.display())]
    NoPolicy {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: JsonError,
    },
    /// The file holds a policy of another kind.
    #[error("{} is not a policy whose body is {wanted}", path.display())]
    OtherPolicy {
        /// The file.
        path: PathBuf,
        /// The body it must have.
        wanted: &'static str,
    },
    /// The file holds a policy that does not define scores.
    #[error("{} is neither a scoring policy nor a lexicon", path.display())]
    NoModel {
        /// The file.
        path: PathBuf,
    },
    /// Two files hold a policy of the same kind.
    #[error("{} is the second policy of its kind; give at most one scoring policy and one lexicon", path.display())]
    ModelTwice {
        /// The file.
        path: PathBuf,
    },
    /// The refused lines would overwrite the file that is imported.
    #[error("{} is the file to import; refused lines need another file", path.display())]
    RefusedIsInput {
        /// The file.
        path: PathBuf,
    },
    /// An input cannot be read to its end, or has another format.
    #[error("cannot read {} from line {} on", path.display(), source.line)]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The line and the cause.
        source: Unreadable,
    },
    /// The server cannot store anything at present.
    #[error("the server cannot store now: {message} ({reason})")]
    Outage {
        /// The reason as the server gives it: stable, upper case.
        reason: String,
        /// The message of the server.
        message: String,
        /// Whether waiting does not help.
        lasting: bool,
    },
    /// The connection kept breaking.
    #[error("gave up after {attempts} attempts without an answer; lines before {line} are decided")]
    GaveUp {
        /// The number of attempts.
        attempts: u32,
        /// The first line whose outcome is unknown.
        line: u64,
        /// The error of the last attempt.
        source: Box<Self>,
    },
    /// The server broke its contract.
    #[error("the server answered a batch of {sent} touchpoints with {answered} results")]
    WrongAnswer {
        /// The number of touchpoints sent.
        sent: usize,
        /// The number of results.
        answered: usize,
    },
    /// The server ended a stream before everything was answered.
    #[error("the server ended the {what} early")]
    EndedEarly {
        /// The stream: `import`, `watch` …
        what: &'static str,
    },
    /// The thread that reads the input stopped without an error.
    #[error("the file was not read to its end")]
    ReaderStopped,
    /// A benchmark could not be finished.
    #[error(transparent)]
    Bench(#[from] LoadError),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// Logging could not be set up.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// The server could not be started.
    #[error("cannot start: {0}")]
    Start(#[from] StartError),
    /// The server ended without being asked to.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The log could not be opened.
    #[error(transparent)]
    OpenLog(#[from] OpenError),
    /// A backup or a restore failed.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The log could not be read.
    #[error(transparent)]
    ReadLog(#[from] ReadError),
    /// A touchpoint of the log could not be decoded.
    #[error(transparent)]
    Decode(#[from] QueryError),
    /// A position is not one of this log.
    #[error(transparent)]
    Position(#[from] PositionError),
    /// A touchpoint of the log has no CloudEvents form.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// The server refused touchpoints of the demo.
    #[error("the server refused {refused} touchpoints of the demo; the first: {first}")]
    DemoRefused {
        /// The number of refused touchpoints.
        refused: u64,
        /// The message about the first one.
        first: String,
    },
}

impl From<Status> for CliError {
    fn from(status: Status) -> Self {
        Self::Server(Box::new(status))
    }
}
