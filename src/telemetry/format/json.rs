//! Lines as JSON: one object each, with the fields of the event beside its time, level and target, and those of its spans
//! in objects of their own.

use std::fmt::{self, Debug};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::values::{Cut, Escape};

/// The fields of JSON lines: members of an object, without its braces. A field that is recorded twice stands there twice.
pub(in crate::telemetry) struct JsonFields;

impl<'w> FormatFields<'w> for JsonFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        fields.record(&mut JsonVisitor {
            writer,
            is_first: true,
        });
        Ok(())
    }

    fn add_fields(
        &self,
        current: &'w mut FormattedFields<Self>,
        fields: &tracing::span::Record<'_>,
    ) -> fmt::Result {
        let is_first = current.fields.is_empty();
        fields.record(&mut JsonVisitor {
            writer: current.as_writer(),
            is_first,
        });
        Ok(())
    }
}

struct JsonVisitor<'w> {
    writer: Writer<'w>,
    is_first: bool,
}

impl JsonVisitor<'_> {
    fn name(&mut self, field: &Field) {
        let comma = if std::mem::take(&mut self.is_first) {
            ""
        } else {
            ","
        };
        let name = field.name().trim_start_matches("r#");
        // Writing to the buffer of a line cannot fail. Names are identifiers.
        let _ = write!(self.writer, "{comma}\"{name}\":");
    }

    fn bare(&mut self, field: &Field, value: impl fmt::Display) {
        self.name(field);
        let _ = write!(self.writer, "{value}");
    }

    fn quoted(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.name(field);
        let _ = self.writer.write_char('"');
        Cut::new(&mut self.writer, Escape::Json).value(value);
        let _ = self.writer.write_char('"');
    }
}

impl Visit for JsonVisitor<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        match value.is_finite() {
            true => self.bare(field, value),
            // JSON has no such numbers.
            false => self.quoted(field, format_args!("{value}")),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.bare(field, value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.bare(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.quoted(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.quoted(field, format_args!("{value:?}"));
    }
}

/// The form of JSON lines.
pub(in crate::telemetry) struct JsonEvent;

impl<S> FormatEvent<S, JsonFields> for JsonEvent
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let place = event.metadata();
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, "\",\"level\":\"{}\",", place.level())?;
        context.format_fields(writer.by_ref(), event)?;
        write!(writer, ",\"target\":\"{}\"", place.target())?;
        if let Some(span) = context.parent_span() {
            writer.write_str(",\"span\":")?;
            object(&mut writer, &span)?;
            writer.write_str(",\"spans\":[")?;
            for (number, span) in span.scope().from_root().enumerate() {
                writer.write_str(if number == 0 { "" } else { "," })?;
                object(&mut writer, &span)?;
            }
            writer.write_char(']')?;
        }
        writeln!(writer, "}}")
    }
}

/// A span as an object of its fields and its name.
fn object<S: for<'a> LookupSpan<'a>>(
    writer: &mut Writer<'_>,
    span: &SpanRef<'_, S>,
) -> fmt::Result {
    let extensions = span.extensions();
    let fields = extensions.get::<FormattedFields<JsonFields>>();
    writer.write_char('{')?;
    if let Some(fields) = fields.filter(|fields| !fields.fields.is_empty()) {
        write!(writer, "{},", fields.fields)?;
    }
    write!(writer, "\"name\":\"{}\"}}", span.name())
}
