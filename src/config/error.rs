//! The errors of a configuration. Each names the key, its source, the given value and the expected one.

use std::fmt;
use std::path::PathBuf;

use super::source::Source;

/// One error in the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read", path.display())]
    Unreadable {
        /// The path of the file as given.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{origin}: not TOML: {message}")]
    Syntax {
        /// The file and line.
        origin: Source,
        /// The message of the parser.
        message: String,
    },
    /// A key or section that does not exist.
    #[error("{key} ({origin}): unknown{}", suggest(nearest.as_deref()))]
    Unknown {
        /// The key as given.
        key: String,
        /// Its source.
        origin: Source,
        /// The nearest name that exists, in the same form.
        nearest: Option<String>,
    },
    /// A value that is malformed or out of bounds.
    #[error("{key} ({origin}): {given} given, {expected} expected")]
    Invalid {
        /// `section.key`.
        key: String,
        /// The source of the value.
        origin: Source,
        /// The value, quoted.
        given: String,
        /// A description of the valid values.
        expected: String,
    },
    /// Two values that are valid alone but not together.
    #[error(
        "{smaller} = {smaller_value} ({smaller_origin}): must be at least \
         {larger} = {larger_value} ({larger_origin})"
    )]
    TooSmallFor {
        /// The key with the value that is too small.
        smaller: &'static str,
        /// Its value.
        smaller_value: String,
        /// The source of that value.
        smaller_origin: Source,
        /// The key with the smallest value allowed.
        larger: &'static str,
        /// Its value.
        larger_value: String,
        /// The source of that value.
        larger_origin: Source,
    },
}

fn suggest(nearest: Option<&str>) -> String {
    nearest
        .map(|name| format!(", did you mean {name}?"))
        .unwrap_or_default()
}

/// All errors in a configuration; never empty.
#[derive(Debug)]
pub struct ConfigErrors(pub(super) Vec<ConfigError>);

impl ConfigErrors {
    /// The errors, in the order of the layers (file, environment, flags), then those between values.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        self.0.iter()
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used")?;
        for error in &self.0 {
            write!(f, "\n  {error}")?;
            if let Some(cause) = std::error::Error::source(error) {
                write!(f, ": {cause}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
