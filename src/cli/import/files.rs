//! The files of an import: refused lines, to be corrected and imported again, and stored lines that carry a warning.

use ownerline_proto::v1::{RecordResponse, Touchpoint};
use serde::Serialize;

use super::beside::BesideFile;
use super::refused::{Outcomes, Refused, Violated};
use crate::cli::CliError;

/// A line that was stored with a warning.
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
    /// The lines that were not stored.
    pub(super) refused: BesideFile,
    /// The lines that were stored with a warning.
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
