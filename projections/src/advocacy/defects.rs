//! Which defects are the same: by their ids, or by links that a human confirmed.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::rows::SAME;
use crate::Validity;
use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::state::{ScanOrder, StateError, StateRead, try_scan};
use ownerline_proto::time::Instant;

/// At most this many ids are looked through as one defect.
const MAX_SAME: usize = 1_000;

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
