//! Reads the tables from the descriptors and their custom options.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use prost_reflect::{
    DescriptorError, DescriptorPool, DynamicMessage, FieldDescriptor, Kind as Scalar,
    MessageDescriptor, Value,
};

use super::format::Format;
use super::tables::{Field, Holds, Message, Requirement, Schema};
use crate::DESCRIPTOR_SET;
use crate::field_class::{FieldClass, FieldClasses};
use crate::kind::types::{Category, Kind};

/// The greatest number of items of a list that declares no `max_items`.
const DEFAULT_MAX_ITEMS: usize = 100;

impl Schema {
    /// Returns the schema of this build.
    #[must_use]
    pub fn get() -> &'static Self {
        static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
            #[expect(
                clippy::expect_used,
                reason = "the descriptors are compiled in; the first test of this crate reads them"
            )]
            build(DESCRIPTOR_SET).expect("descriptors of this build are readable")
        });
        &SCHEMA
    }
}

fn build(descriptors: &[u8]) -> Result<Schema, DescriptorError> {
    let pool = DescriptorPool::decode(descriptors)?;
    let reader = Reader { pool: &pool };
    let all: Vec<MessageDescriptor> = pool.all_messages().collect();
    let by_name: BTreeMap<String, usize> = all
        .iter()
        .enumerate()
        .map(|(index, message)| (message.full_name().to_owned(), index))
        .collect();
    let mut messages: Vec<Message> = all
        .iter()
        .map(|message| reader.message(message, &by_name))
        .collect();
    spread_upwards(&mut messages);
    let kinds = all
        .iter()
        .find(|message| message.full_name() == "ownerline.v1.Touchpoint")
        .map(|touchpoint| reader.kinds(touchpoint, &messages, &by_name))
        .unwrap_or_default();
    Ok(Schema {
        messages,
        by_name,
        kinds,
    })
}

/// A message holds personal data, and a class, if one of its fields does or a message below it.
fn spread_upwards(messages: &mut [Message]) {
    loop {
        let before: Vec<(bool, FieldClasses)> = messages
            .iter()
            .map(|message| (message.holds_personal, message.classes))
            .collect();
        for message in messages.iter_mut() {
            for field in &message.fields {
                message.holds_personal |= field.personal;
                message.classes = message.classes.union(field.classes);
                if let Holds::Message(index) = field.holds
                    && let Some((personal, classes)) = before.get(index)
                {
                    message.holds_personal |= personal;
                    message.classes = message.classes.union(*classes);
                }
            }
        }
        let changed = messages
            .iter()
            .zip(before)
            .any(|(message, before)| (message.holds_personal, message.classes) != before);
        if !changed {
            return;
        }
    }
}

struct Reader<'a> {
    pool: &'a DescriptorPool,
}

