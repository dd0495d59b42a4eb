//! Files beside an input with one JSON object for some of its lines. A file of an earlier run is never overwritten, and
//! the file under the plain name is always that of the last run.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::args::STANDARD_INPUT;
use crate::cli::CliError;

/// Touchpoints are personal data: other users of the machine cannot read the file.
const OWNER_ONLY: u32 = 0o600;

/// A file that is created with its first line, after an earlier file of its name was renamed.
pub(super) struct BesideFile {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl BesideFile {
    /// Creates a file with the given path, or else with the name of the input and this ending.
    ///
    /// # Errors
    /// If it is the input itself.
    pub(super) fn new(input: &Path, given: Option<&Path>, ending: &str) -> Result<Self, CliError> {
        let path = given.map_or_else(|| default_path(input, ending), Path::to_owned);
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

    pub(super) fn write(&mut self, line: &impl Serialize) -> Result<(), CliError> {
        let line = serde_json::to_string(line).map_err(CliError::Json)?;
        let path = self.path.clone();
        let written = self.open().and_then(|file| writeln!(file, "{line}"));
        written.map_err(|source| failed(path, source))
    }

    fn open(&mut self) -> io::Result<&mut BufWriter<File>> {
        match &mut self.file {
            Some(file) => Ok(file),
            empty => {
                set_aside(&self.path)?;
                let mut options = OpenOptions::new();
                // What is still there under the name is a pipe or a terminal.
                let file = options
                    .append(true)
                    .create(true)
                    .mode(OWNER_ONLY)
                    .open(&self.path)?;
                Ok(empty.insert(BufWriter::new(file)))
            }
        }
    }

    /// Returns the path of the file, if it has any lines. If it has none and the run was `whole`, an earlier file is
    /// still renamed, because it says nothing about this run.
    pub(super) fn close(self, whole: bool) -> Result<Option<PathBuf>, CliError> {
        let Self { path, file } = self;
        let closed = match file {
            Some(mut file) => file.flush().map(|()| Some(path.clone())),
            None if whole => set_aside(&path).map(|()| None),
            None => Ok(None),
        };
        closed.map_err(|source| failed(path, source))
    }
}

fn failed(path: PathBuf, source: io::Error) -> CliError {
    CliError::File {
        action: "write",
        path,
        source,
    }
}

/// Renames a file of an earlier run with the next free number: `a.refused.ndjson` becomes `a.refused.1.ndjson`.
fn set_aside(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    let mut number = 1_u64;
    loop {
        let numbered = numbered(path, number);
        // A link fails if the name is taken, where a rename would overwrite it.
        match fs::hard_link(path, &numbered) {
            Ok(()) => return fs::remove_file(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            // Not every file system has hard links.
            Err(_) if !numbered.exists() => return fs::rename(path, numbered),
            Err(error) => return Err(error),
        }
    }
}

fn numbered(path: &Path, number: u64) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!(".{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

fn default_path(input: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = if input == Path::new(STANDARD_INPUT) {
        "stdin".into()
    } else {
        input.into()
    };
    name.push(".");
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = folder.read_dir().unwrap();
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string();
        let mut names: Vec<String> = entries.map(|it| name(it).unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_file_is_beside_the_input() {
        let name = |input: &str| default_path(Path::new(input), "refused.ndjson");
        assert_eq!(name("a/b.gz"), Path::new("a/b.gz.refused.ndjson"));
        assert_eq!(name("-"), Path::new("stdin.refused.ndjson"));
    }

    #[test]
    fn no_run_overwrites_the_file_of_another_and_a_clean_run_leaves_none_under_the_plain_name() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("in");
        let file = || BesideFile::new(&input, None, "refused.ndjson").unwrap();
        assert_eq!(file().close(true).unwrap(), None);
        assert!(names(folder.path()).is_empty());
        for run in ["first", "second"] {
            let mut file = file();
            file.write(&run).unwrap();
            let path = file.close(true).unwrap().unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), format!("\"{run}\"\n"));
            assert_eq!(
                fs::metadata(path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        // A run that was not finished leaves the earlier file.
        assert_eq!(file().close(false).unwrap(), None);
        assert_eq!(
            names(folder.path()),
            ["in.refused.1.ndjson", "in.refused.ndjson"]
        );
        assert_eq!(file().close(true).unwrap(), None);
        assert_eq!(
            names(folder.path()),
            ["in.refused.1.ndjson", "in.refused.2.ndjson"]
        );
        let first = fs::read_to_string(folder.path().join("in.refused.1.ndjson")).unwrap();
        assert_eq!(first, "\"first\"\n");
    }

    #[test]
    fn the_input_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("in.ndjson");
        fs::write(&input, "x").unwrap();
        let roundabout = folder.path().join(".").join("in.ndjson");
        for path in [&input, &roundabout] {
            assert!(matches!(
                BesideFile::new(&input, Some(path), "refused.ndjson"),
                Err(CliError::RefusedIsInput { .. })
            ));
        }
    }
}
