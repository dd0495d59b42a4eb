//! Leaves the fields of withheld classes out of an encoded message.

use bytes::Buf;
use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, decode_key, skip_field};

use super::check::delimited;
use super::split::put_message;
use super::tables::{Holds, Message, Schema};
use crate::field_class::FieldClasses;

impl Schema {
    /// The encoding of a `message` (a full name) without the fields of which any class is not `readable`, however deep
    /// they are, and without fields that this schema does not have. The other fields keep their bytes and their order;
    /// a message whose fields are all withheld stays, empty. Empty if there is no such message.
    ///
    /// # Errors
    /// If `bytes` is not a protobuf encoding.
    pub fn redact(
        &self,
        message: &str,
        bytes: &[u8],
        readable: FieldClasses,
    ) -> Result<Vec<u8>, DecodeError> {
        let mut redacted = Vec::with_capacity(bytes.len());
        if let Some(message) = self.message(message) {
            self.redact_message(message, bytes, readable, &mut redacted)?;
        }
        Ok(redacted)
    }

    /// The classes of what a `message` (a full name) may hold, however deep.
    #[must_use]
    pub fn classes(&self, message: &str) -> FieldClasses {
        self.message(message)
            .map_or(FieldClasses::NONE, |message| message.classes)
    }

    fn redact_message(
        &self,
        message: &Message,
        bytes: &[u8],
        readable: FieldClasses,
        out: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let mut rest = bytes;
        while rest.has_remaining() {
            let start = rest;
            let (number, wire) = decode_key(&mut rest)?;
            let field = message
                .field(number)
                .filter(|field| readable.includes(field.classes));
            let below = field.and_then(|field| match field.holds {
                Holds::Message(index) if !field.is_map => self
                    .messages
                    .get(index)
                    .filter(|message| !(message.is_timestamp || message.is_duration)),
                _ => None,
            });
            if let (Some(below), WireType::LengthDelimited) = (below, wire) {
                let inner = delimited(&mut rest)?;
                let mut redacted = Vec::with_capacity(inner.len());
                self.redact_message(below, inner, readable, &mut redacted)?;
                put_message(number, &redacted, out);
                continue;
            }
            skip_field(wire, number, &mut rest, DecodeContext::default())?;
            if field.is_some() {
                let taken = start.len() - rest.len();
                out.extend_from_slice(start.get(..taken).unwrap_or_default());
            }
        }
        Ok(())
    }
}
