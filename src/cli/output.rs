//! Where a command writes.

use std::io::{BufWriter, IsTerminal as _, Write, stderr, stdout};

use serde::Serialize;

use super::{CliError, FAILURE, SUCCESS};

/// Narrower than this, a table of two columns is unreadable.
const LEAST_WIDTH: usize = 60;
/// Wider than this, lines are hard to follow.
const GREATEST_WIDTH: usize = 120;

/// Answers go to `out`, remarks and errors to `err`.
pub struct Output<'a> {
    /// What was asked for.
    pub out: Box<dyn Write + 'a>,
    /// Everything else.
    pub err: Box<dyn Write + 'a>,
    /// How many characters a line for people may have.
    pub width: usize,
}

impl Output<'static> {
    /// The standard streams of this process.
    #[must_use]
    pub fn standard() -> Self {
        let width = comfy_table::Table::new()
            .width()
            .filter(|_| stdout().is_terminal())
            .map_or(GREATEST_WIDTH, usize::from);
        Self {
            out: Box::new(BufWriter::new(stdout())),
            err: Box::new(stderr()),
            width: width.clamp(LEAST_WIDTH, GREATEST_WIDTH),
        }
    }
}

impl Output<'_> {
    /// Writes an answer as one line of proto3 JSON, or as `told` tells it to people in lines of so many characters.
    pub(super) fn answer<A: Serialize>(
        &mut self,
        answer: &A,
        json: bool,
        told: impl FnOnce(&A, usize) -> String,
    ) -> Result<u8, CliError> {
        let text = match json {
            true => serde_json::to_string(answer).map_err(CliError::Json)? + "\n",
            false => told(answer, self.width),
        };
        self.write(&text)?;
        Ok(SUCCESS)
    }

    /// Writes text.
    pub(super) fn write(&mut self, text: &str) -> Result<(), CliError> {
        self.out
            .write_all(text.as_bytes())
            .map_err(CliError::Output)
    }

    /// Lets whoever reads see what was written.
    pub(super) fn flush(&mut self) -> Result<(), CliError> {
        self.out.flush().map_err(CliError::Output)
    }

    /// Writes an error for people and answers the exit code of a failure.
    pub fn failed(&mut self, error: &CliError) -> u8 {
        // Nobody is left to be told when even this cannot be written.
        let _ = self.err.write_all(error.explanation().as_bytes());
        let _ = self.err.flush();
        FAILURE
    }
}
