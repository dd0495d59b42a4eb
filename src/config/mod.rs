//! Configuration: typed sections in layers (defaults, TOML file, environment, flags), each value with its
//! source, and everything wrong reported at once.
//!
//! A key `section.key` is written `key = …` below `[section]` in the file and
//! `OWNERLINE_SECTION_KEY` in the environment. A key nobody knows is an error in every layer.

use std::fmt;
use std::path::Path;

mod error;
mod load;
mod names;
mod rules;
mod sections;
mod setting;
mod source;
#[cfg(test)]
mod tests;

pub use error::{ConfigError, ConfigErrors};
pub use sections::{
    Config, KeeperConfig, LimitsConfig, MetricsConfig, ProjectorConfig, ServerConfig, StoreConfig,
    TelemetryConfig,
};
pub use setting::LogFormat;
pub use source::{Source, Sources};

use sections::KEYS;

impl Config {
    /// Puts the layers on top of each other: defaults, then the file, then the environment, then the
    /// overrides (`section.key`, value) that flags gave.
    ///
    /// # Errors
    /// Everything that is wrong in any layer, also in a value that a later layer replaces.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        overrides: &[(&str, String)],
    ) -> Result<Self, ConfigErrors> {
        let mut loading = load::Loading::default();
        if let Some(path) = file {
            loading.file(path);
        }
        loading.environment(environment);
        loading.overrides(overrides);
        loading.finish()
    }

    /// The keys whose values differ from those of another configuration, as `section.key`.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let different = KEYS.iter().filter(|key| key.toml(self) != key.toml(other));
        different.map(|key| key.name().path()).collect()
    }

    /// The variables of the process that may be configuration, for [`load`](Self::load). What is not
    /// Unicode is kept with replacement characters, so that it is refused by name.
    pub fn environment() -> impl Iterator<Item = (String, String)> {
        std::env::vars_os()
            .map(|(name, value)| {
                let name = name.to_string_lossy().into_owned();
                (name, value.to_string_lossy().into_owned())
            })
            .filter(|(name, _)| name.starts_with(names::PREFIX))
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut section = "";
        for key in KEYS {
            let name = key.name();
            if name.section != section {
                let gap = if section.is_empty() { "" } else { "\n" };
                writeln!(f, "{gap}[{}]", name.section)?;
                section = name.section;
            }
            let source = self.sources.of(&name.path());
            writeln!(f, "{} = {} # {source}", name.name, key.toml(self))?;
        }
        Ok(())
    }
}