impl Reader<'_> {
    fn message(
        &self,
        descriptor: &MessageDescriptor,
        by_name: &BTreeMap<String, usize>,
    ) -> Message {
        let mut message = Message {
            is_timestamp: descriptor.full_name() == "google.protobuf.Timestamp",
            is_duration: descriptor.full_name() == "google.protobuf.Duration",
            ..Message::default()
        };
        let mut fields: Vec<Field> = descriptor
            .fields()
            .map(|field| self.field(&field, by_name))
            .collect();
        fields.sort_by_key(|field| field.number);
        let mut bit = 1;
        for field in fields.iter_mut().filter(|field| field.required) {
            field.satisfies |= bit;
            message.required.push(Requirement {
                field: field.name.clone(),
                bit,
            });
            bit <<= 1;
        }
        for oneof in descriptor.oneofs() {
            if !self.one_required(&oneof.options()) {
                continue;
            }
            for member in oneof.fields() {
                for field in fields
                    .iter_mut()
                    .filter(|field| field.number == member.number())
                {
                    field.satisfies |= bit;
                }
            }
            message.required.push(Requirement {
                field: oneof.name().to_owned(),
                bit,
            });
            bit <<= 1;
        }
        message.fields = fields;
        message
    }

    fn field(&self, descriptor: &FieldDescriptor, by_name: &BTreeMap<String, usize>) -> Field {
        let rules = self.rules(descriptor);
        let text = |name: &str| {
            rules
                .as_ref()
                .and_then(|rules| rules.get_field_by_name(name)?.as_str().map(str::to_owned))
        };
        let flag = |name: &str| {
            rules
                .as_ref()
                .and_then(|rules| rules.get_field_by_name(name)?.as_bool())
                .unwrap_or_default()
        };
        let bound = |name: &str| {
            let rules = rules.as_ref()?;
            rules
                .has_field_by_name(name)
                .then(|| rules.get_field_by_name(name)?.as_f64())
                .flatten()
        };
        let format = rules
            .as_ref()
            .and_then(|rules| rules.get_field_by_name("format")?.as_enum_number());
        let max_items = rules
            .as_ref()
            .and_then(|rules| rules.get_field_by_name("max_items")?.as_u32())
            .and_then(|items| usize::try_from(items).ok())
            .filter(|items| *items > 0);
        Field {
            number: descriptor.number(),
            name: descriptor.name().to_owned(),
            json_name: descriptor.json_name().to_owned(),
            holds: holds(&descriptor.kind(), by_name),
            repeated: descriptor.is_list() || descriptor.is_map(),
            is_map: descriptor.is_map(),
            personal: flag("personal"),
            classes: self.classes(descriptor, rules.as_ref()),
            required: flag("required"),
            format: Format::from_number(format.unwrap_or_default()),
            minimum: bound("minimum"),
            maximum: bound("maximum"),
            max_items: max_items.unwrap_or(DEFAULT_MAX_ITEMS),
            agrees_with: text("agrees_with").unwrap_or_default(),
            satisfies: 0,
            oneof: descriptor
                .containing_oneof()
                .map(|oneof| oneof.name().to_owned()),
            enum_names: enum_names(&descriptor.kind()),
            integers: integers(&descriptor.kind()),
        }
    }

    /// The classes that a field declares; without a declaration the default of its message, which the build script
    /// admits for numbers, flags, enums and times only. A message without a declaration has those of its own fields.
    fn classes(&self, field: &FieldDescriptor, rules: Option<&DynamicMessage>) -> FieldClasses {
        let number =
            |name: &str| rules.and_then(|rules| rules.get_field_by_name(name)?.as_enum_number());
        if let Some(own) = number("class").and_then(FieldClass::from_number) {
            let also = rules
                .and_then(|rules| Some(rules.get_field_by_name("also")?.as_list()?.to_vec()))
                .unwrap_or_default();
            return also
                .iter()
                .filter_map(Value::as_enum_number)
                .filter_map(FieldClass::from_number)
                .chain([own])
                .collect();
        }
        if let Scalar::Message(below) = field.kind()
            && below.package_name() == field.parent_message().package_name()
        {
            return FieldClasses::NONE;
        }
        let options = field.parent_message().options();
        self.pool
            .get_extension_by_name("ownerline.v1.default_class")
            .and_then(|extension| options.get_extension(&extension).as_enum_number())
            .and_then(FieldClass::from_number)
            .into_iter()
            .collect()
    }

    fn kinds(
        &self,
        touchpoint: &MessageDescriptor,
        messages: &[Message],
        by_name: &BTreeMap<String, usize>,
    ) -> Vec<Kind> {
        let (payloads, envelope): (Vec<_>, Vec<_>) = touchpoint.fields().partition(|field| {
            field
                .containing_oneof()
                .is_some_and(|oneof| oneof.name() == "payload")
        });
        let classes = |field: &FieldDescriptor| {
            let below = match field.kind() {
                Scalar::Message(below) => by_name
                    .get(below.full_name())
                    .and_then(|index| messages.get(*index)),
                _ => None,
            };
            let own = self.classes(field, self.rules(field).as_ref());
            below.map_or(own, |below| own.union(below.classes))
        };
        let envelope = envelope
            .iter()
            .map(classes)
            .fold(FieldClasses::NONE, FieldClasses::union);
        let mut kinds: Vec<Kind> = payloads
            .iter()
            .map(|field| self.kind(field, envelope.union(classes(field))))
            .collect();
        kinds.sort_by_key(|kind| kind.number);
        kinds
    }

    fn kind(&self, field: &FieldDescriptor, classes: FieldClasses) -> Kind {
        let rules = self.extension(&field.options(), "ownerline.v1.payload_rules");
        let categories = rules
            .as_ref()
            .and_then(|rules| Some(rules.get_field_by_name("category")?.as_list()?.to_vec()))
            .unwrap_or_default();
        let named_by = rules
            .as_ref()
            .and_then(|rules| {
                rules
                    .get_field_by_name("named_by")?
                    .as_str()
                    .map(str::to_owned)
            })
            .filter(|name| !name.is_empty())
            .and_then(|name| match field.kind() {
                Scalar::Message(payload) => payload
                    .get_field_by_name(&name)
                    .map(|field| (name, field.number())),
                _ => None,
            });
        Kind::new(
            field.name(),
            field.number(),
            categories
                .iter()
                .filter_map(Value::as_enum_number)
                .filter_map(Category::from_number)
                .collect(),
            named_by,
            classes,
        )
    }

    fn rules(&self, field: &FieldDescriptor) -> Option<DynamicMessage> {
        self.extension(&field.options(), "ownerline.v1.field_rules")
    }

    fn extension(&self, options: &DynamicMessage, name: &str) -> Option<DynamicMessage> {
        let extension = self.pool.get_extension_by_name(name)?;
        if !options.has_extension(&extension) {
            return None;
        }
        options.get_extension(&extension).as_message().cloned()
    }

    fn one_required(&self, options: &DynamicMessage) -> bool {
        self.pool
            .get_extension_by_name("ownerline.v1.one_required")
            .is_some_and(|extension| {
                options
                    .get_extension(&extension)
                    .as_bool()
                    .unwrap_or_default()
            })
    }
}

