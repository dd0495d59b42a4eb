//! What became of an import.

use std::path::PathBuf;

use serde::Serialize;

use crate::cli::CliError;
use crate::cli::terminal_text::count;

/// Counts of lines, and how long it took.
#[derive(Debug, Default, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Summary {
    /// New in the log.
    pub(in crate::cli) stored: u64,
    /// That nothing was stored: `stored` says what would have been.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) dry_run: bool,
    /// In the log before, with the same content.
    pub(in crate::cli) replayed: u64,
    /// Not stored.
    pub(in crate::cli) refused: u64,
    /// Of those in the log: with something worth knowing.
    pub(super) warned: u64,
    /// Wall time.
    pub(in crate::cli) seconds: f64,
    /// Where the refused lines are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refused_file: Option<PathBuf>,
    /// Where the lines with a warning are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) warnings_file: Option<PathBuf>,
    /// The greatest position of what is in the log now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<String>,
    /// Of a run that stopped: the first line that is not decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) undecided_from: Option<u64>,
}

impl Summary {
    /// Touchpoints a second, whole.
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
            "{} {}, {} stored before, {} refused; {:.1} s, {} a second\n",
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
            text += &format!("{} carry a warning\n", count(self.warned));
        }
        if let Some(path) = &self.warnings_file {
            text += &format!("which, and of whom: {}\n", path.display());
        }
        if let Some(path) = &self.refused_file {
            text += &format!("refused lines and why: {}\n", path.display());
        }
        if let Some(line) = self.undecided_from {
            text += &format!(
                "every line before line {line} is decided; go on with --from-line {line}\n"
            );
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
    fn people_read_a_sentence() {
        insta::assert_snapshot!(summary().for_people(), @r"
        40,000 stored, 142 stored before, 3 refused; 2.0 s, 20,071 a second
        1 carry a warning
        which, and of whom: in.ndjson.warnings.ndjson
        refused lines and why: in.ndjson.refused.ndjson
        ");
    }

    #[test]
    fn scripts_read_json() {
        insta::assert_snapshot!(summary().in_json().unwrap().to_string(), @r#"{"rate":20071,"refused":3,"refusedFile":"in.ndjson.refused.ndjson","replayed":142,"seconds":2.0,"stored":40000,"warned":1,"warningsFile":"in.ndjson.warnings.ndjson"}"#);
    }

    #[test]
    fn a_run_that_stopped_says_where_to_go_on() {
        let stopped = Summary {
            undecided_from: Some(501),
            dry_run: true,
            ..Summary::default()
        };
        insta::assert_snapshot!(stopped.for_people(), @r"
        0 would be stored, 0 stored before, 0 refused; 0.0 s, 0 a second
        every line before line 501 is decided; go on with --from-line 501
        ");
    }
}
