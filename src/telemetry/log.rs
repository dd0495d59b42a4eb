//! The log of the process: what its lines go through, from the first to the last.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tracing::{Level, Subscriber};
use tracing_subscriber::layer::SubscriberExt as _;

use super::error::TelemetryError;
use super::filter::{self, LogControl};
use super::flood::Flood;
use super::format::{self, JsonEvent, JsonFields, Own, TextFields};
use super::lines::{Duties, Lines};
use super::lost::LostLines;
use super::panics;
use super::repeats::{self, Kind, Repeats};
use crate::config::{LogFormat, TelemetryConfig};

/// How long a process that ends waits for its last lines to be written.
pub const LAST_LINES: Duration = Duration::from_millis(500);

/// The log on standard error, once it is begun. It belongs to the process, as standard error does, and as the subscriber of
/// tracing.
static LOG: OnceLock<Log> = OnceLock::new();

/// A log. Clones share it. Nothing that it does waits for whoever reads it, except for [`flush`](Self::flush), and that
/// not for long.
#[derive(Debug, Clone)]
pub struct Log {
    lines: Lines,
    repeats: Arc<Repeats>,
    is_json: Arc<AtomicBool>,
}

impl Log {
    /// The log of the process on standard error, begun if it is not.
    ///
    /// # Errors
    /// If the system refuses a copy of standard error, or a thread.
    pub fn of_process() -> Result<Self, TelemetryError> {
        if let Some(log) = LOG.get() {
            return Ok(log.clone());
        }
        // A copy, so that no lock of standard error is held while it blocks.
        let copied = io::stderr().as_fd().try_clone_to_owned();
        let begun = copied.and_then(|copy| Self::begin(File::from(copy)));
        let log = begun.map_err(|source| TelemetryError::Start { source })?;
        Ok(LOG.get_or_init(|| log).clone())
    }

    fn begin(stream: impl Write + Send + 'static) -> io::Result<Self> {
        let repeats = Arc::<Repeats>::default();
        let is_json = Arc::<AtomicBool>::default();
        let duties = LogDuties {
            repeats: repeats.clone(),
            is_json: is_json.clone(),
        };
        Ok(Self {
            lines: Lines::start("log", stream, duties)?,
            repeats,
            is_json,
        })
    }

    /// Sends what is traced, and every panic, to this log.
    ///
    /// # Errors
    /// If the filter cannot be parsed, or tracing has a subscriber.
    pub fn receive(&self, config: &TelemetryConfig) -> Result<LogControl, TelemetryError> {
        let colours = io::stderr().is_terminal();
        let (subscriber, control) = self.subscriber(config, colours)?;
        tracing::subscriber::set_global_default(subscriber)?;
        let log = self.clone();
        panics::to_log(Box::new(move |message, fields| {
            log.direct(Level::ERROR, message, fields);
        }));
        Ok(control)
    }

    fn subscriber(
        &self,
        config: &TelemetryConfig,
        colours: bool,
    ) -> Result<(Box<dyn Subscriber + Send + Sync>, LogControl), TelemetryError> {
        let (filter, control) = filter::reloadable(&config.filter)?;
        let is_json = config.format == LogFormat::Json;
        self.is_json.store(is_json, Ordering::Relaxed);
        let flood = Flood {
            repeats: self.repeats.clone(),
        };
        let limited = tracing_subscriber::registry().with(filter).with(flood);
        // Errors are ours to handle: the layer would print them to standard error.
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(self.lines.clone())
            .log_internal_errors(false);
        let subscriber: Box<dyn Subscriber + Send + Sync> = match config.format {
            LogFormat::Text => {
                Box::new(limited.with(layer.with_ansi(colours).fmt_fields(TextFields)))
            }
            LogFormat::Json => {
                Box::new(limited.with(layer.fmt_fields(JsonFields).event_format(JsonEvent)))
            }
        };
        Ok((subscriber, control))
    }

    /// Adds a line that does not come through tracing.
    pub(super) fn direct(&self, level: Level, message: &str, fields: &[(&str, Own<'_>)]) {
        let line = format::direct(format_of(&self.is_json), level, message, fields);
        self.lines.add(line.as_bytes());
    }

    /// Tells what was left out, and waits until everything is written, at most [`LAST_LINES`]: for a process that ends.
    pub fn flush(&self) {
        repeats::tell(self.repeats.end_second());
        self.lines.flush(LAST_LINES);
    }
}

fn format_of(is_json: &AtomicBool) -> LogFormat {
    match is_json.load(Ordering::Relaxed) {
        true => LogFormat::Json,
        false => LogFormat::Text,
    }
}

/// What the log's thread does besides writing.
struct LogDuties {
    repeats: Arc<Repeats>,
    is_json: Arc<AtomicBool>,
}

impl Duties for LogDuties {
    fn report(&self, lost: LostLines) -> String {
        let (full, failed) = (Own::Count(lost.queue_full), Own::Count(lost.write_failed));
        format::direct(
            format_of(&self.is_json),
            Level::WARN,
            "log lines were lost",
            &[("queue_full", full), ("write_failed", failed)],
        )
    }

    fn every_second(&self) {
        repeats::tell(self.repeats.end_second());
    }
}

/// Takes whole lines; waits for them to be written, for a while, only when it is flushed.
impl Write for Log {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.lines.add(lines);
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Self::flush(self);
        Ok(())
    }
}

/// Whether a line may be written that stands for `times` events, because it is the first of its kind in this second. If
/// not, it is counted, and told with others of its kind in one line at the end of the second.
#[must_use]
pub fn is_first(kind: impl FnOnce() -> Kind, times: u64) -> bool {
    // Without a log nothing is written, and nothing counted.
    LOG.get()
        .is_none_or(|log| log.repeats.allow(kind(), 1, times))
}

/// Tells at once which lines were left out, instead of at the end of the second: for whoever writes a last line.
pub fn tell_repeats() {
    if let Some(log) = LOG.get() {
        repeats::tell(log.repeats.end_second());
    }
}

/// The lines of the log of the process that were lost so far.
#[must_use]
pub fn lost_lines() -> LostLines {
    LOG.get().map(|log| log.lines.lost()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
