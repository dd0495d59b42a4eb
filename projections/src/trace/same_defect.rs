//! Defects that links of humans connect.

use std::collections::BTreeMap;

use super::touchpoint::Link;
use crate::HistoryKey;

/// The last link or unlink of each pair of defects, in history order.
#[derive(Debug, Default)]
pub(super) struct SameDefects {
    /// By each defect of the pair.
    last: BTreeMap<String, BTreeMap<String, (HistoryKey, bool)>>,
}

impl SameDefects {
    /// Adds what a touchpoint in force says.
    pub(super) fn add(&mut self, key: &HistoryKey, link: &Link) {
        let (one, other) = (&link.defect_id, &link.same_as);
        for (one, other) in [(one, other), (other, one)] {
            let of_one = self.last.entry(one.clone()).or_default();
            let last = of_one
                .entry(other.clone())
                .or_insert_with(|| (key.clone(), link.is_same));
            if last.0.is_before(key) {
                *last = (key.clone(), link.is_same);
            }
        }
    }

    /// The defects that are linked with this one directly.
    pub(super) fn of(&self, defect_id: &str) -> Vec<String> {
        let others = self.last.get(defect_id).into_iter().flatten();
        let linked = others.filter(|(_, (_, is_same))| *is_same);
        linked.map(|(other, _)| other.clone()).collect()
    }
}
