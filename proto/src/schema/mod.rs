//! The schema as tables: what each field of each message may hold, read once from the descriptors. Walks over encoded bytes
//! use them: to find every violation, to split clear from personal, and to redact.

mod build;
mod check;
mod format;
mod json;
mod redact;
mod split;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use prost::encoding::WireType;

pub use check::{Agreement, Checked, Limits};

use crate::DESCRIPTOR_SET;
use crate::field_class::FieldClasses;
use crate::kind::Kind;

/// The tables of every message of the contract.
#[derive(Debug)]
pub struct Schema {
    messages: Vec<Message>,
    by_name: BTreeMap<String, usize>,
    kinds: Vec<Kind>,
}

#[derive(Debug, Default)]
struct Message {
    /// Ascending by number.
    fields: Vec<Field>,
    /// What an encoding must contain. Each field carries the bits of the requirements it satisfies.
    required: Vec<Requirement>,
    holds_personal: bool,
    /// The classes of its fields, at any depth.
    classes: FieldClasses,
    is_timestamp: bool,
    is_duration: bool,
}

#[derive(Debug)]
struct Requirement {
    field: String,
    bit: u64,
}

#[derive(Debug)]
struct Field {
    number: u32,
    name: String,
    json_name: String,
    holds: Holds,
    repeated: bool,
    is_map: bool,
    personal: bool,
    /// The classes that a reader needs to see this field; for a message, in addition to those of its fields.
    classes: FieldClasses,
    required: bool,
    format: format::Format,
    minimum: Option<f64>,
    maximum: Option<f64>,
    max_items: usize,
    agrees_with: String,
    satisfies: u64,
    /// The name of the oneof that it belongs to.
    oneof: Option<String>,
    /// The names of the values of an enum.
    enum_names: Vec<String>,
    /// The least and the greatest value of an integer.
    integers: (i128, i128),
}

#[derive(Debug)]
enum Holds {
    Message(usize),
    Enum(Vec<i32>),
    String,
    Bytes,
    /// The varints, by how their bits encode a number.
    Bool,
    Int64,
    Uint64,
    Sint64,
    Float,
    Double,
    Fixed32,
    Fixed64,
}

impl Schema {
    /// Returns the schema of this build.
    #[must_use]
    pub fn get() -> &'static Self {
        static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
            #[expect(
                clippy::expect_used,
                reason = "the descriptors are compiled in; the first test of this crate reads them"
            )]
            build::build(DESCRIPTOR_SET).expect("descriptors of this build are readable")
        });
        &SCHEMA
    }

    /// Returns every kind of payload, ascending by field number.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Returns the kind with this field number in `Touchpoint.payload`.
    #[must_use]
    pub fn kind_by_number(&self, number: u32) -> Option<&Kind> {
        let index = self
            .kinds
            .binary_search_by_key(&number, |kind| kind.number)
            .ok()?;
        self.kinds.get(index)
    }

    /// Returns the kind with this short name, for example `feedback_received`.
    #[must_use]
    pub fn kind_by_name(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| &*kind.name == name)
    }

    /// Returns the kind with this CloudEvents type, for example `com.ownerline.feedback_received.v1`.
    #[must_use]
    pub fn kind_by_type(&self, type_name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.type_name == type_name)
    }

    fn message(&self, name: &str) -> Option<&Message> {
        self.by_name
            .get(name)
            .and_then(|index| self.messages.get(*index))
    }
}

impl Field {
    /// Whether the field counts as set even if it is zero: true for a number or flag in a oneof, as revision 0 is a
    /// revision.
    fn counts_by_presence(&self) -> bool {
        self.oneof.is_some() && self.holds.is_number()
    }
}

impl Holds {
    fn is_number(&self) -> bool {
        self.wire() != WireType::LengthDelimited
    }

    /// Returns the wire type of one value.
    fn wire(&self) -> WireType {
        match self {
            Self::Message(_) | Self::String | Self::Bytes => WireType::LengthDelimited,
            Self::Double | Self::Fixed64 => WireType::SixtyFourBit,
            Self::Float | Self::Fixed32 => WireType::ThirtyTwoBit,
            Self::Enum(_) | Self::Bool | Self::Int64 | Self::Uint64 | Self::Sint64 => {
                WireType::Varint
            }
        }
    }
}

impl Message {
    fn field(&self, number: u32) -> Option<&Field> {
        let index = self
            .fields
            .binary_search_by_key(&number, |field| field.number)
            .ok()?;
        self.fields.get(index)
    }
}

#[cfg(test)]
mod tests;
