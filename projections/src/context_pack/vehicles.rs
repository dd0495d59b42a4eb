//! The vehicles that a person no longer holds, whose defects are somebody else's now.

use std::collections::BTreeSet;

use crate::person::PersonLookup;
use crate::person::identity::person_ids;
use crate::person::ownership::held_by;
use crate::timeline::{TimelineError, TimelineStates};
use crate::{Position, Validity};
use ownerline_proto::time::Instant;

/// The vehicles that a person held before `as_of` but not then, as known at a position. Vehicles without any known holder
/// are not among them.
///
/// # Errors
/// If too many ids are linked to the owner, or a state cannot be read.
pub fn vehicles_left(
    states: TimelineStates<'_>,
    owner_id: &str,
    as_of: Instant,
    known_at: Position,
) -> Result<BTreeSet<String>, TimelineError> {
    let validity = Validity::new(states.corrections, known_at)?;
    let persons = PersonLookup::new(states.identity, &validity);
    let ids = person_ids(states.identity, &validity, owner_id)?;
    let held = held_by(states.ownership, &validity, &persons, &ids, as_of)?;
    let left = held.into_iter().filter(|(_, holdings)| {
        !holdings
            .iter()
            .any(|holding| holding.includes(as_of.nearest()))
    });
    Ok(left.map(|(vin, _)| vin).collect())
}
