//! Redaction: clears the fields of an answer that its reader may not see, by the classes that the schema declares
//! (docs/field-classes.md).

use bytes::Bytes;
use prost::{Message, Name};

use crate::field_class::FieldClasses;
use crate::schema::Schema;

/// Clears every field of which any class is not `readable`, however deep. Fields of readable classes stay as they are;
/// a message inside stays, empty, if all its fields are withheld, so that the kind of a payload stays known. Texts made
/// of several classes, such as headlines, are cleared and must be made again from what is left.
///
/// With all classes readable this returns at once. Otherwise it costs one encoding and one decoding of the message.
/// A message that is not of the contract is cleared as a whole.
pub fn redact<M: Message + Name + Default>(message: &mut M, readable: FieldClasses) {
    if readable.is_all() {
        return;
    }
    let bytes = message.encode_to_vec();
    *message = Schema::get()
        .redact(&M::full_name(), &bytes, readable)
        .and_then(|redacted| M::decode(Bytes::from(redacted)))
        // Not reached: the encoding is prost's own. A reader sees nothing rather than everything.
        .unwrap_or_default();
}

/// Returns the classes withheld from a reader in any `M`, whether or not there was something to withhold: the mark
/// depends on the type alone. For a touchpoint, [`Kind::withheld`](crate::kind::Kind::withheld) is exact by kind.
#[must_use]
pub fn withheld<M: Name>(readable: FieldClasses) -> FieldClasses {
    Schema::get().classes(&M::full_name()).without(readable)
}

#[cfg(test)]
mod tests;
