//! From what the log keeps to what it means: decoding stored touchpoints, in one place.

use ownerline_projections::Viewer;
use ownerline_proto::time;
use ownerline_proto::v1::{RecordedTouchpoint, Touchpoint};
use prost::Message as _;

use super::error::QueryError;
use super::position::PositionText;
use crate::store::StoredEvent;

/// The whole touchpoint of a stored event, its personal part included.
///
/// # Errors
/// [`QueryError::Undecodable`] if the bytes are not a touchpoint.
pub fn decode(event: &StoredEvent) -> Result<Touchpoint, QueryError> {
    Touchpoint::decode(&*event.whole).map_err(|error| QueryError::Undecodable {
        position: event.position,
        reason: error.to_string(),
    })
}

/// A stored event as the contract shows it.
///
/// # Errors
/// [`QueryError::Undecodable`] if the bytes are not a touchpoint.
pub fn recorded(text: PositionText, event: &StoredEvent) -> Result<RecordedTouchpoint, QueryError> {
    Ok(around(text, event, decode(event)?))
}

/// What the log adds, around a touchpoint that is decoded already.
#[must_use]
pub fn around(
    text: PositionText,
    event: &StoredEvent,
    touchpoint: Touchpoint,
) -> RecordedTouchpoint {
    RecordedTouchpoint {
        position: text.write(event.position),
        stream: event.stream.as_str().to_owned(),
        revision: event.revision.0,
        recorded_at: Some(time::timestamp(event.recorded_at)),
        touchpoint: Some(touchpoint),
    }
}

/// Whether a viewer may see a stored touchpoint, by the dealer that it names.
///
/// # Errors
/// [`QueryError::Undecodable`] if the bytes are not a touchpoint.
pub fn sees(viewer: &Viewer, event: &StoredEvent) -> Result<bool, QueryError> {
    if viewer.sees_network() {
        return Ok(true);
    }
    let subjects = decode(event)?.subjects.unwrap_or_default();
    Ok(viewer.sees_dealer(&subjects.dealer_id))
}
