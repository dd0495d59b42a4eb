//! What became of an import.

use std::path::PathBuf;

use serde::Serialize;

use crate::cli::CliError;
use crate::cli::text::count;

/// Counts of lines, and how long it took.
#[derive(Debug, Default, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Summary {
    /// New in the log.
    pub(in crate::cli) stored: u64,
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
            "{} stored, {} stored before, {} refused; {:.1} s, {} a second\n",
            count(self.stored),
            count(self.replayed),
            count(self.refused),
            self.seconds,
            count(self.rate()),
        );
        if self.warned > 0 {
            text += &format!(
                "{} carry a warning; see their timelines\n",
                count(self.warned)
            );
        }
        if let Some(path) = &self.refused_file {
            text += &format!("refused lines and why: {}\n", path.display());
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
        }
    }

    #[test]
    fn people_read_a_sentence() {
        insta::assert_snapshot!(summary().for_people(), @r"
        40,000 stored, 142 stored before, 3 refused; 2.0 s, 20,071 a second
        1 carry a warning; see their timelines
        refused lines and why: in.ndjson.refused.ndjson
        ");
    }

    #[test]
    fn scripts_read_json() {
        insta::assert_snapshot!(summary().in_json().unwrap().to_string(), @r#"{"rate":20071,"refused":3,"refusedFile":"in.ndjson.refused.ndjson","replayed":142,"seconds":2.0,"stored":40000,"warned":1}"#);
    }
}
