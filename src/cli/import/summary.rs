//! The summary of an import.

use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::cli::CliError;
use crate::cli::terminal_text::count;

/// The counts of an import, and how long it took.
#[derive(Debug, Default, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Summary {
    /// New touchpoints in the log.
    pub(in crate::cli) stored: u64,
    /// Whether nothing was stored; `stored` then counts what would have been.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) dry_run: bool,
    /// Touchpoints that were in the log before, with the same content.
    pub(in crate::cli) replayed: u64,
    /// Lines that were not stored.
    pub(in crate::cli) refused: u64,
    /// Touchpoints in the log with a warning.
    pub(super) warned: u64,
    /// The wall-clock time.
    pub(in crate::cli) seconds: f64,
    /// The file of refused lines.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "readably")]
    pub(super) refused_file: Option<PathBuf>,
    /// The file of lines with a warning.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "readably")]
    pub(super) warnings_file: Option<PathBuf>,
    /// The greatest position of the touchpoints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<String>,
    /// The first line without an outcome, if the run was not finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) undecided_from: Option<u64>,
}

/// Writes a path for people: JSON holds no bytes that are not UTF-8.
fn readably<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_deref()
        .map(Path::to_string_lossy)
        .serialize(serializer)
}

impl Summary {
    /// Touchpoints per second.
    fn rate(&self) -> u64 {
        // A rate fits: the cast saturates, and nothing is negative.
        ((self.stored + self.replayed) as f64 / self.seconds.max(1e-3)) as u64
    }

    pub(super) fn in_json(&self) -> Result<serde_json::Value, CliError> {
        let mut members = serde_json::to_value(self).map_err(CliError::Json)?;
        if let Some(members) = members.as_object_mut() {
            members.insert("rate".to_owned(), self.rate().into());
        }
        Ok(members)
    }

    pub(super) fn for_people(&self) -> String {
        let mut text = format!(
            "{} {}, {} already stored, {} refused; {:.1} s, {}/s\n",
            count(self.stored),
            if self.dry_run {
                "would be stored"
            } else {
                "stored"
            },
            count(self.replayed),
            count(self.refused),
            self.seconds,
            count(self.rate()),
        );
        if self.warned > 0 {
            text += &format!("{} with a warning\n", count(self.warned));
        }
        if let Some(path) = &self.warnings_file {
            text += &format!("warnings: {}\n", path.display());
        }
        if let Some(path) = &self.refused_file {
            text += &format!("refused lines and reasons: {}\n", path.display());
        }
        if let Some(line) = self.undecided_from {
            text +=
                &format!("every line before {line} is decided; continue with --from-line {line}\n");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> Summary {
        Summary {
            stored: 40_000,
            replayed: 142,
            refused: 3,
            warned: 1,
            seconds: 2.0,
            refused_file: Some("in.ndjson.refused.ndjson".into()),
            warnings_file: Some("in.ndjson.warnings.ndjson".into()),
            ..Summary::default()
        }
    }

    #[test]
    fn people_read_sentences() {
        insta::assert_snapshot!(summary().for_people(), @r"
        40,000 stored, 142 already stored, 3 refused; 2.0 s, 20,071/s
        1 with a warning
        warnings: in.ndjson.warnings.ndjson
        refused lines and reasons: in.ndjson.refused.ndjson
        ");
    }

    #[test]
    fn scripts_read_json() {
        insta::assert_snapshot!(summary().in_json().unwrap().to_string(), @r#"{"rate":20071,"refused":3,"refusedFile":"in.ndjson.refused.ndjson","replayed":142,"seconds":2.0,"stored":40000,"warned":1,"warningsFile":"in.ndjson.warnings.ndjson"}"#);
    }

    #[test]
    fn a_run_that_stopped_says_where_to_continue() {
        let stopped = Summary {
            undecided_from: Some(501),
            dry_run: true,
            ..Summary::default()
        };
        insta::assert_snapshot!(stopped.for_people(), @r"
        0 would be stored, 0 already stored, 0 refused; 0.0 s, 0/s
        every line before 501 is decided; continue with --from-line 501
        ");
    }
}
