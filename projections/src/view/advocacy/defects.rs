//! Which reports of a defect are repeats: by its id, or by a link that a human confirmed.
//!
//! A defect repeats with every later visit in which it, or one it was linked with, is reported by the same
//! person. Reports of one visit are one.

use ownerline_proto::time::Instant;
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
    the_same: impl FnMut(&str) -> Result<String, StateError>,
) -> Result<(), StateError> {
    let is_report = |piece: &Piece| piece.evidence == Evidence::DefectRepeated;
    let reports = pieces.iter().filter(|piece| is_report(piece));
    let reports: Vec<_> = reports
        .map(|piece| (&piece.stream, piece.defect_id.as_str()))
        .collect();
    let mut repeats = are_repeats(&reports, the_same)?.into_iter();
    pieces.retain(|piece| !is_report(piece) || repeats.next() == Some(true));
    Ok(())
}

/// Which of one person's reports, in history order, repeat another: each is of a visit and of a defect.
pub(super) fn are_repeats(
    reports: &[(&Arc<str>, &str)],
    mut the_same: impl FnMut(&str) -> Result<String, StateError>,
) -> Result<Vec<bool>, StateError> {
    let first = reports.first().map(|(visit, _)| *visit);
    if reports.iter().all(|(visit, _)| Some(*visit) == first) {
        return Ok(vec![false; reports.len()]);
    }
    let mut seen: BTreeMap<String, BTreeSet<&Arc<str>>> = BTreeMap::new();
    let mut repeats = Vec::with_capacity(reports.len());
    for (visit, defect_id) in reports {
        let visits = seen.entry(the_same(defect_id)?).or_default();
        let first = visits.is_empty();
        repeats.push(visits.insert(visit) && !first);
    }
    Ok(repeats)
}

/// The least id of what live links hang together with this defect.
pub(super) fn least_same(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
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
