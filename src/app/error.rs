//! Why a server does not start, and why it ends.

use std::io;

use thiserror::Error;
use tokio::task::JoinError;

use crate::config::ListenAddress;
use crate::projector::ProjectorError;
use crate::runtime::descriptors::TooFewDescriptors;
use crate::runtime::tasks::TaskFailure;
use crate::store::OpenError;

/// Why a server could not be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// The log could not be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The read models could not be opened.
    #[error(transparent)]
    Projector(#[from] ProjectorError),
    /// The key of page tokens could not be read or created.
    #[error("page token key {path}: {source}")]
    TokenKey {
        /// The file.
        path: String,
        /// The cause.
        source: io::Error,
    },
    /// The server could not listen on its address.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address as configured.
        address: ListenAddress,
        /// The cause.
        source: io::Error,
    },
    /// The host to listen on has no address.
    #[error("cannot listen on {address}: its host cannot be resolved: {source}")]
    Resolve {
        /// The address as configured.
        address: ListenAddress,
        /// The cause.
        source: io::Error,
    },
    /// The process may not open enough files.
    #[error(transparent)]
    Descriptors(#[from] TooFewDescriptors),
    /// A step of the start panicked.
    #[error("start was interrupted: {0}")]
    Interrupted(#[from] JoinError),
}

/// Why a server ended without being asked to.
#[derive(Debug, Error)]
pub enum StopError {
    /// A task that the server cannot do without ended.
    #[error("server ended by itself: {}", .failures.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Failed {
        /// The failed tasks; the first one began the shutdown.
        failures: Vec<TaskFailure>,
    },
    /// The supervising task panicked.
    #[error("server was interrupted: {0}")]
    Interrupted(#[from] JoinError),
}
