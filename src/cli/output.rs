//! Where a command writes, and how every answer gets there.

use std::io::{BufWriter, IsTerminal as _, Write, stderr, stdout};

use ownerline_proto::json::to_json;
use prost::{Message, Name};
use serde::Serialize;

use super::error::CliError;
use super::exit_code::{FAILURE, SUCCESS};
use super::report::{Format, FormatArgs, Look, Printed, Report};

/// Narrower than this, a table of two columns is unreadable.
const LEAST_WIDTH: usize = 60;
/// Wider than this, lines are hard to follow.
const GREATEST_WIDTH: usize = 120;

/// The streams of a command: answers go to `out`, progress and errors to `err`.
pub struct Output<'a> {
    /// For answers.
    pub out: Box<dyn Write + 'a>,
    /// For everything else.
    pub err: Box<dyn Write + 'a>,
    /// The greatest width of a line for people, in characters.
    pub width: usize,
    /// Whether `out` is a terminal, where columns are aligned.
    pub is_terminal: bool,
}

impl Output<'static> {
    /// The standard streams of this process.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            out: Box::new(BufWriter::new(stdout())),
            err: Box::new(stderr()),
            width: width().clamp(LEAST_WIDTH, GREATEST_WIDTH),
            is_terminal: stdout().is_terminal(),
        }
    }
}

/// The width of the terminal, or else the value of COLUMNS.
fn width() -> usize {
    let terminal = terminal_size::terminal_size_of(stdout());
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal
        .map(|(width, _)| usize::from(width.0))
        .filter(|width| *width > 0)
        .or_else(columns)
        .unwrap_or(GREATEST_WIDTH)
}

impl Output<'_> {
    /// Writes an answer of the API in the chosen format and returns the exit code. `report` is given the answer and the
    /// width of a line, and describes the answer for people and spreadsheets.
    pub(super) fn answer<A: Message + Name>(
        &mut self,
        answer: &A,
        format: FormatArgs,
        report: impl FnOnce(&A, usize) -> Report,
    ) -> Result<u8, CliError> {
        let report = report(answer, self.width);
        let json = || to_json(answer).map_err(CliError::Json);
        self.in_format(&report, format, json)?;
        Ok(SUCCESS)
    }

    /// Writes an answer of this program itself in the chosen format and returns the exit code.
    pub(super) fn own_answer<A: Serialize>(
        &mut self,
        answer: &A,
        format: FormatArgs,
        report: impl Into<Report>,
    ) -> Result<u8, CliError> {
        let json = || serde_json::to_string(answer).map_err(CliError::Json);
        self.in_format(&report.into(), format, json)?;
        Ok(SUCCESS)
    }

    /// Writes a report, or the whole answer as JSON. As CSV or NDJSON, an answer without a table is one row.
    fn in_format(
        &mut self,
        report: &Report,
        format: FormatArgs,
        json: impl FnOnce() -> Result<String, CliError>,
    ) -> Result<(), CliError> {
        match format.format() {
            Some(Format::Json) => self.write(&(json()? + "\n")),
            Some(rows @ (Format::Csv | Format::Ndjson)) if report.rows(rows).is_none() => {
                let object = serde_json::from_str(&json()?).map_err(CliError::Json)?;
                self.report(&Report::of_object(&object), format)
            }
            _ => self.report(report, format),
        }
    }

    /// Writes a message of the API as a line of proto3 JSON.
    pub(super) fn json_line<A: Message + Name>(&mut self, answer: &A) -> Result<(), CliError> {
        let text = to_json(answer).map_err(CliError::Json)? + "\n";
        self.write(&text)
    }

    /// Writes a report in any format except JSON.
    pub(super) fn report(&mut self, report: &Report, format: FormatArgs) -> Result<(), CliError> {
        let aligned = Look::Aligned(self.width);
        let printed = match format.format() {
            Some(Format::Table) => report.in_words(aligned),
            None if self.is_terminal => report.in_words(aligned),
            None => report.in_words(Look::Tabs),
            Some(rows) => report.rows(rows).ok_or(CliError::NoRows)?,
        };
        let Printed { out, err } = printed;
        self.write(&out)?;
        self.remark(&err)
    }

    /// Writes a text.
    pub(super) fn write(&mut self, text: &str) -> Result<(), CliError> {
        self.out
            .write_all(text.as_bytes())
            .map_err(CliError::Output)
    }

    /// Writes a text to the stream that is not for answers.
    pub(super) fn remark(&mut self, text: &str) -> Result<(), CliError> {
        self.err
            .write_all(text.as_bytes())
            .map_err(CliError::Output)
    }

    /// Hands what was written to the reader.
    pub(super) fn flush(&mut self) -> Result<(), CliError> {
        self.out.flush().map_err(CliError::Output)
    }

    /// Writes an error for people and returns the exit code of a failure.
    pub fn failed(&mut self, error: &CliError) -> u8 {
        // Nothing can be done when even this cannot be written.
        let _ = self.err.write_all(error.explanation().as_bytes());
        let _ = self.err.flush();
        FAILURE
    }
}