fn holds(kind: &Scalar, by_name: &BTreeMap<String, usize>) -> Holds {
    match kind {
        Scalar::Message(message) => match by_name.get(message.full_name()) {
            Some(index) => Holds::Message(*index),
            None => Holds::Bytes,
        },
        Scalar::Enum(values) => Holds::Enum(values.values().map(|value| value.number()).collect()),
        Scalar::String => Holds::String,
        Scalar::Bytes => Holds::Bytes,
        Scalar::Bool => Holds::Bool,
        Scalar::Int32 | Scalar::Int64 => Holds::Int64,
        Scalar::Uint32 | Scalar::Uint64 => Holds::Uint64,
        Scalar::Sint32 | Scalar::Sint64 => Holds::Sint64,
        Scalar::Float => Holds::Float,
        Scalar::Double => Holds::Double,
        Scalar::Fixed32 | Scalar::Sfixed32 => Holds::Fixed32,
        Scalar::Fixed64 | Scalar::Sfixed64 => Holds::Fixed64,
    }
}

fn enum_names(kind: &Scalar) -> Vec<String> {
    match kind {
        Scalar::Enum(values) => values
            .values()
            .map(|value| value.name().to_owned())
            .collect(),
        _ => Vec::new(),
    }
}

/// The range of an integer type; unused for other types.
fn integers(kind: &Scalar) -> (i128, i128) {
    match kind {
        Scalar::Int32 | Scalar::Sint32 | Scalar::Sfixed32 => (i32::MIN.into(), i32::MAX.into()),
        Scalar::Int64 | Scalar::Sint64 | Scalar::Sfixed64 => (i64::MIN.into(), i64::MAX.into()),
        Scalar::Uint32 | Scalar::Fixed32 => (0, u32::MAX.into()),
        Scalar::Uint64 | Scalar::Fixed64 => (0, u64::MAX.into()),
        _ => (0, 0),
    }
}
