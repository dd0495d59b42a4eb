//! Redaction compared with a second, plain implementation by the descriptors, for every message of the contract.

use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind as Scalar, MessageDescriptor, ReflectMessage as _, Value,
};

use super::*;
use crate::field_class::FieldClass;
use crate::kind::of_encoded;
use crate::samples::{Chooser, pool};
use crate::v1::touchpoint::Payload;
use crate::v1::{
    GetContextPackResponse, GetTimelineResponse, RecordedTouchpoint, TimelineEntry, Touchpoint,
};
use crate::{replay, v1};

fn set(bits: u8) -> FieldClasses {
    FieldClass::ALL
        .into_iter()
        .filter(|class| bits >> *class as u8 & 1 == 1)
        .collect()
}

/// Every message that carries data.
fn messages() -> Vec<MessageDescriptor> {
    pool()
        .all_messages()
        .filter(|message| {
            message.package_name() == "ownerline.v1"
                && message.parent_file().name() != "ownerline/v1/rules.proto"
                && !message.is_map_entry()
        })
        .collect()
}

fn enum_option(rules: &DynamicMessage, name: &str) -> Vec<FieldClass> {
    let value = rules.get_field_by_name(name).unwrap();
    let numbers = match value.as_ref() {
        Value::List(list) => list.iter().filter_map(Value::as_enum_number).collect(),
        other => vec![other.as_enum_number().unwrap()],
    };
    numbers
        .into_iter()
        .filter_map(FieldClass::from_number)
        .collect()
}

/// The declared classes of a field, read here once more.
fn declared(field: &FieldDescriptor) -> FieldClasses {
    let pool = pool();
    let rules = pool
        .get_extension_by_name("ownerline.v1.field_rules")
        .unwrap();
    let options = field.options();
    let rules = options.get_extension(&rules);
    let rules = rules.as_message().unwrap();
    let mut classes = enum_option(rules, "class");
    classes.extend(enum_option(rules, "also"));
    let holds_own_message = matches!(field.kind(), Scalar::Message(below)
        if below.package_name() == "ownerline.v1" && !field.is_map());
    if classes.is_empty() && !holds_own_message {
        let default = pool
            .get_extension_by_name("ownerline.v1.default_class")
            .unwrap();
        let options = field.parent_message().options();
        let number = options.get_extension(&default).as_enum_number().unwrap();
        classes.push(FieldClass::from_number(number).expect("every field has a class"));
    }
    classes.into_iter().collect()
}

/// Clears what is withheld, the plain way.
fn clear(message: &mut DynamicMessage, readable: FieldClasses) {
    for field in message.descriptor().fields() {
        if !message.has_field(&field) {
            continue;
        }
        if !readable.includes(declared(&field)) {
            message.clear_field(&field);
            continue;
        }
        match message.get_field_mut(&field) {
            Value::Message(below) => clear_own(below, readable),
            Value::List(items) => {
                for item in items {
                    if let Value::Message(below) = item {
                        clear_own(below, readable);
                    }
                }
            }
            _ => {}
        }
    }
}

fn clear_own(message: &mut DynamicMessage, readable: FieldClasses) {
    if message.descriptor().package_name() == "ownerline.v1" {
        clear(message, readable);
    }
}

fn check(message: &DynamicMessage, readable: FieldClasses) {
    let descriptor = message.descriptor();
    let name = descriptor.full_name();
    let schema = Schema::get();
    let bytes = message.encode_to_vec();
    let decode = |bytes: &[u8]| DynamicMessage::decode(descriptor.clone(), bytes).unwrap();
    let redacted = schema.redact(name, &bytes, readable).unwrap();
    let mut expected = decode(&bytes);
    clear(&mut expected, readable);
    // Messages are too long to be shown.
    assert!(
        decode(&redacted) == expected,
        "{name} read with {readable:?}"
    );
    let again = schema.redact(name, &redacted, readable).unwrap();
    assert!(again == redacted, "{name} redacted twice with {readable:?}");
}

#[test]
fn every_message_keeps_exactly_what_may_be_read() {
    let messages = messages();
    assert!(messages.len() > 200);
    for descriptor in messages {
        let message = Chooser::everything(1).message(&descriptor);
        check(&message, FieldClasses::NONE);
        check(&message, FieldClasses::ALL);
        for class in FieldClass::ALL {
            let one = FieldClasses::NONE.with(class);
            check(&message, one);
            check(&message, FieldClasses::ALL.without(one));
        }
    }
}

#[test]
fn a_touchpoint_of_every_kind_stays_of_its_kind_and_says_what_may_be_withheld() {
    for kind in Schema::get().kinds() {
        let touchpoint = Chooser::everything(0).touchpoint(kind);
        assert!(
            kind.classes.contains(FieldClass::Id) && kind.classes.contains(FieldClass::Fact),
            "{}",
            kind.name
        );
        for class in FieldClass::ALL {
            let readable = FieldClasses::ALL.without(FieldClasses::NONE.with(class));
            let mut redacted = touchpoint.clone();
            redact(&mut redacted, readable);
            let encoded = redacted.encode_to_vec();
            assert_eq!(of_encoded(&encoded).unwrap().name, kind.name);
            assert_eq!(
                redacted != touchpoint,
                kind.withheld(readable).contains(class),
                "{} without {class:?}",
                kind.name
            );
        }
    }
}

