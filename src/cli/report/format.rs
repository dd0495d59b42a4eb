//! How an answer is printed: the same arguments of every command that reads.

use clap::{Args, ValueEnum};

use crate::cli::CliError;

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: aligned to the terminal
    Table,
    /// The answer of the API as proto3 JSON
    Json,
    /// One flat JSON object a row
    Ndjson,
    /// Comma-separated, with a header
    Csv,
}

/// How an answer is printed.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct FormatArgs {
    /// How the answer is printed [default: table on a terminal, tab-separated columns in a pipe]
    #[arg(
        short = 'o',
        long = "output",
        value_enum,
        value_name = "FORMAT",
        conflicts_with = "json"
    )]
    pub output: Option<Format>,
    /// Print the answer as proto3 JSON: short for -o json
    #[arg(long)]
    pub json: bool,
}

impl FormatArgs {
    /// As programs read it.
    #[cfg(test)]
    pub(in crate::cli) fn json() -> Self {
        Self {
            output: None,
            json: true,
        }
    }

    /// For people, wherever it goes.
    pub(in crate::cli) fn table() -> Self {
        Self {
            output: Some(Format::Table),
            json: false,
        }
    }

    /// The format that was asked for; `None` for the one that suits where standard output goes.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        if self.json {
            Some(Format::Json)
        } else {
            self.output
        }
    }

    /// Whether what goes on for ever is printed as one JSON object a line.
    ///
    /// # Errors
    /// If CSV was asked for: changes of several shapes have no common columns.
    pub(in crate::cli) fn as_json_lines(&self) -> Result<bool, CliError> {
        match self.format() {
            Some(Format::Json | Format::Ndjson) => Ok(true),
            Some(Format::Table) | None => Ok(false),
            Some(Format::Csv) => Err(CliError::NoRows),
        }
    }
}
