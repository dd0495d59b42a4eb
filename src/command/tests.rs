//! The stored form of a touchpoint, byte for byte, which must stay readable for ever.

use std::time::Duration;

use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{FeedbackReceived, Subjects, Touchpoint, TouchpointRef};

use super::prepare::prepare;
use super::{Door, Prepared, RecorderLimits};
use crate::config::Schemes;

mod payload;
mod retrying;

/// 2025-03-29T12:00:00Z
const NOW: i64 = 1_743_249_600_000_000_000;

const LIMITS: RecorderLimits = RecorderLimits {
    touchpoint_bytes: 65_536,
    text_characters: 10_000,
    future_tolerance: Duration::from_secs(60),
    photograph_schemes: Schemes::none(),
};

fn touchpoint() -> Touchpoint {
    Touchpoint {
        id: "4711".to_owned(),
        source: "//crm".to_owned(),
        occurred_at: Some(time::timestamp(NOW - 1_500_000_000)),
        subjects: Some(Subjects {
            owner_id: "o-1".to_owned(),
            feedback_id: "f-1".to_owned(),
            ..Subjects::default()
        }),
        causation: Some(TouchpointRef {
            source: String::new(),
            id: "4710".to_owned(),
        }),
        payload: Some(Payload::FeedbackReceived(FeedbackReceived {
            score: Some(0),
            answers: [("q2", "b"), ("q1", "a")]
                .map(|(question, answer)| (question.to_owned(), answer.to_owned()))
                .into(),
            verbatim: "Grüße".to_owned(),
            ..FeedbackReceived::default()
        })),
        ..Touchpoint::default()
    }
}

fn prepared(touchpoint: Touchpoint, door: Door) -> Prepared {
    prepare(touchpoint, door, NOW, &LIMITS).expect("well-formed")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_stored_bytes_of_version_1_are_these() {
    let prepared = prepared(touchpoint(), Door::Live);
    let golden = format!(
        "stream   {}\nkind     {}\nclear    {}\npersonal {}\ncontent  {}\n",
        prepared.stream,
        prepared.event.kind,
        hex(&prepared.event.clear),
        hex(&prepared.event.personal),
        hex(&prepared.event.content_hash),
    );
    insta::assert_snapshot!(golden);
}

#[test]
fn stamps_of_the_server_are_not_part_of_the_content() {
    let live = prepared(touchpoint(), Door::Live);
    let mut history = touchpoint();
    history.received_at = Some(time::timestamp(NOW - 1_000_000_000));
    let imported = prepared(history, Door::Import);
    assert_ne!(live.event.clear, imported.event.clear);
    assert_eq!(live.event.content_hash, imported.event.content_hash);
    let mut other = touchpoint();
    other.causation = None;
    let other = prepared(other, Door::Live);
    assert_ne!(live.event.content_hash, other.event.content_hash);
}
