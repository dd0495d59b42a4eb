//! The streams in which an owner or a vehicle is named, at any position.

use ownerline_proto::kind::Category;

use super::rows::{MATTERS, OWNER_STREAMS, VEHICLE_MATTERS, VEHICLE_STREAMS, VEHICLES};
use crate::fold::pairs::PairTable;
use crate::fold::state::{StateError, StateRead};
use crate::{Position, person};

/// The streams in which an owner is named, apart from streams of owners.
pub(crate) fn streams_of_owner(
    state: &dyn StateRead,
    owner_id: &str,
) -> Result<Vec<String>, StateError> {
    streams(state, MATTERS, owner_id)
}

/// The one-matter streams in which a vehicle is named.
pub(crate) fn streams_of_vehicle(
    state: &dyn StateRead,
    vin: &str,
) -> Result<Vec<String>, StateError> {
    streams(state, VEHICLE_MATTERS, vin)
}

/// The streams of many matters in which an owner is named, apart from streams of owners.
pub(super) fn wide_streams_of_owner(
    state: &dyn StateRead,
    owner_id: &str,
) -> Result<Vec<String>, StateError> {
    let mut streams = Vec::new();
    for category in Category::ALL {
        if !category.is_one_matter() {
            let prefix = format!("{}-", category.as_str());
            MATTERS.seconds_beginning(state, owner_id, &prefix, |stream| {
                streams.push(stream.to_owned());
            })?;
        }
    }
    Ok(streams)
}

/// The one-matter streams in which an owner is named and whose ownerless rows are not listed under that name.
pub(super) fn unlisted_streams_of_owner(
    state: &dyn StateRead,
    owner_id: &str,
) -> Result<Vec<String>, StateError> {
    streams(state, OWNER_STREAMS, owner_id)
}

/// The one-matter streams in which a vehicle is named and whose ownerless rows are not listed under it.
pub(super) fn unlisted_streams_of_vehicle(
    state: &dyn StateRead,
    vin: &str,
) -> Result<Vec<String>, StateError> {
    streams(state, VEHICLE_STREAMS, vin)
}

/// The streams of visits in which a vehicle is named.
pub(crate) fn visits_of_vehicle(
    state: &dyn StateRead,
    vin: &str,
) -> Result<Vec<String>, StateError> {
    matters_of_vehicle(state, vin, Category::Visit)
}

/// The streams of one category in which a vehicle is named, for example those of visits.
pub(crate) fn matters_of_vehicle(
    state: &dyn StateRead,
    vin: &str,
    category: Category,
) -> Result<Vec<String>, StateError> {
    let mut streams = Vec::new();
    let prefix = format!("{}-", category.as_str());
    VEHICLE_MATTERS.seconds_beginning(state, vin, &prefix, |stream| {
        streams.push(stream.to_owned());
    })?;
    Ok(streams)
}

/// Whether any touchpoint known at the position names the vehicle, whenever it occurred: one of a matter, or one that names
/// no owner.
pub(crate) fn names_vehicle(
    state: &dyn StateRead,
    vin: &str,
    known_at: Position,
) -> Result<bool, StateError> {
    let rows = VEHICLES.under(&[vin]).known_at(known_at);
    if !rows.is_empty(state)? {
        return Ok(true);
    }
    for stream in streams_of_vehicle(state, vin)? {
        if person::names_vehicle(state, &stream, vin, known_at)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn streams(state: &dyn StateRead, table: PairTable, name: &str) -> Result<Vec<String>, StateError> {
    let mut streams = Vec::new();
    table.seconds_of(state, name, |stream| streams.push(stream.to_owned()))?;
    Ok(streams)
}
