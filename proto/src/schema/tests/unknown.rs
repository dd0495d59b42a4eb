//! Fields that the schema does not have are reported at any depth, and garbage never panics.

use proptest::prelude::*;

use super::*;

const TOUCHPOINT: &str = "ownerline.v1.Touchpoint";

/// A length-delimited field.
fn field(number: u32, contents: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::encode_key(
        number,
        prost::encoding::WireType::LengthDelimited,
        &mut bytes,
    );
    prost::encoding::encode_varint(contents.len() as u64, &mut bytes);
    bytes.extend_from_slice(contents);
    bytes
}

fn unknown(message: &str, bytes: &[u8]) -> Vec<String> {
    let violations = Schema::get().unknown_fields(message, bytes);
    violations
        .into_listed()
        .map(|violation| format!("{} {}", violation.field, violation.reason))
        .collect()
}

#[test]
fn what_the_schema_knows_is_not_unknown() {
    for kind in Schema::get().kinds() {
        let encoded = Chooser::everything(0).touchpoint(kind).encode_to_vec();
        assert!(unknown(TOUCHPOINT, &encoded).is_empty(), "{}", kind.name);
    }
}

#[test]
fn unknown_fields_are_found_at_any_depth_with_their_paths() {
    let mut bytes = valid().encode_to_vec();
    bytes.extend(field(99, b"x"));
    bytes.extend(field(6, &field(98, b"x")));
    let body = field(10, &field(1, &field(97, b"x")));
    bytes.extend(field(290, &body));
    assert_eq!(
        unknown(TOUCHPOINT, &bytes),
        [
            "99 UNKNOWN_FIELD",
            "subjects.98 UNKNOWN_FIELD",
            "policy_published.sla.obligations[0].97 UNKNOWN_FIELD"
        ]
    );
}

#[test]
fn unknown_fields_of_the_second_item_name_the_second_item() {
    let item = field(1, &field(99, b"x"));
    let known = field(1, &valid().encode_to_vec());
    assert_eq!(
        unknown("ownerline.v1.RecordBatchRequest", &[known, item].concat()),
        ["touchpoints[1].99 UNKNOWN_FIELD"]
    );
}

#[test]
fn check_reports_unknown_fields_below_its_prefix() {
    let mut bytes = valid().encode_to_vec();
    bytes.extend(field(99, b"x"));
    let checked = Schema::get().check(TOUCHPOINT, &bytes, "touchpoint", Limits::default());
    let fields: Vec<_> = checked.violations.iter().map(|it| &*it.field).collect();
    assert_eq!(fields, ["touchpoint.99"]);
}

#[test]
fn a_field_on_another_wire_is_malformed_as_it_is_for_prost() {
    // Field 1 (id) as a varint, field 6 (subjects) as a varint, field 5 (origin) as 32 bits.
    for bytes in [&[0x08, 1][..], &[0x30, 1], &[0x2d, 0, 0, 0, 0]] {
        assert!(Touchpoint::decode(bytes).is_err());
        let violations = wrong_bytes(TOUCHPOINT, bytes);
        assert_eq!(violations, expected([("", "MALFORMED")]), "{bytes:?}");
    }
}

#[test]
fn a_message_nobody_declared_is_malformed() {
    assert_eq!(unknown("ownerline.v1.Nothing", &[]), [" MALFORMED"]);
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes: Vec<u8>) {
        let _ = unknown(TOUCHPOINT, &bytes);
        let _ = wrong_bytes(TOUCHPOINT, &bytes);
        let _ = of_encoded(&bytes);
        for kind in Schema::get().kinds() {
            let _ = kind.stream(&Subjects::default(), &bytes);
        }
    }

    #[test]
    fn what_prost_cannot_decode_is_never_valid(
        seed: u64,
        index: prop::sample::Index,
        at: prop::sample::Index,
        byte: u8,
    ) {
        let kind = index.get(Schema::get().kinds());
        let mut encoded = Chooser::random(seed).touchpoint(kind).encode_to_vec();
        let at = at.index(encoded.len());
        encoded[at] = byte;
        if Touchpoint::decode(encoded.as_slice()).is_err() {
            prop_assert!(!wrong_bytes(TOUCHPOINT, &encoded).is_empty());
        }
        let cut = &encoded[..at];
        if Touchpoint::decode(cut).is_err() {
            prop_assert!(!wrong_bytes(TOUCHPOINT, cut).is_empty());
        }
    }
}
