//! Touchpoints of every kind for the tests of this crate, built from the descriptors.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost::Message as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind as Scalar, MapKey, MessageDescriptor,
    OneofDescriptor, Value,
};

use crate::DESCRIPTOR_SET;
use crate::kind::Kind;
use crate::v1::Touchpoint;

/// The descriptors of this build.
pub(crate) fn pool() -> DescriptorPool {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| DescriptorPool::decode(DESCRIPTOR_SET).unwrap());
    POOL.clone()
}

/// Fills messages with values.
pub(crate) struct Chooser {
    pool: DescriptorPool,
    state: u64,
    everything: bool,
}

impl Chooser {
    /// Sets every field; `variant` selects the member of a oneof.
    pub(crate) fn everything(variant: u64) -> Self {
        Self {
            pool: pool(),
            state: variant,
            everything: true,
        }
    }

    /// Sets random fields to random values.
    pub(crate) fn random(seed: u64) -> Self {
        Self {
            pool: pool(),
            state: seed,
            everything: false,
        }
    }

    /// Returns a touchpoint of this kind.
    pub(crate) fn touchpoint(&mut self, kind: &Kind) -> Touchpoint {
        let descriptor = self
            .pool
            .get_message_by_name("ownerline.v1.Touchpoint")
            .unwrap();
        let mut message = self.message(&descriptor);
        let field = descriptor.get_field(kind.number).unwrap();
        let payload = self.one(&field);
        message.set_field(&field, payload);
        Touchpoint::decode(message.encode_to_vec().as_slice()).unwrap()
    }

    /// Returns a message of this type.
    pub(crate) fn message(&mut self, descriptor: &MessageDescriptor) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        if descriptor.full_name() == "google.protobuf.Timestamp" {
            let seconds = self.next() % 315_537_897_600;
            let seconds = i64::try_from(seconds).unwrap() - 62_135_596_800;
            let nanos = match self.next() % 4 {
                0 => 0,
                1 => 120_000_000,
                2 => 1_000,
                _ => i32::try_from(self.next() % 1_000_000_000).unwrap(),
            };
            message.set_field_by_name("seconds", Value::I64(seconds));
            message.set_field_by_name("nanos", Value::I32(nanos));
            return message;
        }
        for field in descriptor.fields() {
            let chosen_elsewhere = field
                .containing_oneof()
                .is_some_and(|oneof| !oneof.is_synthetic());
            if chosen_elsewhere || !(self.wants() || self.is_required(&field)) {
                continue;
            }
            let value = self.value(&field);
            message.set_field(&field, value);
        }
        for oneof in descriptor.oneofs() {
            if oneof.is_synthetic() || oneof.name() == "payload" {
                continue;
            }
            let field = self.member(&oneof);
            let value = self.one(&field);
            message.set_field(&field, value);
        }
        message
    }

    fn member(&mut self, oneof: &OneofDescriptor) -> FieldDescriptor {
        let members: Vec<FieldDescriptor> = oneof.fields().collect();
        let choice = if self.everything {
            self.state
        } else {
            self.next()
        };
        members[usize::try_from(choice % members.len() as u64).unwrap()].clone()
    }

    fn value(&mut self, field: &FieldDescriptor) -> Value {
        if field.is_map() {
            let mut map = HashMap::new();
            for _ in 0..self.items() {
                map.insert(MapKey::String(self.text()), Value::String(self.text()));
            }
            return Value::Map(map);
        }
        if field.is_list() {
            return Value::List((0..self.items()).map(|_| self.one(field)).collect());
        }
        self.one(field)
    }

    fn one(&mut self, field: &FieldDescriptor) -> Value {
        match field.kind() {
            Scalar::Message(message) => Value::Message(self.message(&message)),
            Scalar::Enum(values) => {
                let numbers: Vec<i32> = values.values().map(|value| value.number()).collect();
                let index = 1 + self.next() % (numbers.len() as u64 - 1);
                Value::EnumNumber(numbers[usize::try_from(index).unwrap()])
            }
            Scalar::String => Value::String(self.text()),
            Scalar::Bool => Value::Bool(true),
            Scalar::Int32 => Value::I32((self.next() as i32).max(1)),
            Scalar::Int64 => Value::I64(self.next() as i64 | 1),
            Scalar::Uint32 => Value::U32(self.next() as u32 | 1),
            Scalar::Uint64 => Value::U64(self.next() | 1),
            Scalar::Double => Value::F64(self.next() as i32 as f64 / 1_024.0 + 0.000_1),
            other => panic!("no sample of {other:?}"),
        }
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 8] = ["a", "Zürich", "\"", "\\", "日本", "🚗", "line\nbreak", "0"];
        let length = 1 + self.next() % 6;
        (0..length)
            .map(|_| PIECES[usize::try_from(self.next() % PIECES.len() as u64).unwrap()])
            .collect()
    }

    fn items(&mut self) -> u64 {
        if self.everything { 3 } else { self.next() % 4 }
    }

    fn wants(&mut self) -> bool {
        self.everything || self.next().is_multiple_of(2)
    }

    fn is_required(&self, field: &FieldDescriptor) -> bool {
        rules(&self.pool, field, "required")
    }

    /// SplitMix64: small, and the same on every machine.
    fn next(&mut self) -> u64 {
        if self.everything {
            return self.state + 7;
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Returns a flag of a field's declared rules.
pub(crate) fn rules(pool: &DescriptorPool, field: &FieldDescriptor, flag: &str) -> bool {
    let extension = pool
        .get_extension_by_name("ownerline.v1.field_rules")
        .unwrap();
    let options = field.options();
    options.has_extension(&extension)
        && options
            .get_extension(&extension)
            .as_message()
            .and_then(|rules| rules.get_field_by_name(flag)?.as_bool())
            .unwrap_or_default()
}
