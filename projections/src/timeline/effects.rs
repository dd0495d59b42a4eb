//! What a touchpoint caused, as far as known and visible.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::MAX_EFFECTS;
use super::reader::Reader;
use super::rows::{CAUSES, EFFECTS};
use crate::HistoryKey;
use crate::fold::corrections::Standing;
use crate::fold::state::StateError;

/// The (source, id) of the effects of a touchpoint, in history order, at most [`MAX_EFFECTS`]. What names any
/// correction of it, or what it corrects, names it.
pub(super) fn effects(
    reader: &Reader<'_, '_>,
    cause: &HistoryKey,
    standing: &Standing,
) -> Result<Vec<(String, String)>, StateError> {
    let mut found = BTreeSet::new();
    if standing.chain.is_empty() {
        of_one(reader, cause, &mut found)?;
    }
    for member in standing.chain.iter() {
        of_one(reader, member, &mut found)?;
    }
    let found = found.into_iter().take(MAX_EFFECTS);
    Ok(found.map(|effect| (effect.source, effect.id)).collect())
}

/// Adds the first effects that name this touchpoint itself.
fn of_one(
    reader: &Reader<'_, '_>,
    cause: &HistoryKey,
    found: &mut BTreeSet<HistoryKey>,
) -> Result<(), StateError> {
    let (state, query) = (reader.states.timeline, reader.query);
    if !CAUSES.contains(state, &cause.source, &cause.id)? {
        return Ok(());
    }
    let effects = EFFECTS.up_to([&cause.source, &cause.id], query.as_of);
    let mut count = 0;
    effects
        .known_at(query.known_at)
        .until_break(state, |entry| {
            let effect = entry.key()?;
            let sight = entry.inherited(reader.validity, &effect)?;
            if reader.horizon.admits(sight, query) {
                found.insert(effect);
                count += 1;
            }
            Ok(if count < MAX_EFFECTS {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            })
        })
}
