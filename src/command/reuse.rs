//! What differs where a source and id are used for other content: the fields, by name.

use ownerline_proto::schema::Schema;
use ownerline_proto::v1::Touchpoint;
use prost::Message as _;

use super::error::CommandError;
use crate::store::{EventKey, NewEvent, Position, SharedStore};

/// Returns the error for an event whose source and id are recorded with other content, with the fields that differ.
pub(super) async fn id_reused(
    store: &SharedStore,
    given: &NewEvent,
    key: EventKey,
    position: Position,
) -> CommandError {
    // The error is certain; only its fields may be unreadable.
    let stored = store.find(key.clone()).await.ok().flatten();
    let given = [&*given.clear, &*given.personal].concat();
    let fields = stored.and_then(|stored| differing_fields(&stored.whole, &given));
    CommandError::IdReused {
        key,
        position,
        fields: fields.unwrap_or_default(),
    }
}

fn differing_fields(stored: &[u8], given: &[u8]) -> Option<Vec<String>> {
    let (stored, given) = (content(stored)?, content(given)?);
    let name = "ownerline.v1.Touchpoint";
    let fields = Schema::get().differing_fields(name, [&stored, &given], "touchpoint");
    fields.ok()
}

/// The part of a touchpoint that a retry must repeat, in one order of fields.
fn content(whole: &[u8]) -> Option<Vec<u8>> {
    let mut touchpoint = Touchpoint::decode(whole).ok()?;
    touchpoint.received_at = None;
    touchpoint.origin = 0;
    Some(touchpoint.encode_to_vec())
}
