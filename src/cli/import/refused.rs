//! What becomes of each touchpoint of an import, and the file of refused lines: one JSON object for each, to
//! be looked at, mended and imported again.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use ownerline_proto::v1::RecordResponse;
use serde::Serialize;

use super::STANDARD_INPUT;
use crate::cli::CliError;

/// Hears what becomes of each touchpoint.
pub(in crate::cli) trait Outcomes {
    /// It is in the log.
    fn recorded(&mut self, recorded: &RecordResponse);

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
    pub(super) reason: String,
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

/// Is made with the first refused line, so that a clean run leaves nothing behind.
pub(super) struct RefusedFile {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl RefusedFile {
    /// `given`, or else the name of the input with an ending.
    ///
    /// # Errors
    /// If that is the input itself.
    pub(super) fn beside(input: &Path, given: Option<&Path>) -> Result<Self, CliError> {
        let path = given.map_or_else(|| default_path(input), Path::to_owned);
        let same = path == input
            || matches!(
                (path.canonicalize(), input.canonicalize()),
                (Ok(one), Ok(other)) if one == other
            );
        if same {
            return Err(CliError::RefusedIsInput { path });
        }
        Ok(Self { path, file: None })
    }

    /// Where the refused lines are, if there are any.
    pub(super) fn close(self) -> Result<Option<PathBuf>, CliError> {
        let Some(mut file) = self.file else {
            return Ok(None);
        };
        match file.flush() {
            Ok(()) => Ok(Some(self.path)),
            Err(source) => Err(CliError::File {
                action: "write",
                path: self.path,
                source,
            }),
        }
    }
}

impl Outcomes for RefusedFile {
    fn recorded(&mut self, _: &RecordResponse) {}

    fn refused(&mut self, refused: &Refused) -> Result<(), CliError> {
        let path = &self.path;
        let failed = |source| CliError::File {
            action: "write",
            path: path.clone(),
            source,
        };
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let file = File::create(path).map_err(failed)?;
                self.file.insert(BufWriter::new(file))
            }
        };
        let line = serde_json::to_string(refused).map_err(CliError::Json)?;
        writeln!(file, "{line}").map_err(failed)
    }
}

fn default_path(input: &Path) -> PathBuf {
    let mut name: OsString = if input == Path::new(STANDARD_INPUT) {
        "stdin".into()
    } else {
        input.into()
    };
    name.push(".refused.ndjson");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_stands_beside_the_input() {
        let name = |input: &str| default_path(Path::new(input));
        assert_eq!(name("a/b.gz"), Path::new("a/b.gz.refused.ndjson"));
        assert_eq!(name("-"), Path::new("stdin.refused.ndjson"));
    }

    #[test]
    fn a_clean_run_leaves_no_file_and_a_refused_line_is_json() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("in.ndjson");
        let clean = RefusedFile::beside(&input, None).unwrap();
        assert_eq!(clean.close().unwrap(), None);
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);

        let mut file = RefusedFile::beside(&input, None).unwrap();
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
        file.refused(&refused).unwrap();
        let path = file.close().unwrap().unwrap();
        insta::assert_snapshot!(std::fs::read_to_string(path).unwrap(), @r#"{"number":3,"id":"x","reason":"ALREADY_EXISTS","message":"same id, other content","violations":[{"field":"vin","reason":"FORMAT","description":"17 characters"}],"line":"{\"id\":\"x\"}"}"#);
    }

    #[test]
    fn the_input_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("in.ndjson");
        std::fs::write(&input, "x").unwrap();
        let roundabout = folder.path().join(".").join("in.ndjson");
        for path in [&input, &roundabout] {
            assert!(matches!(
                RefusedFile::beside(&input, Some(path)),
                Err(CliError::RefusedIsInput { .. })
            ));
        }
    }
}
