//! The form of a line: text for people, or one JSON object. Every value of every line, whoever supplied it, is cut to
//! [`VALUE_CHARACTERS`], and what could break a line or deceive its reader is escaped.
//!
//! Nothing here fails: tracing-subscriber would print a span that cannot be formatted to standard error.

mod json;
mod text;
mod values;

use tracing::Level;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};

use crate::config::LogFormat;

pub(super) use json::{JsonEvent, JsonFields};
pub(super) use text::TextFields;
pub use values::VALUE_CHARACTERS;
use values::{escaped_json, escaped_text};

/// A value of a line that does not come through tracing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Own<'a> {
    /// A number.
    Count(u64),
    /// Any text.
    Text(&'a str),
}

/// The line of an event that does not come through tracing, with its line break.
pub(super) fn direct(
    format: LogFormat,
    level: Level,
    message: &str,
    fields: &[(&str, Own<'_>)],
) -> String {
    let target = module_path!().trim_end_matches("::format");
    let mut time = String::new();
    // A clock before 1970 leaves the time empty.
    let _ = SystemTime.format_time(&mut Writer::new(&mut time));
    let mut line;
    match format {
        LogFormat::Text => {
            line = format!(
                "{time} {:>5} {target}: {}",
                level.as_str(),
                escaped_text(&message)
            );
            for (name, value) in fields {
                line = line
                    + " "
                    + name
                    + "="
                    + &match value {
                        Own::Count(count) => count.to_string(),
                        Own::Text(text) => escaped_text(text),
                    };
            }
        }
        LogFormat::Json => {
            let message = escaped_json(&message);
            line = format!(r#"{{"timestamp":"{time}","level":"{level}","message":"{message}""#);
            for (name, value) in fields {
                line = line
                    + ",\""
                    + name
                    + "\":"
                    + &match value {
                        Own::Count(count) => count.to_string(),
                        Own::Text(text) => format!("\"{}\"", escaped_json(text)),
                    };
            }
            line = line + r#","target":""# + target + "\"}";
        }
    }
    line + "\n"
}
