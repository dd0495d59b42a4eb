//! The outcome of each touchpoint of an import.

use ownerline_proto::v1::{RecordResponse, Touchpoint};
use serde::Serialize;

use crate::cli::CliError;

/// A receiver of outcomes.
pub(in crate::cli) trait Outcomes {
    /// Takes a touchpoint that is in the log or, in a dry run, would be; it was read from the line with this number.
    ///
    /// # Errors
    /// If the outcome cannot be written.
    fn recorded(
        &mut self,
        number: u64,
        touchpoint: &Touchpoint,
        recorded: &RecordResponse,
    ) -> Result<(), CliError>;

    /// Takes a line that was refused.
    ///
    /// # Errors
    /// If the outcome cannot be written.
    fn refused(&mut self, refused: &Refused) -> Result<(), CliError>;
}

/// A line that was not stored.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Refused {
    /// The number of the line, from 1.
    pub(super) number: u64,
    /// The id of the touchpoint, if it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    /// The reason: MALFORMED_LINE, or that of the server. Stable, upper case.
    pub(in crate::cli) reason: String,
    /// The message.
    pub(in crate::cli) message: String,
    /// The attributes or fields that break a rule.
    pub(super) violations: Vec<Violated>,
    /// The line as it is in the input.
    pub(super) line: String,
}

/// An attribute or a field that breaks a rule.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Violated {
    /// The attribute, or the path of the field.
    pub(super) field: String,
    /// The reason: stable, upper case.
    pub(super) reason: String,
    /// The description.
    pub(super) description: String,
}
