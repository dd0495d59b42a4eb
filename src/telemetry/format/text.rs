//! Fields of a line of text: the message bare, values as `name=value`.

use std::fmt::{self, Debug};

use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

use super::values::{Cut, Escape};

/// The fields of lines of text.
pub(in crate::telemetry) struct TextFields;

impl<'w> FormatFields<'w> for TextFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        fields.record(&mut TextVisitor {
            writer,
            is_first: true,
        });
        Ok(())
    }
}

struct TextVisitor<'w> {
    writer: Writer<'w>,
    is_first: bool,
}

impl TextVisitor<'_> {
    fn value(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let name = field.name();
        let gap = if std::mem::take(&mut self.is_first) {
            ""
        } else {
            " "
        };
        // Writing to the buffer of a line cannot fail.
        let _ = match name {
            "message" => self.writer.write_str(gap),
            // Italic and dimmed, as tracing-subscriber shows names at a terminal.
            _ if self.writer.has_ansi_escapes() => write!(
                self.writer,
                "{gap}\u{1b}[3m{name}\u{1b}[0m\u{1b}[2m=\u{1b}[0m"
            ),
            _ => write!(self.writer, "{gap}{name}="),
        };
        Cut::new(&mut self.writer, Escape::Text).value(value);
    }
}

impl Visit for TextVisitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.value(field, format_args!("{value}")),
            _ => self.value(field, format_args!("{value:?}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.value(field, format_args!("{value:?}"));
    }
}
