//! Invented touchpoints of every kind of the schema, with any field set or not: for rules that hold whatever is
//! recorded. Names come from a small pool, so that touchpoints meet.

use std::collections::BTreeMap;

use ownerline_projections::{Position, Recorded};
use ownerline_proto::kind::Kind;
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::Touchpoint;
use ownerline_proto::{DESCRIPTOR_SET, time};
use prost::Message as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind as Scalar, MapKey, MessageDescriptor,
    Value,
};

/// So many touchpoints of each kind, in any order, at positions 1, 2, ...
pub(crate) fn history(seed: u64, of_each_kind: usize) -> Vec<Recorded> {
    let mut inventor = Inventor {
        pool: DescriptorPool::decode(DESCRIPTOR_SET).unwrap(),
        state: seed,
        count: 0,
    };
    let kinds = Schema::get().kinds();
    inventor.count = kinds.len() * of_each_kind;
    let mut order: Vec<&'static Kind> = Vec::new();
    for _ in 0..of_each_kind {
        order.extend(kinds);
    }
    for place in (1..order.len()).rev() {
        let other = inventor.below(place + 1);
        order.swap(place, other);
    }
    let touchpoints = (1..).zip(order);
    let touchpoints = touchpoints.map(|(number, kind)| inventor.touchpoint(number, kind));
    recorded(touchpoints.collect())
}

/// The records of touchpoints in the order of arrival.
pub(crate) fn recorded(touchpoints: Vec<Touchpoint>) -> Vec<Recorded> {
    let mut revisions: BTreeMap<String, u64> = BTreeMap::new();
    let records = (1..).zip(touchpoints).map(|(position, touchpoint)| {
        let encoded = touchpoint.encode_to_vec();
        let kind = ownerline_proto::kind::of_encoded(&encoded).unwrap();
        let subjects = touchpoint.subjects.clone().unwrap_or_default();
        let stream = kind.stream(&subjects, &encoded).unwrap();
        let next = revisions.entry(stream.clone()).or_default();
        let revision = *next;
        *next += 1;
        let occurred_at = touchpoint.occurred_at.as_ref();
        Recorded {
            position: Position(position),
            stream: stream.into(),
            revision,
            recorded_at: 5_000_000_000 + i64::try_from(position).unwrap(),
            occurred_at: occurred_at.map_or(0, time::nanos_clamped),
            kind,
            touchpoint,
        }
    });
    records.collect()
}

struct Inventor {
    pool: DescriptorPool,
    state: u64,
    /// How many touchpoints the history has.
    count: usize,
}

impl Inventor {
    fn touchpoint(&mut self, number: usize, kind: &Kind) -> Touchpoint {
        let descriptor = self.pool.get_message_by_name("ownerline.v1.Touchpoint");
        let descriptor = descriptor.unwrap();
        let field = descriptor.get_field(kind.number).unwrap();
        loop {
            let mut message = self.message(&descriptor);
            let payload = self.one(&field);
            message.set_field(&field, payload);
            let mut touchpoint = Touchpoint::decode(message.encode_to_vec().as_slice()).unwrap();
            touchpoint.id = format!("n{number}");
            touchpoint.source = ["crm", "dms"][number % 2].to_owned();
            touchpoint.occurred_at = Some(time::timestamp(1_000_000_000 * self.below(12) as i64));
            // Some kinds need a subject, some a name in the payload.
            let subjects = touchpoint.subjects.clone().unwrap_or_default();
            if kind.stream(&subjects, &touchpoint.encode_to_vec()).is_ok() {
                return touchpoint;
            }
        }
    }

    fn message(&mut self, descriptor: &MessageDescriptor) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        match descriptor.full_name() {
            "google.protobuf.Timestamp" => {
                let seconds = i64::try_from(self.below(14)).unwrap();
                message.set_field_by_name("seconds", Value::I64(seconds));
                return message;
            }
            "ownerline.v1.TouchpointRef" => {
                let id = format!("n{}", 1 + self.below(self.count));
                message.set_field_by_name("id", Value::String(id));
                let source = ["", "crm", "dms"][self.below(3)].to_owned();
                message.set_field_by_name("source", Value::String(source));
                return message;
            }
            _ => {}
        }
        for field in descriptor.fields() {
            let is_choice = field
                .containing_oneof()
                .is_some_and(|oneof| !oneof.is_synthetic());
            // Corrections are rarer than the rest.
            let weight = if field.name() == "corrects" { 5 } else { 2 };
            if is_choice || self.below(weight) == 0 {
                continue;
            }
            if field.name() == "corrects" && self.below(2) == 0 {
                continue;
            }
            let value = self.value(&field);
            message.set_field(&field, value);
        }
        for oneof in descriptor.oneofs() {
            if oneof.is_synthetic() || oneof.name() == "payload" {
                continue;
            }
            let members: Vec<FieldDescriptor> = oneof.fields().collect();
            let field = &members[self.below(members.len())];
            let value = self.one(field);
            message.set_field(field, value);
        }
        message
    }

    fn value(&mut self, field: &FieldDescriptor) -> Value {
        if field.is_map() {
            return Value::Map(
                [(MapKey::String("k".to_owned()), Value::String(self.text()))].into(),
            );
        }
        if field.is_list() {
            return Value::List((0..self.below(3)).map(|_| self.one(field)).collect());
        }
        self.one(field)
    }

    fn one(&mut self, field: &FieldDescriptor) -> Value {
        match field.kind() {
            Scalar::Message(message) => Value::Message(self.message(&message)),
            Scalar::Enum(values) => {
                let numbers: Vec<i32> = values.values().map(|value| value.number()).collect();
                Value::EnumNumber(numbers[self.below(numbers.len())])
            }
            Scalar::String => Value::String(self.text()),
            Scalar::Bool => Value::Bool(self.below(2) == 0),
            Scalar::Int32 => Value::I32(self.below(11) as i32),
            Scalar::Int64 => Value::I64(self.below(1_000) as i64),
            Scalar::Uint32 => Value::U32(self.below(5) as u32),
            Scalar::Uint64 => Value::U64(self.below(5) as u64),
            Scalar::Double => Value::F64(self.below(100) as f64 / 8.0),
            other => panic!("no value of {other:?}"),
        }
    }

    fn text(&mut self) -> String {
        [
            "1",
            "1",
            "2",
            "2",
            "Zürich",
            "a waiting room without coffee",
        ][self.below(6)]
        .to_owned()
    }

    /// SplitMix64: small, and the same on every machine.
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}
