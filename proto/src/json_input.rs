//! Proto3 JSON as people and exporters write it: a JSON value that preserves repeated names, and messages read from it
//! by the schema, with every problem and its path.

use std::fmt;

use prost::Name;
use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor,
};

use crate::schema::Schema;
use crate::{Reason, Violation};

/// A JSON value. An object keeps its members in the order given, repeated names included.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without fraction or exponent.
    Whole(i128),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Returns the string, if this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the member of this name; the first if it is repeated.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find_map(|(given, value)| (given == name).then_some(value)),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Whole(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Whole(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut given: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = given.next_entry()? {
            members.push(member);
        }
        Ok(Json::Object(members))
    }
}

/// Why a text is not the JSON of a message.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// The text is not JSON.
    #[error(transparent)]
    Syntax(#[from] serde_json::Error),
    /// Fields are unknown, repeated or of another form. Their paths are those in the text.
    #[error("{}", list(.0))]
    Fields(Vec<Violation>),
}

fn list(problems: &[Violation]) -> String {
    let texts: Vec<String> = problems.iter().map(Violation::to_string).collect();
    texts.join("; ")
}

/// Reads a message from its proto3 JSON. Numbers are accepted in any JSON spelling, also as strings, and `null` counts
/// as absent. A name given twice, in either spelling and at any depth, is refused.
///
/// # Errors
/// [`JsonError::Syntax`], or [`JsonError::Fields`] with every problem.
pub fn from_json<M: Name + DeserializeOwned>(text: &str) -> Result<M, JsonError> {
    let json: Json = serde_json::from_str(text)?;
    let mut problems = Vec::new();
    let value = Schema::get().json_message(&M::full_name(), json, "", &mut problems);
    if !problems.is_empty() {
        return Err(JsonError::Fields(problems));
    }
    serde_json::from_value(value).map_err(|error| {
        JsonError::Fields(vec![Violation::new(
            "",
            Reason::Malformed,
            error.to_string(),
        )])
    })
}

#[cfg(test)]
mod tests;
