//! Limits on the size of errors. They travel in headers, of which many clients accept 8 KiB in total, so texts are cut
//! to size with a note of how much is left out.

use std::borrow::Cow;

use tonic_types::FieldViolation;

use crate::violations::Violations;

/// The most bytes of a status message, percent-encoded.
const MESSAGE_BYTES: usize = 768;
/// The most bytes of a value in the details: an id, a name, a field, a description.
const VALUE_BYTES: usize = 256;
/// The most bytes of all violations of one status. In base64, together with the longest message, that is 6 KiB.
const VIOLATIONS_BYTES: usize = 3_072;
/// The bytes of the tags and lengths of one violation.
const FRAMING_BYTES: usize = 16;

/// Returns a status message that fits into its header.
#[must_use]
pub fn message(text: &str) -> Cow<'_, str> {
    cut(text, MESSAGE_BYTES, |character| {
        // RFC 3986 as gRPC uses it: whatever may be percent-encoded is assumed to be.
        let plain = character.is_ascii_alphanumeric() || "-_.,:;/()'=+".contains(character);
        let bytes = character.len_utf8();
        if plain { bytes } else { 3 * bytes }
    })
}

/// Returns a value of the details that fits beside the others.
#[must_use]
pub fn value(text: &str) -> Cow<'_, str> {
    cut(text, VALUE_BYTES, char::len_utf8)
}

/// Returns the first violations, as many as fit, and how many are left out.
#[must_use]
pub fn violations(all: &Violations) -> (Vec<FieldViolation>, usize) {
    let mut left = VIOLATIONS_BYTES;
    let fitting = all.iter().map_while(|violation| {
        let field = value(&violation.field);
        let description = value(&violation.description);
        let reason = violation.reason.as_str();
        let bytes = field.len() + description.len() + reason.len() + FRAMING_BYTES;
        left = left.checked_sub(bytes)?;
        Some(FieldViolation {
            field: field.into_owned(),
            description: description.into_owned(),
            reason: reason.to_owned(),
            localized_message: None,
        })
    });
    let fitting: Vec<_> = fitting.collect();
    let left_out = all.total() - fitting.len();
    (fitting, left_out)
}

/// Returns the text, or as much of its beginning as costs no more than `most`, with a note of how many bytes are left
/// out.
fn cut(text: &str, most: usize, cost: impl Fn(char) -> usize) -> Cow<'_, str> {
    /// More than the note after a cut costs.
    const NOTE: usize = 64;
    let mut spent = 0;
    let mut end = 0;
    for (at, character) in text.char_indices() {
        spent += cost(character);
        if spent + NOTE <= most {
            end = at + character.len_utf8();
        }
        if spent > most {
            let beginning = text.get(..end).unwrap_or_default();
            let rest = text.len() - end;
            return format!("{beginning}... ({rest} bytes more)").into();
        }
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reason, Violation};

    #[test]
    fn a_short_text_stays_and_a_long_one_says_how_much_is_left_out() {
        assert_eq!(value("owner-1"), "owner-1");
        let cut = value(&"x".repeat(1_000)).into_owned();
        assert!(cut.len() <= VALUE_BYTES, "{cut}");
        assert!(cut.ends_with("x... (808 bytes more)"), "{cut}");
    }

    #[test]
    fn a_message_is_measured_as_it_travels() {
        for letter in ["ü", "%", " ", "\u{1f697}", "a"] {
            let cut = message(&letter.repeat(2_000)).into_owned();
            let encoded: usize = cut
                .bytes()
                .map(|byte| if byte == b'a' { 1 } else { 3 })
                .sum();
            assert!(encoded <= MESSAGE_BYTES + 64, "{letter}: {encoded}");
        }
    }

    #[test]
    fn violations_are_left_out_from_the_end_and_counted() {
        let all: Violations = (0..100)
            .map(|number| {
                Violation::new(
                    format!("field_{number}"),
                    Reason::Characters,
                    "d".repeat(90),
                )
            })
            .collect();
        let (fitting, left_out) = violations(&all);
        assert_eq!(fitting.len() + left_out, 100);
        assert!((10..40).contains(&fitting.len()), "{}", fitting.len());
        assert_eq!(fitting[0].field, "field_0");
    }
}
