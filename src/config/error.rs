//! What can be wrong with a configuration: each error names key, source, given value and expectation.

use std::fmt;
use std::path::PathBuf;

use super::source::Source;

/// One thing wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read", path.display())]
    Unreadable {
        /// The file as it was named.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{origin}: not TOML: {message}")]
    Syntax {
        /// The file and line.
        origin: Source,
        /// What the parser says.
        message: String,
    },
    /// A key or section that does not exist.
    #[error("{key} ({origin}): unknown{}", suggest(nearest.as_deref()))]
    Unknown {
        /// The key as it was given.
        key: String,
        /// Who gave it.
        origin: Source,
        /// The nearest name that exists, in the same form.
        nearest: Option<String>,
    },
    /// A value that is malformed or out of bounds.
    #[error("{key} ({origin}): {given} given, {expected} expected")]
    Invalid {
        /// `section.key`.
        key: String,
        /// Who gave it.
        origin: Source,
        /// The value, quoted.
        given: String,
        /// What a value must be.
        expected: String,
    },
    /// Two values that are each fine but do not go together.
    #[error(
        "{smaller} = {smaller_value} ({smaller_origin}): must be at least \
         {larger} = {larger_value} ({larger_origin})"
    )]
    TooSmallFor {
        /// The key of which more is needed.
        smaller: &'static str,
        /// Its value.
        smaller_value: String,
        /// Who gave it.
        smaller_origin: Source,
        /// The key that sets the least value.
        larger: &'static str,
        /// Its value.
        larger_value: String,
        /// Who gave it.
        larger_origin: Source,
    },
}

fn suggest(nearest: Option<&str>) -> String {
    nearest
        .map(|name| format!(", did you mean {name}?"))
        .unwrap_or_default()
}

/// Everything wrong with the configuration, at once; never empty.
#[derive(Debug)]
pub struct ConfigErrors(pub(super) Vec<ConfigError>);

impl ConfigErrors {
    /// The errors, in the order of the layers: file, environment, flags, then what does not go together.
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
