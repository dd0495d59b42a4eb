//! Reports: what an answer prints in every format.
//!
//! A command describes its answer once, as a [`Report`] of texts, notes, warnings and tables of typed columns. The
//! [`Format`] decides what is printed: aligned tables on a terminal, tab-separated ones in a pipe, proto3 JSON, or only
//! the rows, as CSV or NDJSON.

mod column;
mod flat;
mod format;
mod layout;
mod value;

use unicode_width::UnicodeWidthStr as _;

use crate::cli::terminal_text::wrapped;

pub(super) use self::column::{Column, Table};
pub(super) use self::format::{Format, FormatArgs};
pub(super) use self::value::{Value, key, key_shown, word};

/// Printed above an answer that does not include everything recorded.
pub(super) const STALE: &str = "Not up to date: this answer does not include everything that was recorded. Try again in a moment.\n\n";

/// An answer for people and spreadsheets; its parts are printed in order.
#[derive(Debug, Default)]
pub(super) struct Report {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    /// A part of the answer.
    Text(String),
    /// What the answer is about: a heading, the position it reflects.
    Note(String),
    /// What a reader of the rows must know: that some are missing, or that more has been recorded since.
    Warning(String),
    Table(Table),
    /// A table that only programs see.
    Rows(Table),
}

/// The text for standard output and the text for standard error.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) out: String,
    pub(super) err: String,
}

/// How tables are printed in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Aligned, in lines of at most this many characters.
    Aligned(usize),
    /// Tab-separated, under the names of the fields.
    Tabs,
}

impl Report {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Creates a report with one row from a JSON object.
    pub(super) fn of_object(object: &serde_json::Value) -> Self {
        Self::new().for_programs(Table::of_object(object))
    }

    /// Adds a text that is part of the answer.
    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    /// Puts a note above everything else.
    pub(super) fn heading(mut self, text: impl Into<String>) -> Self {
        self.parts.insert(0, Part::Note(text.into()));
        self
    }

    /// Adds a note on what the answer is about. It is not printed where only rows were asked for.
    pub(super) fn note(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Note(text.into()));
        self
    }

    /// Adds a note with the position that the answer reflects, and a warning above everything else if it is stale.
    pub(super) fn known_at(self, position: &str, is_stale: bool) -> Self {
        self.note(format!("\nKnown at position {position}.\n"))
            .stale(is_stale)
    }

    /// Puts a warning above everything else if the answer is stale: if more was recorded than it includes.
    pub(super) fn stale(mut self, is_stale: bool) -> Self {
        if is_stale {
            self.parts.insert(0, Part::Warning(STALE.to_owned()));
        }
        self
    }

    /// Adds a warning. Where only rows are printed, it goes to standard error.
    pub(super) fn warning(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Warning(text.into()));
        self
    }

    /// Adds a table. CSV and NDJSON contain only the first one.
    pub(super) fn table(mut self, table: Table) -> Self {
        self.parts.push(Part::Table(table));
        self
    }

    /// Adds a table that only programs see: people read the same in a text, or that there are no rows.
    pub(super) fn for_programs(mut self, table: Table) -> Self {
        self.parts.push(Part::Rows(table));
        self
    }

    /// Returns the whole report for people. In a pipe, a report without texts prints only its rows to standard output,
    /// and notes and warnings to standard error.
    pub(super) fn in_words(&self, look: Look) -> Printed {
        let is_list = !self.parts.iter().any(|part| matches!(part, Part::Text(_)));
        let mut printed = Printed::default();
        for part in &self.parts {
            match (part, look) {
                (Part::Table(table), Look::Aligned(width)) => printed.out += &table.aligned(width),
                (Part::Rows(table), Look::Tabs) if is_list => printed.out += &flat::tabs(table),
                (Part::Rows(_), _) => {}
                (Part::Table(table), Look::Tabs) => printed.out += &flat::tabs(table),
                (Part::Note(text) | Part::Warning(text), Look::Tabs) if is_list => {
                    printed.err += text
                }
                (Part::Note(text) | Part::Warning(text), Look::Aligned(width)) => {
                    printed.out += &in_width(text, width);
                }
                (Part::Text(text) | Part::Note(text) | Part::Warning(text), _) => {
                    printed.out += text
                }
            }
        }
        printed.err = printed.err.trim_start_matches('\n').to_owned();
        printed
    }

    /// Returns the rows of the first table, as one JSON object or one line of CSV each; `None` if there is no table.
    pub(super) fn rows(&self, format: Format) -> Option<Printed> {
        let table = self.parts.iter().find_map(|part| match part {
            Part::Table(table) | Part::Rows(table) => Some(table),
            _ => None,
        })?;
        let warnings = self.parts.iter().filter_map(|part| match part {
            Part::Warning(text) => Some(text.as_str()),
            _ => None,
        });
        Some(Printed {
            out: match format {
                Format::Csv => flat::csv(table),
                Format::Ndjson | Format::Json | Format::Table => flat::ndjson(table),
            },
            err: warnings.collect(),
        })
    }
}

/// Breaks the lines of a note that are longer than `width` between words.
fn in_width(text: &str, width: usize) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        if line.trim_end().width() <= width {
            return line.to_owned();
        }
        wrapped(line, width).join("\n") + "\n"
    });
    lines.collect()
}

impl From<String> for Report {
    fn from(text: String) -> Self {
        Self::new().text(text)
    }
}

#[cfg(test)]
mod tests;
