//! What the log keeps, as it goes out again: the stored bytes of a touchpoint are its encoding, so nothing
//! is decoded.

use ownerline_projections::Viewer;
use ownerline_proto::replay::RecordedTouchpoint;
use ownerline_proto::time;
use prost::Message as _;

use crate::query::{AnswerBudget, PositionText, QueryError, sees};
use crate::store::StoredEvent;

/// A stored event as the contract shows it.
fn recorded(text: PositionText, event: &StoredEvent) -> RecordedTouchpoint {
    RecordedTouchpoint {
        position: text.write(event.position),
        stream: event.stream.as_str().to_owned(),
        revision: event.revision.0,
        recorded_at: Some(time::timestamp(event.recorded_at)),
        touchpoint: event.whole.clone(),
    }
}

/// Cuts the events that a viewer may see into messages of a stream (one touchpoint at least).
///
/// # Errors
/// If it takes decoding to find out whether they may, and an event cannot be decoded.
pub(super) fn chunks(
    text: PositionText,
    viewer: &Viewer,
    events: &[StoredEvent],
) -> Result<Vec<Vec<RecordedTouchpoint>>, QueryError> {
    let mut chunks = Vec::new();
    let mut chunk = Vec::with_capacity(events.len());
    let mut budget = AnswerBudget::of_message();
    for event in events {
        if !sees(viewer, event)? {
            continue;
        }
        let recorded = recorded(text, event);
        if !budget.takes(recorded.encoded_len()) {
            chunks.push(std::mem::take(&mut chunk));
            budget = AnswerBudget::of_message();
            // The first item always fits.
            let _ = budget.takes(recorded.encoded_len());
        }
        chunk.push(recorded);
    }
    if !chunk.is_empty() {
        chunks.push(chunk);
    }
    Ok(chunks)
}
