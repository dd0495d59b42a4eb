//! Checks JSON against the tables and reports every problem with its path. Brings it into the one form that the
//! generated code reads: no `null`, each name once, whole numbers without fraction or exponent.

use serde_json::{Map, Value};

use super::tables::{Field, Holds, Message, Schema};
use crate::json_input::Json;
use crate::kind::types::Kind;
use crate::{Reason, Violation, time};

/// 2^53. Larger whole numbers cannot be written exactly as a JSON number with a fraction or exponent.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Schema {
    /// Returns the canonical JSON of a message (a full name), and adds its problems with paths that begin with `path`.
    pub(crate) fn json_message(
        &self,
        message: &str,
        json: Json,
        path: &str,
        problems: &mut Vec<Violation>,
    ) -> Value {
        let mut reader = Reader {
            schema: self,
            problems,
        };
        match self.message(message) {
            Some(message) => reader.message(message, json, path),
            None => Value::Null,
        }
    }

    /// Returns the canonical JSON of a payload of this kind, as [`json_message`](Self::json_message).
    pub(crate) fn json_payload(
        &self,
        kind: &Kind,
        json: Json,
        path: &str,
        problems: &mut Vec<Violation>,
    ) -> Value {
        let touchpoint = self.message("ownerline.v1.Touchpoint");
        let field = touchpoint.and_then(|touchpoint| touchpoint.field(kind.number));
        let mut reader = Reader {
            schema: self,
            problems,
        };
        field.map_or(Value::Null, |field| reader.single(field, json, path))
    }
}

struct Reader<'a> {
    schema: &'a Schema,
    problems: &'a mut Vec<Violation>,
}

