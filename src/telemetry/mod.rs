//! Telemetry of the process: its log on standard error, and its metrics.
//!
//! Messages are lower case without a full stop; values are fields, not part of the message. Whoever logs never waits for
//! the reader of the log, and learns nothing of its faults: lines go through a bounded queue to a thread of its own, and
//! what is lost is counted and reported ([`Log`]).

mod error;
mod filter;
mod flood;
pub mod followers;
mod format;
mod lines;
mod log;
mod lost;
pub mod metrics;
mod panics;
mod repeats;

pub use error::TelemetryError;
pub use filter::LogControl;
pub use format::VALUE_CHARACTERS;
pub use lines::QUEUE_BYTES;
pub use log::{LAST_LINES, Log, is_first, lost_lines, tell_repeats};
pub use lost::LostLines;
pub use repeats::Kind;

use crate::config::TelemetryConfig;

/// Sets up the log of the process. Must be called once, before anything is logged.
///
/// # Errors
/// See [`Log::of_process`] and [`Log::receive`].
pub fn init(config: &TelemetryConfig) -> Result<LogControl, TelemetryError> {
    Log::of_process()?.receive(config)
}
