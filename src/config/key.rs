//! Keys: how a value of a layer becomes a field of the configuration.

use std::ffi::OsString;

use super::setting::Setting;

/// A value as written in a layer, before it is parsed. Environment and flags can hold what is not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Raw {
    /// The text of the value, without quotes.
    pub(super) text: OsString,
    /// Whether it was written as a bare TOML integer.
    pub(super) integer: bool,
}

impl Raw {
    pub(super) fn text(text: impl Into<OsString>) -> Self {
        Self {
            text: text.into(),
            integer: false,
        }
    }
}

/// A key of a configuration `C`, of whatever type.
pub(super) trait Key<C>: Sync {
    /// The section, name and meaning.
    fn name(&self) -> KeyName;
    /// Sets the value, or returns what was expected instead.
    fn set(&self, config: &mut C, raw: &Raw) -> Result<(), String>;
    /// A description of the valid values.
    fn expected(&self) -> String;
    /// Whether the value may be written as a bare TOML boolean.
    fn is_boolean(&self) -> bool;
    /// The current value as TOML.
    fn toml(&self, config: &C) -> String;
    /// Whether two configurations have different values.
    fn differs(&self, one: &C, other: &C) -> bool;
}

/// The name and meaning of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyName {
    pub(super) section: &'static str,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
}

impl KeyName {
    /// `section.key`.
    pub(super) fn path(self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// `OWNERLINE_SECTION_KEY`.
    pub(super) fn variable(self) -> String {
        format!("OWNERLINE_{}_{}", self.section, self.name).to_uppercase()
    }
}

/// A key of a configuration `C`, with the type of its value.
pub(super) struct Entry<C, T: Setting> {
    pub(super) section: &'static str,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) bounds: T::Bounds,
    pub(super) get: fn(&C) -> &T,
    pub(super) get_mut: fn(&mut C) -> &mut T,
}

impl<C, T: Setting> Key<C> for Entry<C, T> {
    fn name(&self) -> KeyName {
        KeyName {
            section: self.section,
            name: self.name,
            about: self.about.trim(),
        }
    }

    fn set(&self, config: &mut C, raw: &Raw) -> Result<(), String> {
        let parsed = (T::INTEGER || !raw.integer)
            .then(|| T::read(&raw.text, &self.bounds))
            .flatten();
        let value = parsed.ok_or_else(|| self.expected())?;
        *(self.get_mut)(config) = value;
        Ok(())
    }

    fn expected(&self) -> String {
        T::expected(&self.bounds)
    }

    fn is_boolean(&self) -> bool {
        T::BOOLEAN
    }

    fn toml(&self, config: &C) -> String {
        let text = (self.get)(config).show();
        if T::BOOLEAN || (T::INTEGER && text.bytes().all(|byte| byte.is_ascii_digit())) {
            text
        } else {
            toml::Value::String(text).to_string()
        }
    }

    fn differs(&self, one: &C, other: &C) -> bool {
        (self.get)(one) != (self.get)(other)
    }
}
