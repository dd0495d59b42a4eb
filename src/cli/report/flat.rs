//! The rows of a table for programs: tab-separated, CSV, NDJSON.

use super::column::Table;
use super::value::Value;
use crate::cli::terminal_text::one_line;

/// Returns tab-separated rows under a line with the names of the fields. Tabs and line breaks in cells become spaces.
pub(super) fn tabs(table: &Table) -> String {
    let mut text = table.fields.join("\t");
    text.push('\n');
    for row in &table.rows {
        let cells = row.values.iter().map(|value| one_line(&value.plain()));
        text += &cells.collect::<Vec<_>>().join("\t");
        text.push('\n');
    }
    text
}

/// Returns CSV (RFC 4180) with a header; lines end in LF.
pub(super) fn csv(table: &Table) -> String {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    // Writing to memory cannot fail, and every row has as many cells as the header.
    let _ = writer.write_record(&table.fields);
    for row in &table.rows {
        let _ = writer.write_record(row.values.iter().map(Value::plain));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// Returns one JSON object per row. Its fields are in the order of the columns, and a field without a value is `null`.
pub(super) fn ndjson(table: &Table) -> String {
    let mut text = String::new();
    for row in &table.rows {
        let members = table.fields.iter().zip(&row.values);
        let members = members.map(|(name, value)| {
            let name = serde_json::Value::from(name.as_str());
            format!("{name}:{}", value.json())
        });
        let members: Vec<String> = members.collect();
        text += &format!("{{{}}}\n", members.join(","));
    }
    text
}
