//! The one way from an answer to what is printed.
//!
//! A command describes its answer once, as a [`Report`]: texts, remarks, and tables of typed columns. The
//! [`Format`] decides what becomes of it: aligned tables on a terminal, tab-separated ones in a pipe, proto3 JSON,
//! or the rows alone as CSV or NDJSON.

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

/// Stands above an answer whose read models have not taken in everything that was recorded.
pub(super) const STALE: &str =
    "Not up to date: more was recorded than this answer takes in. Ask again in a moment.\n\n";

/// Says above a text that it is stale, if it is.
pub(super) fn beneath_stale(is_stale: bool, text: String) -> String {
    match is_stale {
        true => format!("{STALE}{text}"),
        false => text,
    }
}

/// An answer for people and spreadsheets, in the order in which it is read.
#[derive(Debug, Default)]
pub(super) struct Report {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    /// Belongs to the answer.
    Text(String),
    /// Says what the answer is of: a heading, the position it reflects.
    Note(String),
    /// Says what a reader of the rows must know: that some are missing, that more was recorded since.
    Warning(String),
    Table(Table),
    /// For programs alone.
    Rows(Table),
}

/// What goes to standard output, and what to standard error.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) out: String,
    pub(super) err: String,
}

/// How tables look in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Aligned, in lines of so many characters.
    Aligned(usize),
    /// Tab-separated, under the names of the fields.
    Tabs,
}

impl Report {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// The one row of a JSON object.
    pub(super) fn of_object(object: &serde_json::Value) -> Self {
        Self::new().for_programs(Table::of_object(object))
    }

    /// Adds a text that belongs to the answer.
    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    /// Puts a remark above everything else.
    pub(super) fn heading(mut self, text: impl Into<String>) -> Self {
        self.parts.insert(0, Part::Note(text.into()));
        self
    }

    /// Adds a remark on what the answer is of. A script that asked for rows alone does not get it.
    pub(super) fn note(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Note(text.into()));
        self
    }

    /// Puts above everything else that more was recorded than the answer takes in, if that is so.
    pub(super) fn stale(mut self, is_stale: bool) -> Self {
        if is_stale {
            self.parts.insert(0, Part::Warning(STALE.to_owned()));
        }
        self
    }

    /// Adds a remark that whoever reads only the rows must see too: it goes to standard error for them.
    pub(super) fn warning(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Warning(text.into()));
        self
    }

    /// Adds a table. CSV and NDJSON hold the first one alone.
    pub(super) fn table(mut self, table: Table) -> Self {
        self.parts.push(Part::Table(table));
        self
    }

    /// Adds a table for programs alone: people read what it says in a text, or that it has no rows.
    pub(super) fn for_programs(mut self, table: Table) -> Self {
        self.parts.push(Part::Rows(table));
        self
    }

    /// Returns the whole report for people. In a pipe, an answer that is nothing but a table leaves standard output
    /// to its rows.
    pub(super) fn told(&self, look: Look) -> Printed {
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

    /// Returns the rows of the first table, one JSON object or one line of CSV each; `None` if the answer has none.
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

/// The lines of a remark, broken between words where they are longer than that.
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
