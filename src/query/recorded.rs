//! From what the log keeps to what it means: decoding stored touchpoints, in one place.

use ownerline_projections::{Recorded, Viewer};
use ownerline_proto::schema::Schema;
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

/// A stored event as the folds see it.
///
/// # Errors
/// [`QueryError::Undecodable`] if the bytes are not a touchpoint, or not one of a known kind that says when it occurred.
pub(super) fn as_folded(event: &StoredEvent) -> Result<Recorded, QueryError> {
    let touchpoint = decode(event)?;
    let undecodable = |reason: &str| QueryError::Undecodable {
        position: event.position,
        reason: reason.to_owned(),
    };
    let kind = Schema::get().kind_by_name(&event.kind);
    let occurred_at = touchpoint.occurred_at.as_ref().and_then(time::nanos);
    Ok(Recorded {
        position: event.position,
        stream: event.stream.as_str().into(),
        revision: event.revision.0,
        recorded_at: event.recorded_at,
        occurred_at: occurred_at.ok_or_else(|| undecodable("it does not say when it occurred"))?,
        kind: kind.ok_or_else(|| undecodable("its kind is unknown"))?,
        touchpoint,
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
