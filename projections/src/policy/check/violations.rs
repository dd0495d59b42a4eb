//! The violations of one policy.

use std::collections::BTreeSet;

use ownerline_proto::{Reason, Violation};

/// Violations in the order of the checks.
#[derive(Debug, Default)]
pub(super) struct Violations(Vec<Violation>);

impl Violations {
    pub(super) fn add(&mut self, field: impl Into<String>, reason: Reason, why: impl Into<String>) {
        self.0.push(Violation::new(field, reason, why));
    }

    /// Adds a violation for every item that repeats an earlier one.
    pub(super) fn unique<T: Ord>(&mut self, items: impl Iterator<Item = (String, T)>, what: &str) {
        let mut seen = BTreeSet::new();
        for (field, item) in items {
            if !seen.insert(item) {
                let why = format!("must not be {what} of an item before it");
                self.add(field, Reason::Disagrees, why);
            }
        }
    }

    pub(super) fn into_list(self) -> Vec<Violation> {
        self.0
    }
}
