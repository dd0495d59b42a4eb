//! The sources of configuration values.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// The layer that set a value, and the place in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Source {
    /// No layer set it.
    #[default]
    Default,
    /// A line of the file, counted from 1.
    File {
        /// The path of the file as given.
        path: PathBuf,
        /// The line of the value.
        line: usize,
    },
    /// A variable of the environment.
    Environment {
        /// Its name.
        variable: String,
    },
    /// The command line.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            // Control characters in a path would break the line that shows it.
            Self::File { path, line } => {
                let path = path.to_string_lossy().replace(char::is_control, "?");
                write!(f, "file {path}, line {line}")
            }
            Self::Environment { variable } => write!(f, "environment variable {variable}"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// The source of every value that is not a default, by `section.key`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources(BTreeMap<String, Source>);

impl Sources {
    /// The source of a value, named `section.key`.
    #[must_use]
    pub fn of(&self, key: &str) -> Source {
        self.0.get(key).cloned().unwrap_or_default()
    }

    pub(super) fn set(&mut self, key: String, source: Source) {
        self.0.insert(key, source);
    }
}
