//! The effects of a touchpoint: the known and visible touchpoints that name it as their cause.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::MAX_EFFECTS;
use super::reader::Reader;
use super::rows::{CAUSES, EFFECTS};
use crate::fold::corrections::Standing;
use crate::fold::state::{StateError, StateRead};
use crate::{HistoryKey, Position, TouchpointKey};

/// Returns the keys of the effects of a touchpoint, in history order, at most [`MAX_EFFECTS`]. A reference to
/// any member of its chain of corrections counts.
pub(super) fn effects(
    reader: &Reader<'_, '_>,
    cause: &HistoryKey,
    standing: &Standing,
) -> Result<Vec<TouchpointKey>, StateError> {
    let mut effects = BTreeSet::new();
    if standing.chain.is_empty() {
        add_effects(reader, cause, &mut effects)?;
    }
    for member in standing.chain.iter() {
        add_effects(reader, member, &mut effects)?;
    }
    let effects = effects.into_iter().take(MAX_EFFECTS);
    Ok(effects.map(|effect| TouchpointKey::from(&effect)).collect())
}

/// Adds the first effects that name this touchpoint itself.
fn add_effects(
    reader: &Reader<'_, '_>,
    cause: &HistoryKey,
    effects: &mut BTreeSet<HistoryKey>,
) -> Result<(), StateError> {
    let (state, query) = (reader.states.timeline, reader.query);
    if !CAUSES.contains(state, &cause.source, &cause.id)? {
        return Ok(());
    }
    let as_of = query.as_of.nearest();
    let until = as_of
        .checked_add(1)
        .filter(|_| !reader.horizon.is_watched());
    let rows = EFFECTS.between([&cause.source, &cause.id], i64::MIN, until);
    let mut count = 0;
    rows.known_at(query.known_at).until_break(state, |entry| {
        let effect = entry.key()?;
        if effect.occurred_at > as_of {
            reader.horizon.turns_at(effect.occurred_at, effect.position);
            return Ok(ControlFlow::Continue(()));
        }
        let sight = entry.inherited(reader.validity, &effect)?;
        if reader.horizon.admits(sight, effect.position, query) {
            effects.insert(effect);
            count += 1;
        }
        Ok(if count < MAX_EFFECTS {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        })
    })
}

/// The positions of the touchpoints, known at a position, that name this one as their cause: the first in history order,
/// at most `most`.
pub(crate) fn effect_positions(
    timeline: &dyn StateRead,
    source: &str,
    id: &str,
    known_at: Position,
    most: usize,
) -> Result<Vec<Position>, StateError> {
    let mut positions = Vec::new();
    if !CAUSES.contains(timeline, source, id)? {
        return Ok(positions);
    }
    let rows = EFFECTS.under(&[source, id]).known_at(known_at);
    rows.until_break(timeline, |entry| {
        positions.push(entry.position()?);
        Ok(if positions.len() < most {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        })
    })?;
    Ok(positions)
}
