//! Why a load could not be run to its end.

use std::io;
use std::time::Duration;

use hdrhistogram::CreationError;
use tokio::task::JoinError;
use tonic::Status;

/// Why a load could not be run to its end.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A child process could not be started or ended.
    #[error("cannot {action} {command}")]
    Process {
        /// `start` or `end`.
        action: &'static str,
        /// The command that the process runs: `serve`, `bench-echo`.
        command: String,
        /// What the system said.
        source: io::Error,
    },
    /// A child process did not print the address it listens on.
    #[error("{command} did not start; the end of its log: {log_tail}")]
    NotStarted {
        /// The command that the process runs.
        command: String,
        /// The end of its standard error.
        log_tail: String,
    },
    /// A server could not be connected to.
    #[error("cannot connect")]
    Connect(#[from] tonic::transport::Error),
    /// A server answered a call with an error.
    #[error("the server refused: {0}")]
    Refused(#[from] Box<Status>),
    /// A touchpoint of the load was refused.
    #[error("the server refused a touchpoint of the load: {message}")]
    TouchpointRefused {
        /// The reason and message of the refusal.
        message: String,
    },
    /// An answer breaks a guarantee: something acknowledged is missing, or something unexpected is there.
    #[error("WRONG ANSWER: {finding}")]
    WrongAnswer {
        /// What is wrong.
        finding: String,
    },
    /// Something took longer than its limit.
    #[error("{action} took longer than {limit:?}")]
    TooLong {
        /// What took too long.
        action: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// Memory for the latencies could not be had.
    #[error("cannot keep latencies")]
    Histogram(#[from] CreationError),
    /// A client task panicked.
    #[error("a client task was interrupted")]
    Interrupted(#[from] JoinError),
}

impl From<Status> for LoadError {
    fn from(status: Status) -> Self {
        Self::Refused(Box::new(status))
    }
}

/// The error of an answer that breaks a guarantee.
pub(crate) fn wrong_answer<T>(finding: String) -> Result<T, LoadError> {
    Err(LoadError::WrongAnswer { finding })
}
