//! What the timeline of a person depends on: every name by which a touchpoint can change it.

use super::persons::Person;
use super::query::{TimelineError, TimelineQuery, TimelineStates};
use super::rows::{MATTERS, VEHICLE_MATTERS};
use super::{TimelineRow, merge};
use crate::Validity;
use crate::footprint::{Footprint, Name};
use crate::state::StateError;
use crate::view::{identity, ownership};

/// Adds what decides whose touchpoints are on it: the ids of the person and what was ever tied to them,
/// the vehicles ever held, and the streams in which either is named.
pub(super) fn of_person(
    states: TimelineStates<'_>,
    validity: &Validity<'_>,
    query: &TimelineQuery,
    footprint: &mut Footprint,
) -> Result<(), TimelineError> {
    let person = Person::read(states, validity, query)?;
    for id in &person.ids {
        footprint.add(Name::Owner(id));
        for other in identity::neighbours(states.identity, id)? {
            footprint.add(Name::Owner(&other));
        }
        for stream in merge::texts(states.timeline, MATTERS, id)? {
            footprint.add(Name::Stream(&stream));
        }
    }
    for vin in ownership::vehicles(states.ownership, &person.ids)? {
        footprint.add(Name::Vehicle(&vin));
        for stream in merge::texts(states.timeline, VEHICLE_MATTERS, &vin)? {
            footprint.add(Name::Stream(&stream));
        }
    }
    Ok(())
}

/// Adds what decides how a touchpoint on it stands, and what it caused.
pub(super) fn of_row(
    validity: &Validity<'_>,
    row: &TimelineRow,
    footprint: &mut Footprint,
) -> Result<(), StateError> {
    let (source, id) = (&row.key.source, &row.key.id);
    footprint.add(Name::Touchpoint(source, id));
    if let Some(ties) = validity.ties(source, id)? {
        footprint.add(Name::Stream(&ties.stream));
        for (source, id) in &ties.names {
            footprint.add(Name::Touchpoint(source, id));
        }
    }
    Ok(())
}