impl Reader<'_> {
    fn problem(&mut self, path: &str, reason: Reason, description: impl Into<String>) {
        self.problems
            .push(Violation::new(path, reason, description));
    }

    /// Reports a problem and returns `null` in place of the value.
    fn refused(&mut self, path: &str, reason: Reason, description: impl Into<String>) -> Value {
        self.problem(path, reason, description);
        Value::Null
    }

    fn message(&mut self, message: &Message, json: Json, path: &str) -> Value {
        let Json::Object(members) = json else {
            return self.refused(path, Reason::Malformed, "must be a JSON object");
        };
        let mut read = Map::new();
        let mut given: Vec<(&Field, String)> = Vec::new();
        for (name, value) in members {
            let below = join(path, &name);
            let field = message
                .fields
                .iter()
                .find(|field| field.json_name == name || field.name == name);
            let Some(field) = field else {
                self.problem(&below, Reason::UnknownField, "there is no such field");
                continue;
            };
            if let Some((_, before)) = given
                .iter()
                .find(|(earlier, _)| earlier.number == field.number)
            {
                let description = if *before == name {
                    "is given twice".to_owned()
                } else {
                    format!("is given twice: {before} is the same field")
                };
                self.problem(&below, Reason::Malformed, description);
                continue;
            }
            given.push((field, name));
            if value == Json::Null {
                continue;
            }
            let read_value = self.field(field, value, &below);
            let beside = message.fields.iter().find(|other| {
                other.number != field.number
                    && field.oneof.is_some()
                    && other.oneof == field.oneof
                    && read.contains_key(&other.json_name)
            });
            if let Some(other) = beside {
                let description = format!("must not be set beside {}", other.json_name);
                self.problem(&below, Reason::Disagrees, description);
            }
            read.insert(field.json_name.clone(), read_value);
        }
        Value::Object(read)
    }

    fn field(&mut self, field: &Field, json: Json, path: &str) -> Value {
        if field.is_map {
            return self.map(field, json, path);
        }
        if !field.repeated {
            return self.single(field, json, path);
        }
        let Json::List(items) = json else {
            return self.refused(path, Reason::Malformed, "must be a JSON array");
        };
        let items = items.into_iter().enumerate();
        items
            .map(|(index, item)| self.single(field, item, &format!("{path}[{index}]")))
            .collect()
    }

    /// Keys of maps are strings in this schema.
    fn map(&mut self, field: &Field, json: Json, path: &str) -> Value {
        let entry = match field.holds {
            Holds::Message(index) => self.schema.messages.get(index),
            _ => None,
        };
        // Field 2 of an entry is its value.
        let value_field = entry.and_then(|entry| entry.field(2));
        let (Json::Object(entries), Some(value_field)) = (json, value_field) else {
            return self.refused(path, Reason::Malformed, "must be a JSON object");
        };
        let mut read = Map::new();
        for (key, value) in entries {
            let below = format!("{path}[{}]", Value::String(key.clone()));
            if read.contains_key(&key) {
                self.problem(&below, Reason::Malformed, "is given twice");
                continue;
            }
            let value = self.single(value_field, value, &below);
            read.insert(key, value);
        }
        Value::Object(read)
    }

    /// Reads one value, or one item of a list.
    fn single(&mut self, field: &Field, json: Json, path: &str) -> Value {
        match (&field.holds, json) {
            (_, Json::Null) => self.refused(path, Reason::Malformed, "must not be null"),
            (Holds::Message(index), json) => match self.schema.messages.get(*index) {
                Some(message) if message.is_timestamp => self.timestamp(json, path),
                Some(message) if message.is_duration => self.duration(json, path),
                Some(message) => self.message(message, json, path),
                None => Value::Null,
            },
            (Holds::String | Holds::Bytes, Json::Text(text)) => Value::String(text),
            (Holds::String | Holds::Bytes, _) => {
                self.refused(path, Reason::Malformed, "must be a string")
            }
            (Holds::Bool, Json::Bool(value)) => Value::Bool(value),
            (Holds::Bool, _) => self.refused(path, Reason::Malformed, "must be true or false"),
            (Holds::Enum(values), json) => self.enumerated(field, values, json, path),
            (Holds::Float | Holds::Double, json) => self.float(json, path),
            (_, json) => self.integer(field, json, path),
        }
    }

    fn timestamp(&mut self, json: Json, path: &str) -> Value {
        let read = match &json {
            Json::Text(text) => time::read(text),
            _ => Err(time::NOT_RFC_3339),
        };
        let value = read.map(|instant| serde_json::to_value(instant).unwrap_or_default());
        value.unwrap_or_else(|description| self.refused(path, Reason::Format, description))
    }

    fn duration(&mut self, json: Json, path: &str) -> Value {
        let value = match json {
            Json::Text(text) => Value::String(text),
            _ => Value::Null,
        };
        let read = serde_json::from_value::<pbjson_types::Duration>(value.clone());
        if read.is_ok_and(|duration| time::is_valid_duration(&duration)) {
            return value;
        }
        self.refused(
            path,
            Reason::Format,
            "must be a duration in seconds like 86400s",
        )
    }

    fn enumerated(&mut self, field: &Field, values: &[i32], json: Json, path: &str) -> Value {
        if let Json::Text(name) = &json
            && field.enum_names.contains(name)
        {
            return json.as_text().into();
        }
        if let Some(number) = whole(&json).filter(|_| json.as_text().is_none())
            && values.iter().any(|value| i128::from(*value) == number)
        {
            return i32::try_from(number).unwrap_or_default().into();
        }
        let names = field.enum_names.join(", ");
        self.refused(
            path,
            Reason::UnknownValue,
            format!("must be one of {names}"),
        )
    }

    fn float(&mut self, json: Json, path: &str) -> Value {
        match json {
            // An i128 that was read from JSON has at most 64 bits.
            Json::Whole(number) => Value::from(number as f64),
            Json::Float(number) => Value::from(number),
            Json::Text(text) if matches!(&*text, "NaN" | "Infinity" | "-Infinity") => {
                Value::String(text)
            }
            Json::Text(text) => match serde_json::from_str::<f64>(&text) {
                Ok(number) if is_bare(&text) => Value::from(number),
                _ => self.refused(path, Reason::Malformed, "must be a number"),
            },
            _ => self.refused(path, Reason::Malformed, "must be a number"),
        }
    }

    fn integer(&mut self, field: &Field, json: Json, path: &str) -> Value {
        let Some(number) = whole(&json) else {
            let description = "must be a whole number (beyond 2^53 without fraction or exponent)";
            return self.refused(path, Reason::Malformed, description);
        };
        let (least, greatest) = field.integers;
        if !(least..=greatest).contains(&number) {
            let description = format!("must be a whole number from {least} to {greatest}");
            return self.refused(path, Reason::Range, description);
        }
        i64::try_from(number).map_or_else(
            |_| u64::try_from(number).unwrap_or_default().into(),
            Value::from,
        )
    }
}

/// Returns the whole number that equals a JSON number, or a string that holds one.
fn whole(json: &Json) -> Option<i128> {
    match json {
        Json::Whole(number) => Some(*number),
        // The cast is exact: a whole number below 2^53.
        Json::Float(number) => {
            (number.fract() == 0.0 && number.abs() < EXACT).then_some(*number as i128)
        }
        Json::Text(text) if is_bare(text) => match serde_json::from_str(text).ok()? {
            json @ (Json::Whole(_) | Json::Float(_)) => whole(&json),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a text has no blanks around it. JSON allows them around a number; a number in a string may not have them.
fn is_bare(text: &str) -> bool {
    text.trim() == text
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
