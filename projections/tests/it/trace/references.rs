//! Every reference that the schema knows is followed.

use ownerline_projections::trace::payload_references;
use ownerline_proto::DESCRIPTOR_SET;
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::{Touchpoint, TouchpointRef};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, ReflectMessage as _, Value};

/// The references anywhere in a payload, found by the schema alone.
pub(super) fn references_by_schema(touchpoint: &Touchpoint) -> Vec<TouchpointRef> {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).unwrap();
    let descriptor = pool.get_message_by_name("ownerline.v1.Touchpoint").unwrap();
    let bytes = touchpoint.encode_to_vec();
    let message = DynamicMessage::decode(descriptor, bytes.as_slice()).unwrap();
    let mut found = Vec::new();
    for kind in Schema::get().kinds() {
        let field = message.descriptor().get_field(kind.number).unwrap();
        if message.has_field(&field)
            && let Value::Message(payload) = message.get_field(&field).as_ref()
        {
            walk(payload, &mut found);
        }
    }
    found
}

fn walk(message: &DynamicMessage, found: &mut Vec<TouchpointRef>) {
    if message.descriptor().full_name() == "ownerline.v1.TouchpointRef" {
        found.push(message.transcode_to().unwrap());
        return;
    }
    for (_, value) in message.fields() {
        match value {
            Value::Message(inner) => walk(inner, found),
            Value::List(items) => {
                for item in items {
                    if let Value::Message(inner) = item {
                        walk(inner, found);
                    }
                }
            }
            _ => {}
        }
    }
}

#[test]
fn no_reference_of_the_schema_is_forgotten() {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).unwrap();
    let descriptor = pool.get_message_by_name("ownerline.v1.Touchpoint").unwrap();
    let reference = pool.get_message_by_name("ownerline.v1.TouchpointRef");
    let reference = reference.unwrap();
    let mut seen = 0;
    for kind in Schema::get().kinds() {
        let payload = descriptor.get_field(kind.number).unwrap();
        let Kind::Message(of_kind) = payload.kind() else {
            panic!("{} is no message", kind.name);
        };
        for field in of_kind.fields() {
            if field.kind().as_message() != Some(&reference) {
                continue;
            }
            let mut named = DynamicMessage::new(reference.clone());
            named.set_field_by_name("id", Value::String("named".to_owned()));
            let named = Value::Message(named);
            let value = match field.is_list() {
                true => Value::List(vec![named]),
                false => named,
            };
            let mut body = DynamicMessage::new(of_kind.clone());
            body.set_field(&field, value);
            let mut message = DynamicMessage::new(descriptor.clone());
            message.set_field(&payload, Value::Message(body));
            let touchpoint: Touchpoint = message.transcode_to().unwrap();
            let ids = payload_references(&touchpoint).into_iter();
            let ids: Vec<&str> = ids.map(|it| it.id.as_str()).collect();
            assert_eq!(ids, ["named"], "{} of {}", field.name(), kind.name);
            seen += 1;
        }
    }
    assert!(seen >= 8, "only {seen} references are known to the schema");
}

#[test]
fn payloads_of_every_kind_refer_to_what_their_schema_says() {
    for recorded in crate::invented::history(7, 20) {
        let touchpoint = &recorded.touchpoint;
        let mut followed: Vec<TouchpointRef> = payload_references(touchpoint)
            .into_iter()
            .cloned()
            .collect();
        let mut by_schema = references_by_schema(touchpoint);
        for references in [&mut followed, &mut by_schema] {
            references.sort_by_key(|it| (it.source.clone(), it.id.clone()));
        }
        assert_eq!(followed, by_schema, "{}", recorded.kind.name);
    }
}
