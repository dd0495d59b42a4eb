//! Defects that are the same: by id, or by links that a human confirmed.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::rows::SAME;
use crate::Validity;
use crate::fold::state::{StateError, StateRead};
use ownerline_proto::time::Instant;

/// The most ids that are followed as one defect.
const MAX_SAME: usize = 1_000;

/// Returns the least id among the defects that links in force connect with this one, itself included.
pub(super) fn least_same(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    defect_id: &str,
) -> Result<String, StateError> {
    let mut same = BTreeSet::from([defect_id.to_owned()]);
    let mut waiting = vec![defect_id.to_owned()];
    while let Some(id) = waiting.pop() {
        SAME.under(&[&id]).until_break(state, |entry| {
            let [_, other] = entry.texts;
            if same.contains(other) {
                return Ok(ControlFlow::Continue(()));
            }
            let key = entry.key()?;
            if key.occurred_at <= as_of && validity.counts(&key)? {
                same.insert(other.to_owned());
                waiting.push(other.to_owned());
            }
            Ok(if same.len() < MAX_SAME {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            })
        })?;
    }
    Ok(same.pop_first().unwrap_or_default())
}
