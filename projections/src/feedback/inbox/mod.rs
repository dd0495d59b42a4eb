//! A dealer's inbox: the obligations the dealer owes, computed from the facts of each item and case.
//!
//! The cost is the number of items and cases read: for open obligations as of now, those that may have one; for any other
//! state, instant or position, every one that ever named the dealer.

mod answer;
mod look;
mod looking;
mod of_cases;
mod place;

pub use answer::{InboxPage, InboxQuestion, answer};
pub use look::look;
pub use looking::Turns;
pub use place::{InboxOrder, Place};

use ownerline_proto::v1::Channel;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use crate::cases;
use crate::feedback::fold::VIEW;
use crate::fold::corrections;
use crate::network;
use crate::obligation::{Detail, State};
use crate::person::{identity, ownership};
use crate::policy;
use crate::timeline;
use crate::vehicles;

/// The views that an inbox is read from.
pub const VIEWS: [&str; 9] = [
    VIEW.name,
    corrections::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
    cases::VIEW.name,
    timeline::VIEW.name,
    identity::VIEW.name,
    ownership::VIEW.name,
    vehicles::VIEW.name,
];

/// A filter on a dealer's obligations. Empty lists admit everything, except that empty `states` mean OPEN.
#[derive(Debug, Clone, Default)]
pub struct InboxFilter {
    /// States of the obligation.
    pub states: Vec<State>,
    /// Kinds of the obligation.
    pub kinds: Vec<Kind>,
    /// The channel of the item.
    pub channel: Option<Channel>,
    /// The survey that the item answers.
    pub survey: Option<String>,
    /// Owed at or before this instant (nanoseconds since the Unix epoch).
    pub due_until: Option<i64>,
    /// At least this share of the budget is used up.
    pub min_share: Option<f64>,
    /// The clock began at or after this instant (nanoseconds since the Unix epoch).
    pub from: Option<i64>,
    /// The clock began before this instant (nanoseconds since the Unix epoch).
    pub until: Option<i64>,
}

/// The inbox of a dealer, or a part of it.
#[derive(Debug, Clone, Default)]
pub struct Inbox {
    /// The dealer.
    pub dealer_id: String,
    /// The part.
    pub filter: InboxFilter,
}

/// One obligation with facts about its item.
#[derive(Debug, Clone)]
pub struct Owed {
    /// The item; empty for an obligation of a case.
    pub feedback_id: String,
    /// The case; empty for an obligation of an item.
    pub case_id: String,
    /// The obligation.
    pub detail: Detail,
    /// The owner to whom it is owed; empty if unknown.
    pub owner_id: String,
    /// The channel of the item, or of the opening of the case: a number of `Channel`.
    pub channel: i32,
    /// The survey it answers; empty if none.
    pub survey: String,
}

impl InboxFilter {
    /// Whether only open obligations can pass.
    pub(super) fn is_open_only(&self) -> bool {
        self.states.iter().all(|state| *state == State::Open)
    }

    /// Whether an obligation passes.
    pub(super) fn admits(&self, owed: &Owed) -> bool {
        let obligation = &owed.detail.obligation;
        let outcome = &obligation.outcome;
        let state = match self.states.as_slice() {
            [] => outcome.state == State::Open,
            states => states.contains(&outcome.state),
        };
        let channel = |channel: Channel| owed.channel == i32::from(channel);
        let is_due = |until: i64| outcome.due_at.is_some_and(|due_at| due_at <= until);
        state
            && (self.kinds.is_empty() || self.kinds.contains(&obligation.kind))
            && self.channel.is_none_or(channel)
            && self
                .survey
                .as_ref()
                .is_none_or(|survey| owed.survey == *survey)
            && self.due_until.is_none_or(is_due)
            && self.min_share.is_none_or(|share| outcome.share >= share)
            && self.from.is_none_or(|from| obligation.start >= from)
            && self.until.is_none_or(|until| obligation.start < until)
    }
}
