//! Telemetry of the process: its log on standard error, and its metrics.
//!
//! Messages are lower case without a full stop; values are fields, not part of the message.

pub mod answers;
pub mod followers;
pub mod metrics;

use std::io::IsTerminal as _;

use tracing::Subscriber;
use tracing::subscriber::SetGlobalDefaultError;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::{EnvFilter, reload};

use crate::config::{LogFormat, TelemetryConfig};

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
}

type SetFilter = Box<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>;

/// Changes the filter of the log while the process runs.
pub struct LogControl {
    set: SetFilter,
}

impl LogControl {
    /// Sets the filter of the log.
    ///
    /// # Errors
    /// If the filter cannot be parsed; the previous one stays in force.
    pub fn set_filter(&self, filter: &str) -> Result<(), TelemetryError> {
        Ok((self.set)(parsed(filter)?)?)
    }
}

fn parsed(filter: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::builder()
        .parse(filter)
        .map_err(|source| TelemetryError::Filter {
            filter: filter.to_owned(),
            source,
        })
}

/// Sets up the log of the process. Must be called once, before anything is logged.
///
/// # Errors
/// If the filter cannot be parsed, or the log is already set up.
pub fn init(config: &TelemetryConfig) -> Result<LogControl, TelemetryError> {
    let colours = std::io::stderr().is_terminal();
    let (subscriber, control) = subscriber(config, colours, std::io::stderr)?;
    tracing::subscriber::set_global_default(subscriber)?;
    Ok(control)
}

fn subscriber<W>(
    config: &TelemetryConfig,
    colours: bool,
    writer: W,
) -> Result<(Box<dyn Subscriber + Send + Sync>, LogControl), TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let log = tracing_subscriber::fmt()
        .with_env_filter(parsed(&config.filter)?)
        .with_writer(writer);
    Ok(match config.format {
        LogFormat::Text => {
            let log = log.with_ansi(colours).with_filter_reloading();
            let handle = log.reload_handle();
            let set: SetFilter = Box::new(move |filter| handle.reload(filter));
            (Box::new(log.finish()), LogControl { set })
        }
        LogFormat::Json => {
            let log = log.json().flatten_event(true).with_filter_reloading();
            let handle = log.reload_handle();
            let set: SetFilter = Box::new(move |filter| handle.reload(filter));
            (Box::new(log.finish()), LogControl { set })
        }
    })
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The text that is logged with a configuration while `log` runs.
    fn logged(format: LogFormat, filter: &str, log: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let config = TelemetryConfig {
            format,
            filter: filter.to_owned(),
        };
        let (subscriber, _) = subscriber(&config, false, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, log);
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_json_line_carries_values_as_fields_beside_the_message() {
        let line = logged(LogFormat::Json, "info", || {
            tracing::info!(position = 7, "group stored");
        });
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(json["message"], "group stored");
        assert_eq!(json["position"], 7);
        assert_eq!(json["level"], "INFO");
        assert!(json["timestamp"].is_string());
    }

    #[test]
    fn a_text_line_has_no_colours_outside_a_terminal() {
        let line = logged(LogFormat::Text, "info", || {
            tracing::info!(position = 7, "group stored");
        });
        assert!(line.ends_with("group stored position=7\n"), "{line}");
        assert!(!line.contains('\u{1b}'));
    }

    #[test]
    fn the_filter_decides_what_is_logged() {
        let log = || {
            tracing::debug!("small");
            tracing::warn!("large");
        };
        assert!(!logged(LogFormat::Text, "info", log).contains("small"));
        assert!(logged(LogFormat::Text, "ownerline=debug", log).contains("small"));
        assert_eq!(logged(LogFormat::Text, "off", log), "");
    }

    #[test]
    fn the_filter_can_be_changed_while_the_process_runs() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let config = TelemetryConfig::default();
        let (subscriber, control) = subscriber(&config, false, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::debug!("before");
            control.set_filter("ownerline=debug").unwrap();
            tracing::debug!("while it is on");
            control.set_filter("shout=loud").unwrap_err();
            tracing::debug!("still on");
            control.set_filter("info").unwrap();
            tracing::debug!("after");
        });
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        assert!(
            text.contains("while it is on") && text.contains("still on"),
            "{text}"
        );
        assert!(
            !text.contains("before") && !text.contains("after"),
            "{text}"
        );
    }

    #[test]
    fn a_filter_that_cannot_be_parsed_is_reported() {
        let config = TelemetryConfig {
            filter: "ownerline=shout".to_owned(),
            ..TelemetryConfig::default()
        };
        let refused = subscriber(&config, false, io::sink).map(|_| ());
        assert_eq!(
            refused.unwrap_err().to_string(),
            "the log filter \"ownerline=shout\" cannot be read"
        );
    }
}
