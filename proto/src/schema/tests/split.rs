//! A split touchpoint merges back, for every kind: the log's format relies on it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{DynamicMessage, Kind as Scalar, MessageDescriptor, Value};

use super::*;
use crate::samples::{pool, rules};
use crate::schema::tables::Holds;

/// The fields marked `*` in chapter 5 of the domain's law, and no others.
const PERSONAL: [&str; 21] = [
    "AdvocacyObserved.verbatim",
    "CaseNoteAdded.text",
    "CaseOpened.remedy_sought",
    "CaseOpened.subject",
    "CommitmentMade.text",
    "ContactMade.subject",
    "DealerReplied.text",
    "DefectReported.symptom",
    "DesiredOutcomeStated.text",
    "FeedbackEdited.verbatim",
    "FeedbackReceived.verbatim",
    "NextStepProposed.text",
    "OwnerMessageReceived.text",
    "OwnerRegistered.display_name",
    "OwnerRegistered.email",
    "OwnerRegistered.phone",
    "ProgressUpdateSent.text",
    "ReferralMade.note",
    "RootCauseProvided.text",
    "VehicleIssueClosed.symptom",
    "VehicleIssueReported.symptom",
];

#[test]
fn exactly_the_fields_marked_in_the_law_are_personal() {
    let pool = pool();
    let marked: BTreeSet<String> = pool
        .all_messages()
        .flat_map(|message| message.fields().collect::<Vec<_>>())
        .filter(|field| rules(&pool, field, "personal"))
        .map(|field| {
            let full = field.full_name().to_owned();
            full.trim_start_matches("ownerline.v1.").to_owned()
        })
        .collect();
    let wanted: BTreeSet<String> = PERSONAL.into_iter().map(str::to_owned).collect();
    assert_eq!(marked, wanted);
}

#[test]
fn no_repeated_field_of_a_touchpoint_holds_personal_data() {
    // Two halves of an item would merge into two items.
    let schema = Schema::get();
    let mut seen = BTreeSet::new();
    let mut rest = vec![schema.by_name["ownerline.v1.Touchpoint"]];
    while let Some(index) = rest.pop() {
        if !seen.insert(index) {
            continue;
        }
        for field in &schema.messages[index].fields {
            assert!(!(field.repeated && field.personal), "{}", field.name);
            if let Holds::Message(below) = field.holds {
                let personal = schema.messages[below].holds_personal;
                assert!(!(field.repeated && personal), "{}", field.name);
                rest.push(below);
            }
        }
    }
    assert!(seen.len() > 100);
}

#[test]
fn a_full_touchpoint_of_every_kind_merges_back() {
    let mut with_personal = 0;
    for kind in Schema::get().kinds() {
        for variant in 0..8 {
            let touchpoint = Chooser::everything(variant).touchpoint(kind);
            if merges_back(&touchpoint) {
                with_personal += 1;
            }
        }
    }
    assert_eq!(with_personal, 18 * 8, "as many kinds hold personal data");
}

#[test]
fn nothing_personal_gives_no_personal_bytes() {
    for kind in Schema::get().kinds() {
        let encoded = redacted(&Chooser::everything(0).touchpoint(kind)).encode_to_vec();
        let (clear, personal) = Schema::get().split(&encoded).unwrap();
        assert_eq!(clear, encoded, "{}", kind.name);
        assert!(personal.is_empty(), "{}", kind.name);
    }
}

#[test]
fn a_payload_of_nothing_but_personal_data_keeps_its_kind() {
    let kind = Schema::get().kind_by_name("case_note_added").unwrap();
    let encoded = Chooser::everything(0).touchpoint(kind).encode_to_vec();
    let (clear, personal) = Schema::get().split(&encoded).unwrap();
    assert_eq!(of_encoded(&clear).unwrap().name, kind.name);
    assert_eq!(of_encoded(&personal).unwrap().name, kind.name);
}

proptest! {
    #[test]
    fn any_touchpoint_merges_back(seed: u64, index: prop::sample::Index) {
        let kind = index.get(Schema::get().kinds());
        merges_back(&Chooser::random(seed).touchpoint(kind));
    }

    #[test]
    fn random_bytes_never_make_a_split_panic(bytes: Vec<u8>) {
        let _ = Schema::get().split(&bytes);
    }

    #[test]
    fn a_cut_or_changed_encoding_never_makes_a_split_panic(
        seed: u64,
        index: prop::sample::Index,
        at: prop::sample::Index,
        byte: u8,
    ) {
        let kind = index.get(Schema::get().kinds());
        let mut encoded = Chooser::random(seed).touchpoint(kind).encode_to_vec();
        let at = at.index(encoded.len());
        encoded[at] = byte;
        let _ = Schema::get().split(&encoded);
        let _ = Schema::get().split(&encoded[..at]);
    }
}

/// Asserts that a split touchpoint merges back; returns whether there was anything personal.
fn merges_back(touchpoint: &Touchpoint) -> bool {
    let encoded = touchpoint.encode_to_vec();
    let (clear, personal) = Schema::get().split(&encoded).unwrap();
    let whole = [clear.as_slice(), personal.as_slice()].concat();
    assert_eq!(
        Touchpoint::decode(whole.as_slice()).unwrap(),
        Touchpoint::decode(encoded.as_slice()).unwrap()
    );
    assert_eq!(
        Touchpoint::decode(clear.as_slice()).unwrap(),
        redacted(touchpoint)
    );
    assert_eq!(
        of_encoded(&clear).unwrap().name,
        of_encoded(&encoded).unwrap().name
    );
    // The personal part alone has the personal fields and nothing else.
    let alone = Touchpoint::decode(personal.as_slice()).unwrap();
    assert_eq!(
        redacted(&alone).encoded_len(),
        empty_payload(&alone).encoded_len()
    );
    !personal.is_empty()
}

/// The touchpoint with every personal field cleared, by way of the descriptors.
fn redacted(touchpoint: &Touchpoint) -> Touchpoint {
    let pool = pool();
    let descriptor = pool.get_message_by_name("ownerline.v1.Touchpoint").unwrap();
    let mut message =
        DynamicMessage::decode(descriptor.clone(), touchpoint.encode_to_vec().as_slice()).unwrap();
    redact(&mut message, &descriptor);
    Touchpoint::decode(message.encode_to_vec().as_slice()).unwrap()
}

fn redact(message: &mut DynamicMessage, descriptor: &MessageDescriptor) {
    let pool = descriptor.parent_pool().clone();
    for field in descriptor.fields() {
        if rules(&pool, &field, "personal") {
            message.clear_field(&field);
        } else if let Scalar::Message(below) = field.kind()
            && message.has_field(&field)
            && let Value::Message(inner) = message.get_field_mut(&field)
        {
            redact(inner, &below);
        }
    }
}

/// An empty payload of the same kind.
fn empty_payload(touchpoint: &Touchpoint) -> Touchpoint {
    let Some(kind) = of_encoded(&touchpoint.encode_to_vec()) else {
        return Touchpoint::default();
    };
    let mut bytes = Vec::new();
    prost::encoding::encode_key(
        kind.number,
        prost::encoding::WireType::LengthDelimited,
        &mut bytes,
    );
    bytes.push(0);
    Touchpoint::decode(bytes.as_slice()).unwrap()
}
