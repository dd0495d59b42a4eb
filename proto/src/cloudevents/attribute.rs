//! The attributes of a line as they stand in it: the JSON object before it means anything.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

/// What was read. A name given twice is kept apart: JSON would silently take the last.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) values: BTreeMap<String, Value>,
    pub(super) repeated: Vec<String>,
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct GivenVisitor;

        impl<'de> Visitor<'de> for GivenVisitor {
            type Value = Given;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Given, A::Error> {
                let mut given = Given::default();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    match given.values.entry(name) {
                        Entry::Occupied(entry) => given.repeated.push(entry.key().clone()),
                        Entry::Vacant(entry) => {
                            entry.insert(value);
                        }
                    }
                }
                Ok(given)
            }
        }

        deserializer.deserialize_map(GivenVisitor)
    }
}

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
