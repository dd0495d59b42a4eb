//! The reach of a timeline: every name through which a touchpoint can change it, and what is known already and changes it
//! later.

use std::collections::BTreeSet;

use ownerline_proto::kind::Category;
use ownerline_proto::time::Instant;
use prost::Message;

use super::matters::{streams_of_owner, streams_of_vehicle, visits_of_vehicle};
use super::query::{TimelineError, TimelineQuery, TimelineRow};
use super::rows::{CAUSES, EFFECTS, NAMES, OWNED, OWNERLESS, VEHICLES};
use super::states::TimelineStates;
use crate::fold::footprint::{Footprint, Name};
use crate::fold::reach::Reach;
use crate::fold::state::StateError;
use crate::fold::table::HistoryTable;
use crate::fold::turns::Turns;
use crate::person::vehicles_ever_named;
use crate::person::{identity, ownership};
use crate::vehicles::odometer::may_read;
use crate::{Recorded, TouchpointKey, Validity};

/// What a reach is read from: the states, what is known, and the instant of the answer.
#[derive(Clone, Copy)]
pub(super) struct Ground<'s> {
    pub states: TimelineStates<'s>,
    pub validity: &'s Validity<'s>,
    pub as_of: Instant,
}

impl Ground<'_> {
    /// Adds as turns the known rows under a text that occur after the instant.
    fn ahead<R: Message + Default>(
        self,
        table: &HistoryTable<R>,
        text: &str,
        turns: &mut Turns,
    ) -> Result<(), StateError> {
        let Some(after) = self.as_of.nearest().checked_add(1) else {
            return Ok(());
        };
        let later = table.between([text], after, None);
        let later = later.known_at(self.validity.known_at());
        later.each(self.states.timeline, |entry| {
            let key = entry.key()?;
            turns.add(key.occurred_at, key.position);
            Ok(())
        })
    }
}

/// Adds the names that decide which touchpoints are on it: the ids of the person and all ids ever linked to them, the
/// vehicles ever held, the streams that name either, the vehicles of the visits and feedback among those, and every owner
/// ever named as a holder of one of these vehicles. Adds as turns what of all these occurs after the instant of the query.
pub(super) fn of_person(
    ground: Ground<'_>,
    query: &TimelineQuery,
    reach: &mut Reach,
) -> Result<(), TimelineError> {
    let states = ground.states;
    let ids = identity::person_ids(states.identity, ground.validity, &query.owner_id)?;
    let mut streams = BTreeSet::new();
    for id in &ids {
        of_id(states, id, &mut reach.footprint)?;
        ground.ahead(&OWNED, id, &mut reach.turns)?;
        streams.extend(streams_of_owner(states.timeline, id)?);
    }
    let mut vehicles = ownership::vehicles(states.ownership, &ids)?;
    for vin in &vehicles {
        streams.extend(streams_of_vehicle(states.timeline, vin)?);
        ground.ahead(&VEHICLES, vin, &mut reach.turns)?;
    }
    for stream in &streams {
        vehicles.extend(of_stream(ground, stream, reach)?);
    }
    of_vehicles(ground, vehicles, reach)?;
    Ok(())
}

/// Adds the names by which a touchpoint that was recorded since brings other touchpoints, or other streams.
pub(super) fn of_touched(
    ground: Ground<'_>,
    touched: &Recorded,
    reach: &mut Reach,
) -> Result<(), StateError> {
    let (stream, footprint) = (&*touched.stream, &reach.footprint);
    let subjects = touched.touchpoint.subjects.as_ref();
    let is_of_person = footprint.contains(Name::Stream(stream))
        || subjects.is_some_and(|subjects| {
            footprint.contains(Name::Owner(&subjects.owner_id))
                || footprint.contains(Name::Vehicle(&subjects.vin))
        });
    if !is_of_person {
        return Ok(());
    }
    let vehicles = of_stream(ground, stream, reach)?;
    of_vehicles(ground, vehicles, reach)
}

/// Adds a stream. Returns the vehicles that decide to whom its touchpoints belong: those of a visit or a feedback.
fn of_stream(
    ground: Ground<'_>,
    stream: &str,
    reach: &mut Reach,
) -> Result<BTreeSet<String>, StateError> {
    reach.footprint.add(Name::Stream(stream));
    ground.ahead(&NAMES, stream, &mut reach.turns)?;
    ground.ahead(&OWNERLESS, stream, &mut reach.turns)?;
    match Category::of_stream(stream) {
        Some(Category::Visit | Category::Feedback) => {
            vehicles_ever_named(ground.states.timeline, stream)
        }
        _ => Ok(BTreeSet::new()),
    }
}

/// Adds vehicles, and every owner ever named as a holder of one of them.
fn of_vehicles(
    ground: Ground<'_>,
    vehicles: BTreeSet<String>,
    reach: &mut Reach,
) -> Result<(), StateError> {
    let states = ground.states;
    let mut holders = BTreeSet::new();
    for vin in &vehicles {
        reach.footprint.add(Name::Vehicle(vin));
        holders.extend(ownership::ever_named(states.ownership, vin)?);
        let known_at = ground.validity.known_at();
        let ahead = ownership::changes_after(states.ownership, vin, ground.as_of)?;
        for key in ahead.into_iter().filter(|key| key.position <= known_at) {
            reach.turns.add(key.occurred_at, key.position);
        }
    }
    while let Some(id) = holders.pop_first() {
        for id in identity::everyone_linked(states.identity, ground.validity, &id)? {
            of_id(states, &id, &mut reach.footprint)?;
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
    ground: Ground<'_>,
    row: &TimelineRow,
    footprint: &mut Footprint,
) -> Result<(), StateError> {
    let Ground {
        states, validity, ..
    } = ground;
    let (source, id) = (&row.key.source, &row.key.id);
    footprint.add(Name::Touchpoint(source, id));
    if may_read(row.kind) && !row.vin.is_empty() {
        footprint.add(Name::Vehicle(&row.vin));
        for stream in visits_of_vehicle(states.timeline, &row.vin)? {
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
            of_effects(ground, &member.source, &member.id, footprint)?;
        }
    }
    of_effects(ground, source, id, footprint)
}

/// Adds what the effects of a touchpoint correct: they inherit from it who may see them.
fn of_effects(
    ground: Ground<'_>,
    source: &str,
    id: &str,
    footprint: &mut Footprint,
) -> Result<(), StateError> {
    let timeline = ground.states.timeline;
    if !CAUSES.contains(timeline, source, id)? {
        return Ok(());
    }
    let effects = EFFECTS.under(&[source, id]);
    let effects = effects.known_at(ground.validity.known_at());
    effects.each(timeline, |entry| {
        let effect = entry.key()?;
        let ties = ground.validity.ties(&effect.source, &effect.id)?;
        for TouchpointKey { source, id } in ties.into_iter().flat_map(|it| it.names) {
            footprint.add(Name::Touchpoint(&source, &id));
        }
        Ok(())
    })
}
