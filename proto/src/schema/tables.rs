//! The tables of the schema: its messages, their fields, and the kinds of payload.

use std::collections::BTreeMap;

use prost::encoding::WireType;

use super::format::Format;
use crate::field_class::FieldClasses;
use crate::kind::types::Kind;

/// The tables of every message of the contract.
#[derive(Debug)]
pub struct Schema {
    pub(super) messages: Vec<Message>,
    pub(super) by_name: BTreeMap<String, usize>,
    pub(super) kinds: Vec<Kind>,
}

#[derive(Debug, Default)]
pub(super) struct Message {
    /// Ascending by number.
    pub(super) fields: Vec<Field>,
    /// What an encoding must contain. Each field carries the bits of the requirements it satisfies.
    pub(super) required: Vec<Requirement>,
    pub(super) holds_personal: bool,
    /// The classes of its fields, at any depth.
    pub(super) classes: FieldClasses,
    pub(super) is_timestamp: bool,
    pub(super) is_duration: bool,
}

#[derive(Debug)]
pub(super) struct Requirement {
    pub(super) field: String,
    pub(super) bit: u64,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) json_name: String,
    pub(super) holds: Holds,
    pub(super) repeated: bool,
    pub(super) is_map: bool,
    pub(super) personal: bool,
    /// The classes that a reader needs to see this field; for a message, in addition to those of its fields.
    pub(super) classes: FieldClasses,
    pub(super) required: bool,
    pub(super) format: Format,
    pub(super) minimum: Option<f64>,
    pub(super) maximum: Option<f64>,
    pub(super) max_items: usize,
    pub(super) agrees_with: String,
    pub(super) satisfies: u64,
    /// The name of the oneof that it belongs to.
    pub(super) oneof: Option<String>,
    /// The names of the values of an enum.
    pub(super) enum_names: Vec<String>,
    /// The least and the greatest value of an integer.
    pub(super) integers: (i128, i128),
}

#[derive(Debug)]
pub(super) enum Holds {
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

    pub(super) fn message(&self, name: &str) -> Option<&Message> {
        self.by_name
            .get(name)
            .and_then(|index| self.messages.get(*index))
    }
}

impl Field {
    /// Whether the field counts as set even if it is zero: true for a number or flag in a oneof, as revision 0 is a
    /// revision.
    pub(super) fn counts_by_presence(&self) -> bool {
        self.oneof.is_some() && self.holds.is_number()
    }
}

impl Holds {
    pub(super) fn is_number(&self) -> bool {
        self.wire() != WireType::LengthDelimited
    }

    /// Returns the wire type of one value.
    pub(super) fn wire(&self) -> WireType {
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
    pub(super) fn field(&self, number: u32) -> Option<&Field> {
        let index = self
            .fields
            .binary_search_by_key(&number, |field| field.number)
            .ok()?;
        self.fields.get(index)
    }
}
