//! The constants of a line, and the error of one that cannot be read.

use std::fmt;

use crate::violation::Violation;

/// The only version of CloudEvents that is read and written.
pub(super) const SPEC_VERSION: &str = "1.0";
/// The content type of `data` as written.
pub(super) const CONTENT_TYPE: &str = "application/json";
/// Attributes that the reader ignores: what the log adds, and extensions of CloudEvents about transport.
pub(super) const IGNORED_ATTRIBUTES: [&str; 9] = [
    "position",
    "stream",
    "revision",
    "recordedtime",
    "tracestate",
    "partitionkey",
    "sequence",
    "sequencetype",
    "sampledrate",
];

/// Everything that is wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// The `id` of the line, if it could be read.
    pub id: Option<String>,
    /// The problems, never none. Each names its attribute in `field`, which is empty if the line as a whole is wrong.
    pub problems: Vec<Violation>,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            if problem.field.is_empty() {
                f.write_str(&problem.description)?;
            } else {
                write!(f, "{problem}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for LineError {}
