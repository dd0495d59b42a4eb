//! What an attempt at a defect is: the one rule, for whoever counts attempts.

use std::collections::BTreeSet;

/// The attempts at one defect: the visits in which somebody tried to repair it, whatever the outcome. However often it was
/// tried in one visit, that is one attempt.
#[derive(Debug, Clone)]
pub(crate) struct RepairAttempts<V> {
    visits: BTreeSet<V>,
}

impl<V> Default for RepairAttempts<V> {
    fn default() -> Self {
        Self {
            visits: BTreeSet::new(),
        }
    }
}

impl<V: Ord> RepairAttempts<V> {
    /// Takes a repair that was tried in a visit.
    pub(crate) fn tried_in(&mut self, visit: V) {
        self.visits.insert(visit);
    }

    /// Takes the attempts at another defect, which is the same.
    pub(crate) fn merge(&mut self, same: Self) {
        self.visits.extend(same.visits);
    }

    /// The number of attempts.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.visits.len()).unwrap_or(u32::MAX)
    }

    /// The visits, in order.
    pub(crate) fn into_visits(self) -> Vec<V> {
        self.visits.into_iter().collect()
    }
}
