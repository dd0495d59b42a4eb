//! The flags that choose how an answer is printed.

use clap::{Args, ValueEnum};

use crate::cli::CliError;

/// A format of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns, for people
    Table,
    /// The answer of the API as proto3 JSON
    Json,
    /// One flat JSON object per row
    Ndjson,
    /// Comma-separated values with a header
    Csv,
}

/// How an answer is printed.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct FormatArgs {
    /// How to print the answer [default: table on a terminal, tab-separated columns in a pipe]
    #[arg(
        short = 'o',
        long = "output",
        value_enum,
        value_name = "FORMAT",
        conflicts_with = "json"
    )]
    pub output: Option<Format>,
    /// Print the answer as proto3 JSON; short for -o json
    #[arg(long)]
    pub json: bool,
}

impl FormatArgs {
    #[cfg(test)]
    pub(in crate::cli) fn json() -> Self {
        Self {
            output: None,
            json: true,
        }
    }

    /// The table format, wherever standard output goes.
    pub(in crate::cli) fn table() -> Self {
        Self {
            output: Some(Format::Table),
            json: false,
        }
    }

    /// Returns the format that was chosen; `None` for the one that suits where standard output goes.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        if self.json {
            Some(Format::Json)
        } else {
            self.output
        }
    }

    /// Returns whether an endless answer is printed as one JSON object per line.
    ///
    /// # Errors
    /// If CSV was chosen: changes of several shapes have no common columns.
    pub(in crate::cli) fn as_json_lines(&self) -> Result<bool, CliError> {
        match self.format() {
            Some(Format::Json | Format::Ndjson) => Ok(true),
            Some(Format::Table) | None => Ok(false),
            Some(Format::Csv) => Err(CliError::NoRows),
        }
    }
}
