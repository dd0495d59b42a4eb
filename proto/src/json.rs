//! Proto3 JSON of any message of the contract, as protobuf specifies it: instants end in `Z`.
//!
//! The `Serialize` of the generated messages writes the same except for instants, which end in `+00:00` there.

use std::sync::LazyLock;

use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde::ser::Error as _;
use serde_json::Error;

use crate::DESCRIPTOR_SET;

static POOL: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(DESCRIPTOR_SET).ok());

/// Returns a message in proto3 JSON, on one line.
///
/// # Errors
/// If a well-known type in it has no JSON form: an instant outside the years 1 to 9999, for example.
pub fn to_json<M: Message + Name>(message: &M) -> Result<String, Error> {
    serde_json::to_string(&dynamic(message)?)
}

/// Returns a message in proto3 JSON, indented.
///
/// # Errors
/// As [`to_json`].
pub fn to_json_pretty<M: Message + Name>(message: &M) -> Result<String, Error> {
    serde_json::to_string_pretty(&dynamic(message)?)
}

fn dynamic<M: Message + Name>(message: &M) -> Result<DynamicMessage, Error> {
    let name = M::full_name();
    let descriptor = POOL
        .as_ref()
        .and_then(|pool| pool.get_message_by_name(&name))
        .ok_or_else(|| Error::custom(format!("{name} is not in the contract")))?;
    DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice()).map_err(Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Chooser;
    use crate::schema::Schema;
    use crate::time::timestamp;
    use crate::v1::{KnownAt, Touchpoint, known_at};

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
    fn every_kind_of_touchpoint_is_read_back_as_it_was() {
        for kind in Schema::get().kinds() {
            let sample = Chooser::everything(1).touchpoint(kind);
            let text = to_json(&sample).unwrap();
            let read: Touchpoint = serde_json::from_str(&text).unwrap();
            assert_eq!(read, sample, "{text}");
        }
    }
}
