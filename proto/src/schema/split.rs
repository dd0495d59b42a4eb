//! Splits an encoded touchpoint by field: `personal` holds the fields declared `personal`, `clear` the rest.
//!
//! Protobuf merges concatenated encodings, message by message and inside a oneof of the same member,
//! so `clear ‖ personal` decodes to the whole and `clear` alone to the redacted touchpoint. A test
//! proves it for every kind.

use bytes::Buf;
use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, decode_key, encode_key, encode_varint, skip_field};

use super::check::delimited;
use super::tables::{Holds, Message, Schema};

impl Schema {
    /// Returns the clear and the personal part of a touchpoint's encoding. Fields keep their order.
    ///
    /// # Errors
    /// If `bytes` is not a protobuf encoding.
    pub fn split(&self, bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>), DecodeError> {
        let mut clear = Vec::with_capacity(bytes.len());
        let mut personal = Vec::new();
        if let Some(touchpoint) = self.message("ownerline.v1.Touchpoint") {
            self.split_message(touchpoint, bytes, &mut clear, &mut personal)?;
        }
        Ok((clear, personal))
    }

    fn split_message(
        &self,
        message: &Message,
        bytes: &[u8],
        clear: &mut Vec<u8>,
        personal: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let mut rest = bytes;
        while rest.has_remaining() {
            let start = rest;
            let (number, wire) = decode_key(&mut rest)?;
            let field = message.field(number);
            let below = field.and_then(|field| match field.holds {
                Holds::Message(index) => self
                    .messages
                    .get(index)
                    .filter(|message| message.holds_personal),
                _ => None,
            });
            if let (Some(below), WireType::LengthDelimited) = (below, wire) {
                let inner = delimited(&mut rest)?;
                let mut inner_clear = Vec::with_capacity(inner.len());
                let mut inner_personal = Vec::new();
                self.split_message(below, inner, &mut inner_clear, &mut inner_personal)?;
                // The clear part keeps the message even if none of its fields is clear, so that its presence stays
                // known.
                put_message(number, &inner_clear, clear);
                if !inner_personal.is_empty() {
                    put_message(number, &inner_personal, personal);
                }
                continue;
            }
            skip_field(wire, number, &mut rest, DecodeContext::default())?;
            let taken = start.len() - rest.len();
            let whole = start.get(..taken).unwrap_or_default();
            if field.is_some_and(|field| field.personal) {
                personal.extend_from_slice(whole);
            } else {
                clear.extend_from_slice(whole);
            }
        }
        Ok(())
    }
}

pub(super) fn put_message(number: u32, contents: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(contents.len() as u64, out);
    out.extend_from_slice(contents);
}
