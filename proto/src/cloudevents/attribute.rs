//! The attributes of a line in the order in which they read best, as they are written.

use serde::ser::{Serialize, Serializer};
use serde_json::Value;

/// What is to be written, in the order it reads best.
#[derive(Debug, Default)]
pub(super) struct Written(pub(super) Vec<(&'static str, Value)>);

impl Written {
    /// Adds a text that says something.
    pub(super) fn text(&mut self, name: &'static str, text: &str) {
        if !text.is_empty() {
            self.0.push((name, Value::from(text)));
        }
    }
}

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
