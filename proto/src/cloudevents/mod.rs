//! The line format of import and export: one touchpoint as one CloudEvents 1.0 JSON object.
//!
//! `type` is `com.ownerline.<event>.v1`, `time` is `occurred_at`, `data` is the proto3 JSON of the
//! payload, and the rest of the envelope are extension attributes, all of them strings:
//!
//! | attribute | field of the touchpoint |
//! |---|---|
//! | `receivedtime`, `visiblefrom` | `received_at`, `visible_from` |
//! | `ownerid`, `vin`, `orderid`, `visitid`, `feedbackid`, `caseid`, `defectid`, `dealerid` | `subjects` |
//! | `actorid`, `actorkind`, `actorrole`, `actordealerid` | `actor` |
//! | `operatedby`, `onbehalfof`, `correlationid`, `traceparent` | the field of that name |
//! | `channel`, `visibility` (and `actorkind`) | lower-case short names: `in_person` |
//! | `causationid` with `causationsource`, `corrects` with `correctssource` | references |
//!
//! A line of a recorded touchpoint also carries what the log added: `position`, `stream`, `revision`
//! and `recordedtime`. They are accepted and ignored when a line is read, so that an export can be
//! imported again; the log that imports it adds its own. `origin` is not an attribute: the server stamps it.
//!
//! Of CloudEvents itself, `subject` and `dataschema` are accepted and ignored, and so are the documented extensions about
//! transport: `tracestate`, `partitionkey`, `sequence`, `sequencetype` and `sampledrate`. `data_base64` may replace `data`
//! and holds the same JSON.
//! Any other attribute is refused, because it would be lost.

mod attribute;
mod name;
mod read;
mod write;

use std::fmt;

pub use name::ShortName;
pub use read::from_line;
pub use write::{Unwritable, to_line, to_recorded_line};

use crate::Violation;

/// The only version of CloudEvents that is read and written.
const SPEC_VERSION: &str = "1.0";
/// The content type of `data` as written.
const CONTENT_TYPE: &str = "application/json";
/// Attributes that the reader ignores: what the log adds, and extensions of CloudEvents about transport.
const IGNORED_ATTRIBUTES: [&str; 9] = [
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

#[cfg(test)]
mod tests;
