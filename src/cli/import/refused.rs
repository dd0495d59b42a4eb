//! What becomes of each touchpoint of an import, and the lines about some of them: refused ones, to be mended
//! and imported again, and stored ones that carry a warning.

use ownerline_proto::v1::{RecordResponse, Touchpoint};
use serde::Serialize;

use super::beside::BesideFile;
use crate::cli::CliError;

/// Hears what becomes of each touchpoint.
pub(in crate::cli) trait Outcomes {
    /// It is in the log, or would be; it was read from the line of this number.
    ///
    /// # Errors
    /// If that cannot be kept.
    fn recorded(
        &mut self,
        number: u64,
        touchpoint: &Touchpoint,
        recorded: &RecordResponse,
    ) -> Result<(), CliError>;

    /// It is not.
    ///
    /// # Errors
    /// If that cannot be kept.
    fn refused(&mut self, refused: &Refused) -> Result<(), CliError>;
}

/// A line that was not stored.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Refused {
    /// The line's, from 1.
    pub(super) number: u64,
    /// The touchpoint's, as far as it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    /// Stable, upper-case: MALFORMED_LINE, or what the server says.
    pub(in crate::cli) reason: String,
    /// In words.
    pub(in crate::cli) message: String,
    /// The attributes of a line or the fields of a touchpoint that are why.
    pub(super) violations: Vec<Violated>,
    /// As it stands in the file.
    pub(super) line: String,
}

/// An attribute or a field that is why.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Violated {
    /// The attribute, or the path of the field.
    pub(super) field: String,
    /// Stable, upper-case.
    pub(super) reason: String,
    /// In words.
    pub(super) description: String,
}

/// A line that was stored with something worth knowing.
#[derive(Debug, Serialize)]
struct Warned<'a> {
    number: u64,
    source: &'a str,
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    owner: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    vin: &'a str,
    stream: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    position: &'a str,
    warnings: Vec<Violated>,
}

/// The files of an import.
pub(super) struct Files {
    /// Lines that were not stored.
    pub(super) refused: BesideFile,
    /// Lines that carry a warning.
    pub(super) warned: BesideFile,
}

impl Outcomes for Files {
    fn recorded(
        &mut self,
        number: u64,
        touchpoint: &Touchpoint,
        recorded: &RecordResponse,
    ) -> Result<(), CliError> {
        if recorded.warnings.is_empty() {
            return Ok(());
        }
        let subjects = touchpoint.subjects.as_ref();
        let warnings = recorded.warnings.iter().map(|warning| Violated {
            field: warning.field.clone(),
            reason: warning.reason.clone(),
            description: warning.message.clone(),
        });
        self.warned.write(&Warned {
            number,
            source: &touchpoint.source,
            id: &touchpoint.id,
            owner: subjects.map_or("", |subjects| &subjects.owner_id),
            vin: subjects.map_or("", |subjects| &subjects.vin),
            stream: &recorded.stream,
            position: &recorded.position,
            warnings: warnings.collect(),
        })
    }

    fn refused(&mut self, refused: &Refused) -> Result<(), CliError> {
        self.refused.write(refused)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ownerline_proto::v1::{Subjects, Warning};

    use super::*;

    fn files(folder: &Path) -> Files {
        let input = folder.join("in.ndjson");
        let file = |ending| BesideFile::new(&input, None, ending).unwrap();
        Files {
            refused: file("refused.ndjson"),
            warned: file("warnings.ndjson"),
        }
    }

    #[test]
    fn a_refused_line_is_json_with_the_line_inside() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = files(folder.path());
        let refused = Refused {
            number: 3,
            id: Some("x".to_owned()),
            reason: "ALREADY_EXISTS".to_owned(),
            message: "same id, other content".to_owned(),
            violations: vec![Violated {
                field: "vin".to_owned(),
                reason: "FORMAT".to_owned(),
                description: "17 characters".to_owned(),
            }],
            line: "{\"id\":\"x\"}".to_owned(),
        };
        files.refused(&refused).unwrap();
        let path = files.refused.close(true).unwrap().unwrap();
        insta::assert_snapshot!(std::fs::read_to_string(path).unwrap(), @r#"{"number":3,"id":"x","reason":"ALREADY_EXISTS","message":"same id, other content","violations":[{"field":"vin","reason":"FORMAT","description":"17 characters"}],"line":"{\"id\":\"x\"}"}"#);
    }

    #[test]
    fn a_warning_names_the_line_and_the_owner() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = files(folder.path());
        let touchpoint = Touchpoint {
            id: "7".to_owned(),
            source: "//crm".to_owned(),
            subjects: Some(Subjects {
                owner_id: "owner-1".to_owned(),
                ..Subjects::default()
            }),
            ..Touchpoint::default()
        };
        let mut recorded = RecordResponse {
            stream: "case-1".to_owned(),
            position: "p".to_owned(),
            ..RecordResponse::default()
        };
        files.recorded(1, &touchpoint, &recorded).unwrap();
        recorded.warnings.push(Warning {
            reason: "VIN_CHECK_DIGIT".to_owned(),
            field: "touchpoint.subjects.vin".to_owned(),
            message: "it may be mistyped".to_owned(),
        });
        files.recorded(2, &touchpoint, &recorded).unwrap();
        let path = files.warned.close(true).unwrap().unwrap();
        insta::assert_snapshot!(std::fs::read_to_string(path).unwrap(), @r#"{"number":2,"source":"//crm","id":"7","owner":"owner-1","stream":"case-1","position":"p","warnings":[{"field":"touchpoint.subjects.vin","reason":"VIN_CHECK_DIGIT","description":"it may be mistyped"}]}"#);
    }
}
