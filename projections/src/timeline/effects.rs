//! What a touchpoint caused, as far as known and visible.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::MAX_EFFECTS;
use super::query::Asked;
use super::rows::{CAUSES, EFFECTS, decode};
use crate::HistoryKey;
use crate::fold::corrections::Standing;
use crate::fold::key::{KeyReader, KeyWriter, position_of, prefix_end};
use crate::fold::state::{ScanOrder, StateError, try_scan};
use crate::sight::Sight;

/// The (source, id) of the effects of a touchpoint, in history order, at most [`MAX_EFFECTS`]. What names any
/// correction of it, or what it corrects, names it.
pub(super) fn effects(
    asked: &Asked<'_, '_>,
    cause: &HistoryKey,
    standing: &Standing,
) -> Result<Vec<(String, String)>, StateError> {
    let mut found = BTreeSet::new();
    if standing.chain.is_empty() {
        of_one(asked, cause, &mut found)?;
    }
    for member in standing.chain.iter() {
        of_one(asked, member, &mut found)?;
    }
    let found = found.into_iter().take(MAX_EFFECTS);
    Ok(found.map(|effect| (effect.source, effect.id)).collect())
}

/// Adds the first effects that name this touchpoint itself.
fn of_one(
    asked: &Asked<'_, '_>,
    cause: &HistoryKey,
    found: &mut BTreeSet<HistoryKey>,
) -> Result<(), StateError> {
    let (state, query) = (asked.states.timeline, asked.query);
    let mark = KeyWriter::table(CAUSES).text(&cause.source).text(&cause.id);
    if state.get(&mark.finish())?.is_none() {
        return Ok(());
    }
    let start = KeyWriter::table(EFFECTS)
        .text(&cause.source)
        .text(&cause.id);
    let end = match query.as_of.nearest().checked_add(1) {
        Some(behind) => start.clone().instant(behind).finish(),
        None => prefix_end(&start.clone().finish()),
    };
    let range = &*start.finish()..&*end;
    let mut count = 0;
    try_scan(state, range, ScanOrder::Ascending, |key, value| {
        if position_of(key)? > query.known_at {
            return Ok(ControlFlow::Continue(()));
        }
        let mut reader = KeyReader::table(key, EFFECTS)?;
        reader.text()?;
        reader.text()?;
        let effect = reader.history()?;
        let mut sight = decode::<Sight>(value)?;
        asked.validity.inherit(&effect, &mut sight)?;
        if asked.horizon.admits(sight, query) {
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
