//! Fields in which touchpoints differ, named and never shown.

use super::*;
use crate::v1::touchpoint::Payload;
use crate::v1::{ContactMade, FeedbackReceived, Touchpoint};

fn differing(one: &Touchpoint, other: &Touchpoint) -> Vec<String> {
    let encodings = [one, other].map(|touchpoint| touchpoint.encode_to_vec());
    let encodings = [&*encodings[0], &*encodings[1]];
    let found = Schema::get().differing_fields("ownerline.v1.Touchpoint", encodings, "t");
    found.unwrap()
}

fn feedback(feedback: FeedbackReceived) -> Touchpoint {
    Touchpoint {
        payload: Some(Payload::FeedbackReceived(feedback)),
        ..valid()
    }
}

#[test]
fn equal_touchpoints_differ_in_nothing() {
    assert!(differing(&valid(), &valid()).is_empty());
}

#[test]
fn fields_are_named_inside_messages_and_lists_as_a_whole() {
    let one = feedback(FeedbackReceived {
        score: Some(3),
        verbatim: "secret".to_owned(),
        answers: [("x".to_owned(), "1".to_owned())].into(),
        ..FeedbackReceived::default()
    });
    let mut other = feedback(FeedbackReceived {
        score: Some(4),
        answers: [("x".to_owned(), "2".to_owned())].into(),
        ..FeedbackReceived::default()
    });
    other.occurred_at = Some(crate::time::timestamp(5));
    other.subjects.get_or_insert_default().owner_id = "owner-1".to_owned();
    let mut found = differing(&one, &other);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "t.feedback_received.answers",
            "t.feedback_received.score",
            "t.feedback_received.verbatim",
            "t.occurred_at",
            "t.subjects.owner_id",
        ]
    );
}

#[test]
fn another_payload_differs_as_a_whole() {
    let contact = Touchpoint {
        payload: Some(Payload::ContactMade(ContactMade::default())),
        ..valid()
    };
    let mut found = differing(&feedback(FeedbackReceived::default()), &contact);
    found.sort_unstable();
    assert_eq!(found, ["t.contact_made", "t.feedback_received"]);
}
