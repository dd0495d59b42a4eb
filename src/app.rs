//! The composition root: the only place that picks engines, wires the parts together and stops them in the
//! right order.

use std::path::Path;

use crate::runtime::SystemClock;
pub use crate::store::embedded::{
    BackupError, Certificate, Damage, Extent, Finding, IndexVerdict, LogCopy, LogFigures,
    LogReader, LogRole, Seams, Verification, backup as backup_log, bare_log, verify as verify_log,
};
use crate::store::{Position, embedded};

mod binding;
mod error;
mod health;
mod options;
mod parts;
mod running;
mod sample;
mod scrape;
mod services;
mod start;

pub use error::{StartError, StopError};
pub use running::Running;
pub use start::{start, start_with};

/// Creates a store from a backup; see [`embedded::restore`].
///
/// # Errors
/// See [`BackupError`].
pub fn restore_log(
    from: &Path,
    data: &Path,
    progress: &mut dyn FnMut(Position, Position),
) -> Result<LogCopy, BackupError> {
    embedded::restore(from, data, &SystemClock, progress)
}
