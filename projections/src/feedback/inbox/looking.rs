//! What a look at an inbox is for, and when it has to be taken again.

use ownerline_proto::time::Instant;

use super::Inbox;
use crate::obligation::Detail;
use crate::obligation::terms::InForce;

/// Nanoseconds to add to the instant at which a share of a budget is reached, so that rounding cannot miss it.
const ROUNDING: i64 = 1_000;

/// When an inbox changes even if nothing more is recorded of its items and cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turns {
    /// The first instant after the question at which time alone changes it.
    pub first: Option<i64>,
    /// A case of it waits for its owner, who may write about any matter.
    pub waits_for_owner: bool,
}

impl Turns {
    /// Adds an instant.
    pub(super) fn at(&mut self, instant: Option<i64>) {
        self.first = self.first.into_iter().chain(instant).min();
    }
}

/// What is looked for, and by which terms.
pub(super) struct Looking<'l> {
    pub(super) inbox: &'l Inbox,
    pub(super) terms: &'l dyn InForce,
    pub(super) as_of: Instant,
}

impl Looking<'_> {
    /// Adds the instants at which time alone changes an obligation of the inbox.
    pub(super) fn turns(&self, detail: &Detail, turns: &mut Turns) {
        let passes = self.inbox.filter.min_share.and_then(|share| {
            let at = detail.uses_up(share)?.saturating_add(ROUNDING);
            (at > self.as_of).then_some(at)
        });
        turns.at(detail.turns_at(self.as_of));
        turns.at(passes);
    }
}
