//! Kinds of payload and categories of streams, and the kind of an encoded touchpoint.

use bytes::Buf;
use prost::encoding::{DecodeContext, WireType, decode_key, skip_field};

use crate::schema::Schema;

pub(crate) mod types;

pub use types::{Category, Kind, NoStream, subject};

/// Returns the kind of an encoded touchpoint.
#[must_use]
pub fn of_encoded(encoded: &[u8]) -> Option<&'static Kind> {
    let mut rest = encoded;
    let mut kind = None;
    while rest.has_remaining() {
        let (number, wire) = decode_key(&mut rest).ok()?;
        if wire == WireType::LengthDelimited {
            kind = Schema::get().kind_by_number(number).or(kind);
        }
        skip_field(wire, number, &mut rest, DecodeContext::default()).ok()?;
    }
    kind
}

/// Returns the kind that a text means that is not its type: the name of its message or field, or another version of its
/// type.
#[must_use]
pub fn meant(text: &str) -> Option<&'static Kind> {
    let plain = |name: &str| -> String {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|letter| letter.to_ascii_lowercase()).collect()
    };
    let segments: Vec<String> = text.split(['.', '/']).map(plain).collect();
    let kinds = Schema::get().kinds().iter();
    kinds
        .rev()
        .find(|kind| segments.contains(&plain(&kind.name)))
}

/// Says about a text that it is the type of no kind, and which type was meant.
#[must_use]
pub fn no_such_type(text: &str) -> String {
    match meant(text) {
        Some(kind) => format!("no such type; {} is one", kind.type_name),
        None => "no such type; they are written as com.ownerline.feedback_received.v1".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_message_or_field_and_another_version_mean_the_type() {
        for text in [
            "ownerline.v1.FeedbackReceived",
            "type.googleapis.com/ownerline.v1.FeedbackReceived",
            "FeedbackReceived",
            "feedbackReceived",
            "feedback_received",
            "com.ownerline.feedback_received.v7",
            "COM.OWNERLINE.FEEDBACK_RECEIVED.V1",
        ] {
            let kind = meant(text).expect(text);
            assert_eq!(&*kind.name, "feedback_received", "{text}");
            assert!(no_such_type(text).contains("com.ownerline.feedback_received.v1"));
        }
        for text in ["", "com.ownerline", "received", "com.example.other.v1"] {
            assert!(meant(text).is_none(), "{text}");
        }
    }

    #[test]
    fn every_kind_is_meant_by_its_own_names() {
        for kind in Schema::get().kinds() {
            assert_eq!(meant(&kind.name).map(|kind| kind.number), Some(kind.number));
        }
    }
}
