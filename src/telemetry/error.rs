//! Why the log of the process could not be set up or changed.

use std::io;

use tracing::subscriber::SetGlobalDefaultError;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::reload;

/// Why the log could not be set up or changed.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be parsed. That of a loaded configuration always can.
    #[error("the log filter {filter:?} cannot be read")]
    Filter {
        /// The filter.
        filter: String,
        /// The cause.
        #[source]
        source: ParseError,
    },
    /// The process already has a log.
    #[error("the log is already set up")]
    Twice(#[from] SetGlobalDefaultError),
    /// The filter of the log can no longer be changed.
    #[error("the log filter cannot be changed")]
    Reload(#[from] reload::Error),
    /// The system refused what the log needs: a copy of standard error, and a thread that writes to it.
    #[error("the log cannot be written")]
    Start {
        /// The cause.
        #[source]
        source: io::Error,
    },
}
