//! One page of the timeline of a person, under every id of that person.

use super::effects::effects;
use super::horizon::Horizon;
use super::merge::{Candidate, Merge};
use super::persons::Person;
use super::query::{
    Force, RowStanding, TimelineError, TimelineFilter, TimelinePage, TimelineQuery, TimelineRow,
};
use super::reader::Reader;
use super::rows::OWNED;
use super::states::TimelineStates;
use crate::TouchpointKey;
use crate::fold::corrections::{Replacement, Standing, Validity};
use crate::fold::key::is_plain;
use crate::fold::state::StateError;
use crate::person::identity::is_named;
use crate::person::{PersonLookup, Whose};
use crate::vehicles::odometer::{PreviousReadings, may_read};
use crate::{HistoryKey, Position, Viewer};
use ownerline_proto::time::Instant;

/// Answers one page of a timeline; what is planned to be revealed counts as revealed from its own instant.
///
/// # Errors
/// If the owner is unknown at the position of the query, too many ids are linked to theirs, or a state cannot be read.
pub fn page(
    states: TimelineStates<'_>,
    viewer: &Viewer,
    query: &TimelineQuery,
) -> Result<TimelinePage, TimelineError> {
    page_now(states, viewer, query, query.as_of, Detail::Full)
}

/// Like [`page`], for a computation that needs neither effects nor falls of an odometer: its rows name none.
pub(crate) fn page_in_brief(
    states: TimelineStates<'_>,
    viewer: &Viewer,
    query: &TimelineQuery,
) -> Result<TimelinePage, TimelineError> {
    page_now(states, viewer, query, query.as_of, Detail::Brief)
}

/// How much is said about each row of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Everything.
    Full,
    /// Neither effects nor the fall of an odometer, which cost more look-ups than the rest.
    Brief,
}

/// Like [`page`], for a question that is asked `now`: what is planned to be revealed later is hidden, even from an answer
/// that is as of a later instant.
pub(super) fn page_now(
    states: TimelineStates<'_>,
    viewer: &Viewer,
    query: &TimelineQuery,
    now: Instant,
    detail: Detail,
) -> Result<TimelinePage, TimelineError> {
    let validity = Validity::new(states.corrections, query.known_at)?;
    read(states, viewer, &validity, &Horizon::at(now), query, detail)
}

/// Like [`page`], with a validity for the position of the query; notes in `horizon` when the answer changes.
pub(super) fn read(
    states: TimelineStates<'_>,
    viewer: &Viewer,
    validity: &Validity<'_>,
    horizon: &Horizon,
    query: &TimelineQuery,
    detail: Detail,
) -> Result<TimelinePage, TimelineError> {
    let unknown = || TimelineError::UnknownOwner {
        owner_id: query.owner_id.clone(),
        known_at: query.known_at,
    };
    if !is_plain(&query.owner_id) {
        return Err(unknown());
    }
    let persons = PersonLookup::new(states.identity, validity);
    let person = Person::read(states, validity, &persons, query)?;
    let mut reader = Reader {
        states,
        query,
        validity,
        horizon,
        viewer,
        person: &person,
        whose: Whose::new(states.whose(), validity, &persons, query.as_of),
        readings: PreviousReadings::new(states.vehicles, states.timeline, validity),
    };
    let mut merge = Merge::start(&reader)?;
    let mut candidates = Vec::new();
    while candidates.len() <= query.limit {
        match merge.next(&mut reader)? {
            Some(candidate) => candidates.push(candidate),
            None => break,
        }
    }
    if candidates.is_empty() && !is_known(states, viewer, validity, horizon, query)? {
        return Err(unknown());
    }
    let more = candidates.len() > query.limit;
    candidates.truncate(query.limit);
    let rows = candidates.into_iter();
    let rows = rows.map(|candidate| row_in_detail(&mut reader, candidate, detail));
    let rows = rows.collect::<Result<_, _>>()?;
    Ok(TimelinePage { rows, more })
}

