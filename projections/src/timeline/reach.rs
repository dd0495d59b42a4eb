//! The footprint of a timeline: every name through which a touchpoint can change it.

use std::collections::BTreeSet;

use ownerline_proto::kind::Category;

use super::matters::{streams_of_owner, streams_of_vehicle};
use super::query::{TimelineError, TimelineQuery, TimelineRow};
use super::states::TimelineStates;
use crate::TouchpointKey;
use crate::Validity;
use crate::fold::footprint::{Footprint, Name};
use crate::fold::state::StateError;
use crate::person::vehicles_ever_named;
use crate::person::{identity, ownership};
use crate::vehicles::odometer::may_read;

/// Adds the names that decide which touchpoints are on it: the ids of the person and all ids ever linked to them, the
/// vehicles ever held, the streams that name either, the vehicles of the visits among those, and every owner ever
/// named as a holder of one of these vehicles.
pub(super) fn of_person(
    states: TimelineStates<'_>,
    validity: &Validity<'_>,
    query: &TimelineQuery,
    footprint: &mut Footprint,
) -> Result<(), TimelineError> {
    let ids = identity::person_ids(states.identity, validity, &query.owner_id)?;
    let mut streams = BTreeSet::new();
    for id in &ids {
        of_id(states, id, footprint)?;
        streams.extend(streams_of_owner(states.timeline, id)?);
    }
    let mut vehicles = ownership::vehicles(states.ownership, &ids)?;
    for vin in &vehicles {
        streams.extend(streams_of_vehicle(states.timeline, vin)?);
    }
    for stream in &streams {
        footprint.add(Name::Stream(stream));
        if Category::of_stream(stream) == Some(Category::Visit) {
            vehicles.extend(vehicles_ever_named(states.timeline, stream)?);
        }
    }
    let mut holders = BTreeSet::new();
    for vin in &vehicles {
        footprint.add(Name::Vehicle(vin));
        holders.extend(ownership::ever_named(states.ownership, vin)?);
    }
    while let Some(id) = holders.pop_first() {
        for id in identity::everyone_linked(states.identity, validity, &id)? {
            of_id(states, &id, footprint)?;
            holders.remove(&id);
        }
    }
    Ok(())
}

/// Adds an id and every id that was ever linked to it or unlinked from it.
fn of_id(
    states: TimelineStates<'_>,
    id: &str,
    footprint: &mut Footprint,
) -> Result<(), StateError> {
    footprint.add(Name::Owner(id));
    for other in identity::neighbours(states.identity, id)? {
        footprint.add(Name::Owner(&other));
    }
    Ok(())
}

/// Adds the names that decide the standing of a row, its effects, and the previous odometer reading of its car.
pub(super) fn of_row(
    states: TimelineStates<'_>,
    validity: &Validity<'_>,
    row: &TimelineRow,
    footprint: &mut Footprint,
) -> Result<(), StateError> {
    let (source, id) = (&row.key.source, &row.key.id);
    footprint.add(Name::Touchpoint(source, id));
    if may_read(row.kind) && !row.vin.is_empty() {
        footprint.add(Name::Vehicle(&row.vin));
        for stream in streams_of_vehicle(states.timeline, &row.vin)? {
            footprint.add(Name::Stream(&stream));
        }
    }
    if let Some(ties) = validity.ties(source, id)? {
        footprint.add(Name::Stream(&ties.stream));
        for TouchpointKey { source, id } in &ties.names {
            footprint.add(Name::Touchpoint(source, id));
        }
        // A reference to any member of the chain means this row.
        for member in validity.standing(source, id)?.chain.iter() {
            footprint.add(Name::Touchpoint(&member.source, &member.id));
        }
    }
    Ok(())
}
