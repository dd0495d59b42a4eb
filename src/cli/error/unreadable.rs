//! The error of an input that cannot be read to its end.

use std::fmt;
use std::io;

/// The error of an input that cannot be read any further. Everything before the line was read.
#[derive(Debug)]
pub struct Unreadable {
    /// The number of the line, from 1.
    pub line: u64,
    /// The cause.
    pub why: Why,
}

/// The cause of an [`Unreadable`] input.
#[derive(Debug)]
pub enum Why {
    /// Reading failed, or compressed data is damaged.
    Read(io::Error),
    /// It does not consist of lines or of an array of JSON objects.
    Form(String),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.why {
            Why::Read(error) => write!(f, "{error}"),
            Why::Form(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Unreadable {}

impl Unreadable {
    pub(in crate::cli) fn form(line: u64, what: impl Into<String>) -> Self {
        let why = Why::Form(what.into());
        Self { line, why }
    }

    pub(in crate::cli) fn read(line: u64, error: io::Error) -> Self {
        let why = Why::Read(error);
        Self { line, why }
    }
}
