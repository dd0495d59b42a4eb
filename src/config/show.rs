//! Prints and compares configurations.

use std::fmt;

use super::sections::{Config, KEYS};

impl Config {
    /// The keys whose values differ from those of another configuration, as `section.key`.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let different = KEYS.iter().filter(|key| key.differs(self, other));
        different.map(|key| key.name().path()).collect()
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
