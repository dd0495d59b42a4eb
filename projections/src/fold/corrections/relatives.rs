//! The touchpoints whose standing may depend on each other: those that references of corrections and retractions tie
//! together, in either direction.

use std::collections::BTreeSet;

use super::fold::key;
use super::rows::{FACTS, Fact, LINKS, MARKS, Mark, Ref, decode};
use crate::fold::state::{StateError, StateRead};
use crate::{HistoryKey, Position, TouchpointKey};

/// A known touchpoint, as far as it decides where its rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relative {
    /// Its history key.
    pub key: HistoryKey,
    /// The number of its kind.
    pub kind: u32,
    /// Its stream.
    pub stream: String,
    /// The vehicle that it names itself; empty if none.
    pub vin: String,
}

/// Returns a touchpoint and all its relatives, as known at a position; `None` if there are more than `most`. What is not
/// known has no relatives.
pub(super) fn relatives(
    state: &dyn StateRead,
    known_at: Position,
    source: &str,
    id: &str,
    most: usize,
) -> Result<Option<Vec<Relative>>, StateError> {
    let mut found = Vec::new();
    let mut waiting = vec![TouchpointKey::new(source, id)];
    let mut passed: BTreeSet<TouchpointKey> = waiting.iter().cloned().collect();
    while let Some(TouchpointKey { source, id }) = waiting.pop() {
        let Some(relative) = known(state, known_at, &source, &id)? else {
            continue;
        };
        found.push(relative);
        if found.len() > most {
            return Ok(None);
        }
        let Some(mark) = state.get(&key(MARKS, &source, &id))? else {
            continue;
        };
        let Mark { corrects, retracts } = decode(&mark)?;
        let named = [corrects, retracts].into_iter().flatten();
        let mut names: Vec<TouchpointKey> = named
            .map(|Ref { source, id }| TouchpointKey { source, id })
            .collect();
        let links = LINKS.under(&[&source, &id]).known_at(known_at);
        links.each(state, |entry| {
            names.push(TouchpointKey::from(&entry.key()?));
            Ok(())
        })?;
        waiting.extend(names.into_iter().filter(|name| passed.insert(name.clone())));
    }
    Ok(Some(found))
}

/// Whether another touchpoint named this one as its target before it was recorded.
pub(super) fn was_awaited(state: &dyn StateRead, key: &HistoryKey) -> Result<bool, StateError> {
    let links = LINKS.under(&[&key.source, &key.id]);
    Ok(!links.known_at(key.position).is_empty(state)?)
}

/// Returns a touchpoint, if it is known at a position.
pub(super) fn known(
    state: &dyn StateRead,
    known_at: Position,
    source: &str,
    id: &str,
) -> Result<Option<Relative>, StateError> {
    let Some(bytes) = state.get(&key(FACTS, source, id))? else {
        return Ok(None);
    };
    let fact = decode::<Fact>(&bytes)?;
    if fact.position() > known_at {
        return Ok(None);
    }
    let key = HistoryKey {
        occurred_at: fact.occurred_at,
        rank: fact.rank(),
        source: source.to_owned(),
        id: id.to_owned(),
        position: fact.position(),
    };
    // The fact leaves out the subject that names the stream.
    let vin = match fact.stream.strip_prefix("vehicle-") {
        Some(vin) => vin.to_owned(),
        None => fact
            .subjects
            .map(|subjects| subjects.vin)
            .unwrap_or_default(),
    };
    Ok(Some(Relative {
        key,
        kind: fact.kind,
        stream: fact.stream,
        vin,
    }))
}

/// Returns the case that a touchpoint names itself, apart from that of its stream; empty if none.
pub(super) fn case_named(
    state: &dyn StateRead,
    source: &str,
    id: &str,
) -> Result<String, StateError> {
    let Some(bytes) = state.get(&key(FACTS, source, id))? else {
        return Ok(String::new());
    };
    let subjects = decode::<Fact>(&bytes)?.subjects;
    Ok(subjects.map(|it| it.case_id).unwrap_or_default())
}
