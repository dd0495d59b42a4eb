//! Checks that every field of the schema declares who may see it and whether it is sealed (docs/field-classes.md). The
//! build script fails on what it finds; a test plants each fault.

use std::collections::BTreeSet;

use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value,
};

const WELL_KNOWN: [&str; 2] = ["google.protobuf.Timestamp", "google.protobuf.Duration"];
/// Numbers in `FieldRules.Class`.
const CLASS_PERSONAL: i32 = 3;
const CLASS_WORDS: i32 = 4;
/// Numbers in `FieldRules.Format` of what a human may write freely: text, label, URL.
const FREE_FORMATS: [i32; 3] = [0, 4, 13];

/// Every fault in the declarations of the schema, each with the message and field that it is about.
pub(crate) fn faults(pool: &DescriptorPool) -> Vec<String> {
    let stored = stored_messages(pool);
    let mut faults = Vec::new();
    for message in pool.all_messages() {
        // The options themselves are no data.
        let is_ours = message.package_name() == "ownerline.v1"
            && message.parent_file().name() != "ownerline/v1/rules.proto";
        if !is_ours || message.is_map_entry() {
            continue;
        }
        let is_stored = stored.contains(message.full_name());
        for field in message.fields() {
            if let Some(fault) = fault(pool, &message, &field, is_stored) {
                faults.push(format!(
                    "{}, field `{}`: {fault}",
                    message.full_name(),
                    field.name()
                ));
            }
        }
    }
    faults
}

/// The names of all messages that a touchpoint may hold, itself included.
fn stored_messages(pool: &DescriptorPool) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut rest: Vec<MessageDescriptor> = pool
        .get_message_by_name("ownerline.v1.Touchpoint")
        .into_iter()
        .collect();
    while let Some(message) = rest.pop() {
        if names.insert(message.full_name().to_owned()) {
            rest.extend(message.fields().filter_map(|field| match field.kind() {
                Kind::Message(below) => Some(below),
                _ => None,
            }));
        }
    }
    names
}

fn fault(
    pool: &DescriptorPool,
    message: &MessageDescriptor,
    field: &FieldDescriptor,
    is_stored: bool,
) -> Option<&'static str> {
    let rules = rules(pool, field);
    let own = rules
        .as_ref()
        .and_then(|rules| number(rules, "class"))
        .filter(|class| *class != 0);
    let also = rules
        .as_ref()
        .is_some_and(|rules| rules.has_field_by_name("also"));
    if also && own.is_none() {
        return Some("`also` adds classes to a `class`, and there is none");
    }
    let is_text = field.is_map() || matches!(field.kind(), Kind::String | Kind::Bytes);
    if own.is_none() {
        match field.kind() {
            _ if is_text => {
                return Some("text has no class: declare `(field_rules).class`");
            }
            Kind::Message(below) if below.package_name() == "ownerline.v1" => return None,
            Kind::Message(below) if !WELL_KNOWN.contains(&below.full_name()) => {
                return Some("a message of another package has no class");
            }
            _ if default_class(pool, message).is_none() => {
                return Some(
                    "no class: declare `(field_rules).class`, or `option (default_class)` of the message",
                );
            }
            _ => {}
        }
    }
    let sealed = rules
        .as_ref()
        .filter(|rules| rules.has_field_by_name("sealed"))
        .and_then(|rules| rules.get_field_by_name("sealed")?.as_bool());
    let flag = |name: &str| {
        rules
            .as_ref()
            .and_then(|rules| rules.get_field_by_name(name)?.as_bool())
            .unwrap_or_default()
    };
    if !is_stored {
        return sealed.map(|_| "`sealed` is for what a touchpoint holds");
    }
    if matches!(own, Some(CLASS_WORDS | CLASS_PERSONAL)) && sealed != Some(true) {
        return Some("words and personal data of a touchpoint are `sealed: true`");
    }
    if flag("personal") && sealed != Some(true) {
        return Some("`personal` is `sealed: true`");
    }
    let format = rules.as_ref().and_then(|rules| number(rules, "format"));
    if is_text && FREE_FORMATS.contains(&format.unwrap_or_default()) && sealed.is_none() {
        return Some("text of a touchpoint does not say `sealed: true` or `sealed: false`");
    }
    None
}

fn rules(pool: &DescriptorPool, field: &FieldDescriptor) -> Option<DynamicMessage> {
    let extension = pool.get_extension_by_name("ownerline.v1.field_rules")?;
    let options = field.options();
    if !options.has_extension(&extension) {
        return None;
    }
    options.get_extension(&extension).as_message().cloned()
}

fn default_class(pool: &DescriptorPool, message: &MessageDescriptor) -> Option<i32> {
    let extension = pool.get_extension_by_name("ownerline.v1.default_class")?;
    let class = message.options().get_extension(&extension).as_enum_number();
    class.filter(|class| *class != 0)
}

fn number(rules: &DynamicMessage, name: &str) -> Option<i32> {
    match rules.get_field_by_name(name)?.as_ref() {
        Value::EnumNumber(number) => Some(*number),
        _ => None,
    }
}
