//! The events that the clock-keeper issues.

use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::super::{Fact, Item};
use crate::obligation::terms::InForce;
use crate::{Position, TouchpointKey};

/// The rules and instants by which the clock-keeper looks at items. Instants are in nanoseconds since the Unix epoch.
#[derive(Clone, Copy)]
pub struct Keeping<'k> {
    /// The terms in force.
    pub in_force: &'k dyn InForce,
    /// The publications of the policies.
    pub publications: &'k dyn Publications,
    /// The first start of the clock-keeper on this log: no level before it is due.
    pub since: i64,
    /// The present.
    pub now: i64,
}

/// The publications of policies.
pub trait Publications {
    /// The publication of a version of a policy; `None` if it ships with the server.
    fn publication(&self, policy: &str, version: i32) -> Option<Cause>;
}

/// A touchpoint that changed an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Its key.
    pub key: TouchpointKey,
    /// Its position in the log.
    pub position: Position,
    /// The instant from which it counted: it had occurred and was recorded (nanoseconds since the Unix epoch).
    pub known_at: i64,
}

/// The sort of an event about an obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeKind {
    /// A share of the budget is used up.
    Warned,
    /// The obligation was not met in time.
    Breached,
    /// The obligation ended otherwise than the last event says.
    Revised {
        /// The outcome by the last event, or else at the deadline.
        previous: String,
        /// The outcome as known now.
        now: &'static str,
        /// The key of the touchpoint that changed it.
        because: TouchpointKey,
    },
}

/// One event that is due. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Its id, which is the same whoever issues it.
    pub id: String,
    /// The level's own instant, or the one from which the cause of a revision counted.
    pub occurred_at: i64,
    /// The sort of event.
    pub event: NoticeKind,
    /// The share of the budget.
    pub share: f64,
    /// The obligation.
    pub obligation_id: String,
    /// Its episode.
    pub episode: u32,
    /// What is owed.
    pub kind: Kind,
    /// The policy and its version.
    pub policy: (String, i32),
    /// By when it is owed; `None` while its clock stands still.
    pub due_at: Option<i64>,
    /// The key of the touchpoint that opened it.
    pub opened_by: TouchpointKey,
    /// The commitment or task of a case; empty for other kinds.
    pub subject_id: String,
    /// The owner; empty if nobody is named.
    pub owner_id: String,
    /// The vehicle; empty if none is named.
    pub vin: String,
    /// The dealer responsible at its instant. Empty where the feedback or the opening of the case itself names no dealer, since the event would
    /// otherwise decide who was the first.
    pub dealer_id: String,
}

/// The events that are due now, and when more may be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NoticesDue {
    /// In due order.
    pub notices: Vec<Notice>,
    /// The next instant at which time alone may make an event due (nanoseconds since the Unix epoch).
    pub next: Option<i64>,
}

impl NoticesDue {
    /// The instant at which there is something to do.
    #[must_use]
    pub fn wakes_at(&self) -> Option<i64> {
        let first = self.notices.first().map(|notice| notice.occurred_at);
        first.or(self.next)
    }

    /// Puts the notices in due order.
    pub(super) fn sort(&mut self) {
        self.notices.sort_by(|a, b| {
            let by_time = a.occurred_at.cmp(&b.occurred_at);
            by_time.then_with(|| a.id.cmp(&b.id))
        });
    }

    /// Asks to be looked at again at an instant.
    pub(super) fn wakes(&mut self, at: i64) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }
}

/// The fact with this key.
pub(super) fn fact_of<'i>(item: &'i Item, key: &TouchpointKey) -> Option<&'i Fact> {
    let mut facts = item.facts().iter();
    facts.find(|fact| fact.id == key.id && item.text(fact.source) == key.source)
}
