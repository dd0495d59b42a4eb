//! Which reports of a defect are repeats: by its id, or by a link that a human confirmed.
//!
//! A defect repeats with every later visit in which it, or one it was linked with, is reported by the same
//! person. Reports of one visit are one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::model::Evidence;
use super::rows::SAME;
use super::stream::Piece;
use crate::Validity;
use crate::key::{KeyReader, KeyWriter, prefix_end};
use crate::state::{ScanOrder, StateError, StateRead, try_scan};

/// At most this many ids are looked through as one defect.
const MAX_SAME: usize = 1_000;

/// Takes out of one person's evidence, in history order, the reports that repeat nothing.
pub(super) fn keep_repeats(
    pieces: &mut Vec<Piece>,
    mut the_same: impl FnMut(&str) -> Result<String, StateError>,
) -> Result<(), StateError> {
    let is_report = |piece: &&Piece| piece.evidence == Evidence::DefectRepeated;
    let visits: BTreeSet<&Arc<str>> = (pieces.iter().filter(is_report))
        .map(|piece| &piece.stream)
        .collect();
    if visits.len() < 2 {
        pieces.retain(|piece| !is_report(&piece));
        return Ok(());
    }
    let mut seen: BTreeMap<String, BTreeSet<Arc<str>>> = BTreeMap::new();
    let mut kept = Vec::with_capacity(pieces.len());
    for piece in pieces.drain(..) {
        if is_report(&&piece) {
            let visits = seen.entry(the_same(&piece.defect_id)?).or_default();
            let first = visits.is_empty();
            if !visits.insert(Arc::clone(&piece.stream)) || first {
                continue;
            }
        }
        kept.push(piece);
    }
    *pieces = kept;
    Ok(())
}

/// The least id of what live links hang together with this defect.
pub(super) fn least_same(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: i64,
    defect_id: &str,
) -> Result<String, StateError> {
    let mut found = BTreeSet::from([defect_id.to_owned()]);
    let mut waiting = vec![defect_id.to_owned()];
    while let Some(id) = waiting.pop() {
        let prefix = KeyWriter::table(SAME).text(&id).finish();
        let end = prefix_end(&prefix);
        try_scan(state, &*prefix..&*end, ScanOrder::Ascending, |key, _| {
            let mut reader = KeyReader::table(key, SAME)?;
            reader.text()?;
            let other = reader.text()?;
            if found.contains(other) {
                return Ok(ControlFlow::Continue(()));
            }
            let key = reader.clone().history()?;
            if key.occurred_at <= as_of && validity.counts(&key)? {
                found.insert(other.to_owned());
                waiting.push(other.to_owned());
            }
            Ok(if found.len() < MAX_SAME {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            })
        })?;
    }
    Ok(found.pop_first().unwrap_or_default())
}
