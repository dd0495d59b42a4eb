//! Why a benchmark could not be finished.

use std::io;
use std::time::Duration;

use hdrhistogram::CreationError;
use tokio::task::JoinError;
use tonic::Status;

/// Why a benchmark could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A child process could not be started or ended.
    #[error("cannot {action} {what}")]
    Child {
        /// What was tried: `start`, `end`.
        action: &'static str,
        /// Which: `serve`, `bench-echo`.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// A child process did not say where it listens.
    #[error("{what} did not start; it said: {said}")]
    NotStarted {
        /// Which.
        what: String,
        /// The end of its standard error.
        said: String,
    },
    /// The address of a child process cannot be connected to.
    #[error("cannot connect")]
    Connect(#[from] tonic::transport::Error),
    /// A server answered with an error.
    #[error("the server refused: {0}")]
    Refused(#[from] Box<Status>),
    /// A touchpoint of the load was refused.
    #[error("the server refused a touchpoint of the load: {message}")]
    Touchpoint {
        /// Why.
        message: String,
    },
    /// What must be there is not, or what must not be there is.
    #[error("NOT RIGHT: {what}")]
    Lost {
        /// What was found.
        what: String,
    },
    /// Something took longer than it may.
    #[error("{what} took longer than {limit:?}")]
    TooLong {
        /// What.
        what: &'static str,
        /// What it may take.
        limit: Duration,
    },
    /// No memory for latencies.
    #[error("cannot keep latencies")]
    Histogram(#[from] CreationError),
    /// A client task panicked.
    #[error("a client was interrupted")]
    Interrupted(#[from] JoinError),
}

impl From<Status> for BenchError {
    fn from(status: Status) -> Self {
        Self::Refused(Box::new(status))
    }
}
