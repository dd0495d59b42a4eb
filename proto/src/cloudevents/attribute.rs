//! Collects the attributes of a line, in the order in which they read best.

use serde::ser::{Serialize, Serializer};
use serde_json::Value;

/// The attributes to write, in order.
#[derive(Debug, Default)]
pub(super) struct Written(pub(super) Vec<(&'static str, Value)>);

impl Written {
    /// Adds a text, unless it is empty.
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