#[test]
fn the_mark_is_the_same_whether_or_not_there_was_something_to_withhold() {
    let kind = Schema::get().kind_by_name("feedback_received").unwrap();
    let readable = FieldClasses::NONE
        .with(FieldClass::Id)
        .with(FieldClass::Fact);
    let marked: Vec<_> = kind.withheld(readable).iter().collect();
    let expected = [FieldClass::Personal, FieldClass::Words, FieldClass::Score];
    assert_eq!(marked, expected);
    assert!(kind.withheld(FieldClasses::ALL).is_empty());
    assert!(withheld::<Touchpoint>(FieldClasses::ALL).is_empty());
    assert!(withheld::<GetContextPackResponse>(readable).contains(FieldClass::Words));
}

#[test]
fn a_headline_is_withheld_with_any_class() {
    for class in FieldClass::ALL {
        let mut entry = TimelineEntry {
            headline: "Feedback received: 9 of 10".to_owned(),
            ..TimelineEntry::default()
        };
        let readable = FieldClasses::ALL.without(FieldClasses::NONE.with(class));
        redact(&mut entry, readable);
        assert_eq!(entry.headline, "", "{class:?}");
    }
}

#[test]
fn touchpoints_that_are_encoded_already_are_redacted_like_others() {
    let readable = FieldClasses::NONE
        .with(FieldClass::Id)
        .with(FieldClass::Fact);
    for kind in Schema::get().kinds() {
        let touchpoint = Chooser::everything(0).touchpoint(kind);
        let mut encoded = replay::RecordedTouchpoint {
            stream: "feedback-f1".to_owned(),
            touchpoint: touchpoint.encode_to_vec().into(),
            ..replay::RecordedTouchpoint::default()
        };
        let mut decoded = RecordedTouchpoint {
            stream: "feedback-f1".to_owned(),
            touchpoint: Some(touchpoint),
            ..RecordedTouchpoint::default()
        };
        redact(&mut encoded, readable);
        redact(&mut decoded, readable);
        let merged = RecordedTouchpoint::decode(encoded.encode_to_vec().as_slice()).unwrap();
        assert_eq!(merged, decoded, "{}", kind.name);
    }
}

#[test]
fn a_field_that_the_schema_does_not_have_is_withheld() {
    let bytes = [0x0a, 0x01, b'1', 0xfa, 0x7f, 0x01, b'x'];
    let id_only = FieldClasses::NONE.with(FieldClass::Id);
    let redacted = Schema::get().redact("ownerline.v1.Touchpoint", &bytes, id_only);
    assert_eq!(redacted.unwrap(), [0x0a, 0x01, b'1']);
}

#[test]
fn a_message_of_another_contract_is_cleared() {
    let mut money = v1::Money {
        minor_units: 1,
        currency: "EUR".to_owned(),
    };
    redact(&mut money, FieldClasses::NONE);
    assert_eq!(money, v1::Money::default());
    let foreign = Schema::get().redact("nobody.Knows", &[0x08, 0x01], FieldClasses::NONE);
    assert!(foreign.unwrap().is_empty());
}

proptest! {
    #[test]
    fn any_message_keeps_exactly_what_may_be_read(
        seed: u64,
        index: prop::sample::Index,
        bits in 0..=0b111_1111_u8,
    ) {
        let messages = messages();
        check(&Chooser::random(seed).message(index.get(&messages)), set(bits));
    }

    #[test]
    fn any_touchpoint_on_a_timeline_keeps_exactly_what_may_be_read(
        seed: u64,
        index: prop::sample::Index,
        bits in 0..=0b111_1111_u8,
    ) {
        let kind = index.get(Schema::get().kinds());
        let touchpoint = Chooser::random(seed).touchpoint(kind);
        let mut page = GetTimelineResponse {
            entries: vec![TimelineEntry {
                recorded: Some(RecordedTouchpoint {
                    touchpoint: Some(touchpoint.clone()),
                    ..RecordedTouchpoint::default()
                }),
                ..TimelineEntry::default()
            }],
            ..GetTimelineResponse::default()
        };
        let descriptor = pool().get_message_by_name("ownerline.v1.Touchpoint").unwrap();
        let bytes = touchpoint.encode_to_vec();
        let mut expected = DynamicMessage::decode(descriptor, bytes.as_slice()).unwrap();
        clear(&mut expected, set(bits));
        redact(&mut page, set(bits));
        let recorded = page.entries.pop().unwrap().recorded.unwrap();
        let expected = Touchpoint::decode(expected.encode_to_vec().as_slice()).unwrap();
        prop_assert_eq!(recorded.touchpoint.unwrap(), expected);
    }

    #[test]
    fn all_classes_change_nothing(seed: u64, index: prop::sample::Index) {
        let kind = index.get(Schema::get().kinds());
        let touchpoint = Chooser::random(seed).touchpoint(kind);
        let mut redacted = touchpoint.clone();
        redact(&mut redacted, FieldClasses::ALL);
        prop_assert_eq!(&redacted, &touchpoint);
        let bytes = touchpoint.encode_to_vec();
        let walked = Schema::get().redact("ownerline.v1.Touchpoint", &bytes, FieldClasses::ALL);
        prop_assert_eq!(walked.unwrap(), bytes);
    }

    #[test]
    fn random_bytes_never_make_a_redaction_panic(bytes: Vec<u8>, bits in 0..=0b111_1111_u8) {
        let _ = Schema::get().redact("ownerline.v1.Touchpoint", &bytes, set(bits));
    }
}

#[test]
fn an_empty_payload_stays_the_payload() {
    let mut touchpoint = Touchpoint {
        payload: Some(Payload::CaseNoteAdded(v1::CaseNoteAdded {
            text: "called twice".to_owned(),
        })),
        ..Touchpoint::default()
    };
    redact(&mut touchpoint, FieldClasses::NONE);
    let payload = Payload::CaseNoteAdded(v1::CaseNoteAdded::default());
    assert_eq!(touchpoint.payload, Some(payload));
}
