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
