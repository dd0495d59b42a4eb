//! The schema read from its own descriptors: every kind has a type, a category and a stream.

mod check;
mod classes;
mod difference;
mod format;
mod split;
mod unknown;

use super::*;
use crate::kind::{Category, NoStream, of_encoded};
use crate::samples::Chooser;
use crate::v1::touchpoint::Payload;
use crate::v1::{Subjects, Touchpoint, TouchpointRetracted};
use prost::Message as _;

#[test]
fn the_descriptors_of_this_build_are_readable() {
    assert!(Schema::get().kinds().len() > 100);
}

#[test]
fn every_kind_is_found_by_name_type_number_and_encoding() {
    let schema = Schema::get();
    for kind in schema.kinds() {
        assert_eq!(schema.kind_by_name(&kind.name).unwrap().number, kind.number);
        assert_eq!(
            schema.kind_by_type(&kind.type_name).unwrap().number,
            kind.number
        );
        assert_eq!(schema.kind_by_number(kind.number).unwrap().name, kind.name);
        let encoded = Chooser::everything(0).touchpoint(kind).encode_to_vec();
        assert_eq!(of_encoded(&encoded).unwrap().name, kind.name);
        assert_eq!(
            kind.type_name,
            format!("com.ownerline.{}.v1", kind.name),
            "every kind is of version 1 so far"
        );
    }
    assert!(schema.kind_by_name("nothing").is_none());
    assert!(schema.kind_by_type("feedback_received").is_none());
    assert!(schema.kind_by_number(1).is_none());
    assert!(of_encoded(&[]).is_none());
}

#[test]
fn every_kind_has_a_category_and_a_stream() {
    let subjects = Subjects {
        owner_id: "o".to_owned(),
        vin: "11111111111111111".to_owned(),
        order_id: "b".to_owned(),
        visit_id: "v".to_owned(),
        feedback_id: "f".to_owned(),
        case_id: "c".to_owned(),
        defect_id: "x".to_owned(),
        dealer_id: "d".to_owned(),
    };
    for kind in Schema::get().kinds() {
        let first = *kind.categories.first().expect("a kind has a category");
        let touchpoint = Chooser::everything(0).touchpoint(kind);
        let encoded = touchpoint.encode_to_vec();
        let stream = kind.stream(&subjects, &encoded).unwrap();
        assert_eq!(Category::of_stream(&stream), Some(first), "{stream}");
        match first.subject(&subjects) {
            Some((_, id)) => assert_eq!(stream, format!("{}-{id}", first.as_str())),
            None => assert!(stream.len() > first.as_str().len() + 1),
        }
    }
}

#[test]
fn a_touchpoint_without_a_stream_names_the_fields_that_would_give_one() {
    for kind in Schema::get().kinds() {
        let NoStream { fields } = kind.stream(&Subjects::default(), &[]).unwrap_err();
        assert!(!fields.is_empty(), "{}", kind.name);
    }
    let fields = |name: &str| {
        let kind = Schema::get().kind_by_name(name).unwrap();
        kind.stream(&Subjects::default(), &[]).unwrap_err().fields
    };
    assert_eq!(fields("case_opened"), ["subjects.case_id"]);
    assert_eq!(
        fields("owner_message_received"),
        ["subjects.feedback_id", "subjects.case_id"]
    );
    assert_eq!(fields("campaign_started"), ["campaign_started.name"]);
    assert_eq!(fields("access_logged"), ["access_logged.principal_id"]);
    assert_eq!(
        fields("touchpoint_retracted"),
        [
            "subjects.feedback_id",
            "subjects.case_id",
            "subjects.visit_id",
            "subjects.order_id",
            "subjects.vin",
            "subjects.owner_id",
            "subjects.dealer_id",
            "touchpoint_retracted.policy"
        ]
    );
}

#[test]
fn what_is_in_the_stream_of_a_policy_is_retracted_by_its_name() {
    let kind = Schema::get().kind_by_name("touchpoint_retracted").unwrap();
    let retracted = |policy: &str| {
        let touchpoint = Touchpoint {
            payload: Some(Payload::TouchpointRetracted(TouchpointRetracted {
                policy: policy.to_owned(),
                ..TouchpointRetracted::default()
            })),
            ..Touchpoint::default()
        };
        touchpoint.encode_to_vec()
    };
    let nobody = Subjects::default();
    assert_eq!(
        kind.stream(&nobody, &retracted("sla")).as_deref(),
        Ok("policy-sla")
    );
    assert!(kind.stream(&nobody, &retracted("")).is_err());
    let dealer = Subjects {
        dealer_id: "d-1".to_owned(),
        ..Subjects::default()
    };
    assert_eq!(
        kind.stream(&dealer, &retracted("sla")).as_deref(),
        Ok("dealer-d-1")
    );
}

#[test]
fn a_message_in_two_places_goes_to_the_first_subject_that_is_set() {
    let kind = Schema::get()
        .kind_by_name("owner_message_received")
        .unwrap();
    let mut subjects = Subjects {
        case_id: "c".to_owned(),
        ..Subjects::default()
    };
    assert_eq!(kind.stream(&subjects, &[]).unwrap(), "case-c");
    subjects.feedback_id = "f".to_owned();
    assert_eq!(kind.stream(&subjects, &[]).unwrap(), "feedback-f");
}

/// A valid touchpoint, a note in a case, for tests that make it invalid.
fn valid() -> Touchpoint {
    use crate::v1::{CaseNoteAdded, touchpoint::Payload};
    Touchpoint {
        id: "1".to_owned(),
        source: "//crm".to_owned(),
        occurred_at: Some(crate::time::timestamp(1_700_000_000_000_000_000)),
        subjects: Some(Subjects {
            case_id: "c-1".to_owned(),
            ..Subjects::default()
        }),
        payload: Some(Payload::CaseNoteAdded(CaseNoteAdded::default())),
        ..Touchpoint::default()
    }
}

/// The path and reason of every violation of a touchpoint.
fn wrong(touchpoint: &Touchpoint) -> Vec<(String, &'static str)> {
    wrong_bytes("ownerline.v1.Touchpoint", &touchpoint.encode_to_vec())
}

fn wrong_bytes(message: &str, bytes: &[u8]) -> Vec<(String, &'static str)> {
    let checked = Schema::get().check(message, bytes, "", Limits::default());
    checked
        .violations
        .into_listed()
        .map(|violation| (violation.field, violation.reason.as_str()))
        .collect()
}

fn expected<const N: usize>(list: [(&str, &'static str); N]) -> Vec<(String, &'static str)> {
    list.map(|(path, reason)| (path.to_owned(), reason))
        .to_vec()
}
