//! Limits of fields that depend on the configuration.

/// Limits that the configuration sets, not the schema.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most characters of a text field.
    pub text_characters: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_characters: 10_000,
        }
    }
}
