//! Proto3 JSON of any message of the contract, as protobuf specifies it: instants end in `Z`.
//!
//! The `Serialize` of the generated messages writes the same except for instants, which end in `+00:00` there. Equal
//! messages have equal texts: the entries of a map are in the order of their keys.

use std::sync::LazyLock;

use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage as _, Value};
use serde::ser::{Error as _, SerializeMap as _};
use serde::{Serialize, Serializer};
use serde_json::Error;

use crate::DESCRIPTOR_SET;

static POOL: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(DESCRIPTOR_SET).ok());

/// Returns a message in proto3 JSON, on one line.
///
/// # Errors
/// If a well-known type in it has no JSON form: an instant outside the years 1 to 9999, for example.
pub fn to_json<M: Message + Name>(message: &M) -> Result<String, Error> {
    serde_json::to_string(&Ordered(&dynamic(message)?))
}

/// Returns a message in proto3 JSON, indented.
///
/// # Errors
/// As [`to_json`].
pub fn to_json_pretty<M: Message + Name>(message: &M) -> Result<String, Error> {
    serde_json::to_string_pretty(&Ordered(&dynamic(message)?))
}

fn dynamic<M: Message + Name>(message: &M) -> Result<DynamicMessage, Error> {
    let name = M::full_name();
    let descriptor = POOL
        .as_ref()
        .and_then(|pool| pool.get_message_by_name(&name))
        .ok_or_else(|| Error::custom(format!("{name} is not in the contract")))?;
    DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice()).map_err(Error::custom)
}

/// A message whose maps are written in the order of their keys. `DynamicMessage` keeps a map in a hash table and writes it
/// in another order each time.
struct Ordered<'m>(&'m DynamicMessage);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let descriptor = self.0.descriptor();
        // Well-known types have forms of their own.
        if descriptor.package_name() == "google.protobuf" {
            return self.0.serialize(serializer);
        }
        let mut json = serializer.serialize_map(None)?;
        for (field, value) in self.0.fields() {
            let name = field.json_name();
            match value {
                Value::String(text) => json.serialize_entry(name, text)?,
                Value::Message(message) => json.serialize_entry(name, &Ordered(message))?,
                Value::List(items) if field.kind().as_message().is_some() => {
                    let messages = items.iter().filter_map(Value::as_message);
                    let messages: Vec<Ordered<'_>> = messages.map(Ordered).collect();
                    json.serialize_entry(name, &messages)?;
                }
                other => {
                    let mut alone = DynamicMessage::new(descriptor.clone());
                    alone.set_field(&field, other.clone());
                    // The map of a JSON value is sorted.
                    let alone = serde_json::to_value(alone).map_err(S::Error::custom)?;
                    json.serialize_entry(name, &alone.get(name))?;
                }
            }
        }
        json.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Chooser;
    use crate::schema::Schema;
    use crate::time::timestamp;
    use crate::v1::{FeedbackReceived, KnownAt, Touchpoint, known_at};

    #[test]
    fn instants_end_in_z_with_three_six_or_nine_decimals() {
        let at = |nanos| KnownAt {
            at: Some(known_at::At::Instant(timestamp(nanos))),
        };
        let written = [0, 250_000_000, 1_000, 1].map(|nanos| to_json(&at(nanos)).unwrap());
        assert_eq!(
            written,
            [
                r#"{"instant":"1970-01-01T00:00:00Z"}"#,
                r#"{"instant":"1970-01-01T00:00:00.250Z"}"#,
                r#"{"instant":"1970-01-01T00:00:00.000001Z"}"#,
                r#"{"instant":"1970-01-01T00:00:00.000000001Z"}"#,
            ]
        );
    }

    #[test]
    fn the_entries_of_a_map_are_in_the_order_of_their_keys() {
        let answers = |range: std::ops::Range<char>| {
            range.map(|letter| (letter.to_string(), format!("answer {letter}")))
        };
        let feedback = FeedbackReceived {
            answers: answers('a'..'j').collect(),
            ..FeedbackReceived::default()
        };
        let expected = answers('a'..'j').map(|(key, value)| format!("\"{key}\":\"{value}\""));
        let expected: Vec<String> = expected.collect();
        let text = to_json(&feedback).unwrap();
        assert_eq!(text, format!("{{\"answers\":{{{}}}}}", expected.join(",")));
    }

    #[test]
    fn apart_from_maps_the_text_is_that_of_the_library() {
        for kind in Schema::get().kinds() {
            let sample = Chooser::everything(1).touchpoint(kind);
            if &*kind.name != "feedback_received" {
                let library = serde_json::to_string(&dynamic(&sample).unwrap()).unwrap();
                assert_eq!(to_json(&sample).unwrap(), library);
            }
        }
    }

    #[test]
    fn every_kind_of_touchpoint_is_read_back_as_it_was() {
        for kind in Schema::get().kinds() {
            let sample = Chooser::everything(1).touchpoint(kind);
            let text = to_json(&sample).unwrap();
            let read: Touchpoint = serde_json::from_str(&text).unwrap();
            assert_eq!(read, sample, "{text}");
        }
    }
}