/// Everything that is shown about a row.
pub(super) fn row_of(
    reader: &mut Reader<'_, '_>,
    candidate: Candidate,
) -> Result<TimelineRow, StateError> {
    row_in_detail(reader, candidate, Detail::Full)
}

fn row_in_detail(
    reader: &mut Reader<'_, '_>,
    candidate: Candidate,
    detail: Detail,
) -> Result<TimelineRow, StateError> {
    let Candidate { key, row, owner_id } = candidate;
    let is_full = detail == Detail::Full;
    let validity = reader.validity;
    let names = reader.vin_and_dealer(&key, &row)?;
    let standing = validity.standing(&key.source, &key.id)?;
    let effects = match is_full {
        true => effects(reader, &key, &standing)?,
        false => Vec::new(),
    };
    let standing = visible_standing(&key, standing, reader.horizon, reader.query);
    let odometer_fell = is_full
        && standing.force == Force::InForce
        && may_read(row.kind)
        && reader.readings.fell(&names.vin, &key)?;
    Ok(TimelineRow {
        position: key.position,
        kind: row.kind,
        owner_id,
        vin: names.vin,
        dealer_id: names.dealer_id,
        effects,
        standing,
        odometer_fell,
        key,
    })
}

/// Whether the owner is known to a viewer who sees no row of a query.
pub(super) fn is_known(
    states: TimelineStates<'_>,
    viewer: &Viewer,
    validity: &Validity<'_>,
    horizon: &Horizon,
    query: &TimelineQuery,
) -> Result<bool, TimelineError> {
    match viewer.sees_network() {
        true => Ok(exists(states, &query.owner_id, query.known_at)?),
        // A viewer of some dealers must not even learn that another dealer's owner exists.
        false => sees_any(states, viewer, validity, horizon, query),
    }
}

/// Whether a viewer of some dealers may see any touchpoint of the person, whatever the filter of the query.
fn sees_any(
    states: TimelineStates<'_>,
    viewer: &Viewer,
    validity: &Validity<'_>,
    horizon: &Horizon,
    query: &TimelineQuery,
) -> Result<bool, TimelineError> {
    let unfiltered = TimelineQuery {
        filter: TimelineFilter::default(),
        after: None,
        limit: 1,
        ..query.clone()
    };
    if unfiltered == *query {
        return Ok(false);
    }
    let horizon = horizon.anew();
    match read(
        states,
        viewer,
        validity,
        &horizon,
        &unfiltered,
        Detail::Brief,
    ) {
        Ok(_) => Ok(true),
        Err(TimelineError::UnknownOwner { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns the standing of a row, without the touchpoints that the viewer may not see.
fn visible_standing(
    key: &HistoryKey,
    standing: Standing,
    horizon: &Horizon,
    query: &TimelineQuery,
) -> RowStanding {
    let visible = |by: Option<Replacement>| {
        by.filter(|by| horizon.admits(by.sight, by.key.position, query))
            .map(|by| TouchpointKey::from(&by.key))
    };
    let first = standing.first();
    let first = first.map(TouchpointKey::from);
    let first = first.filter(|first| *first != TouchpointKey::from(key));
    let force = match (&standing.corrected_by, &standing.retracted_by) {
        (Some(_), _) => Force::Corrected,
        (None, Some(_)) => Force::Retracted,
        (None, None) => Force::InForce,
    };
    RowStanding {
        force,
        corrected_by: visible(standing.corrected_by),
        retracted_by: visible(standing.retracted_by),
        without_effect: standing.without_effect,
        inherited: standing.inherited,
        first,
    }
}

/// Whether any touchpoint known at the position names the owner, whenever it occurred.
pub(crate) fn exists(
    states: TimelineStates<'_>,
    owner_id: &str,
    known_at: Position,
) -> Result<bool, StateError> {
    if is_named(states.identity, owner_id, known_at)? {
        return Ok(true);
    }
    let rows = OWNED.under(&[owner_id]).known_at(known_at);
    Ok(!rows.is_empty(states.timeline)?)
}
