//! The filter of the log, which can be changed while the process runs.

use tracing_subscriber::{EnvFilter, Registry, reload};

use super::error::TelemetryError;

/// Changes the filter of the log while the process runs.
#[derive(Debug)]
pub struct LogControl {
    handle: reload::Handle<EnvFilter, Registry>,
}

impl LogControl {
    /// Sets the filter of the log.
    ///
    /// # Errors
    /// If the filter cannot be parsed; the previous one stays in force.
    pub fn set_filter(&self, filter: &str) -> Result<(), TelemetryError> {
        Ok(self.handle.reload(parsed(filter)?)?)
    }
}

/// The layer of a filter, and what changes it.
pub(super) fn reloadable(
    filter: &str,
) -> Result<(reload::Layer<EnvFilter, Registry>, LogControl), TelemetryError> {
    let (layer, handle) = reload::Layer::new(parsed(filter)?);
    Ok((layer, LogControl { handle }))
}

fn parsed(filter: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::builder()
        .parse(filter)
        .map_err(|source| TelemetryError::Filter {
            filter: filter.to_owned(),
            source,
        })
}
