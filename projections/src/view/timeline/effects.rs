//! What a touchpoint caused, as far as known and visible.

use std::ops::ControlFlow;

use super::horizon::Horizon;
use super::rows::{CAUSES, EFFECTS, decode};
use super::{MAX_EFFECTS, TimelineQuery};
use crate::HistoryKey;
use crate::key::{KeyReader, KeyWriter, position_of, prefix_end};
use crate::sight::Sight;
use crate::state::{ScanOrder, StateError, StateRead, try_scan};

/// The (source, id) of the effects of a touchpoint, in history order, at most [`MAX_EFFECTS`].
pub(super) fn effects(
    state: &dyn StateRead,
    query: &TimelineQuery,
    horizon: &Horizon,
    cause: &HistoryKey,
) -> Result<Vec<(String, String)>, StateError> {
    let mut found = Vec::new();
    let mark = KeyWriter::table(CAUSES).text(&cause.source).text(&cause.id);
    if state.get(&mark.finish())?.is_none() {
        return Ok(found);
    }
    let start = KeyWriter::table(EFFECTS)
        .text(&cause.source)
        .text(&cause.id);
    let end = match query.as_of.nearest().checked_add(1) {
        Some(behind) => start.clone().instant(behind).finish(),
        None => prefix_end(&start.clone().finish()),
    };
    let range = &*start.finish()..&*end;
    try_scan(state, range, ScanOrder::Ascending, |key, value| {
        if position_of(key)? > query.known_at {
            return Ok(ControlFlow::Continue(()));
        }
        if horizon.admits(decode::<Sight>(value)?, query) {
            let mut reader = KeyReader::table(key, EFFECTS)?;
            reader.text()?;
            reader.text()?;
            let effect = reader.history()?;
            found.push((effect.source, effect.id));
        }
        Ok(if found.len() < MAX_EFFECTS {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        })
    })?;
    Ok(found)
}
