//! A dealer's inbox: the obligations it has, computed from the facts of each item.
//!
//! An inbox costs what it has to look at: for open obligations as of now, the items that may have one; for any other
//! state, or as of an earlier instant or position, every item that the dealer was ever named for.

mod answer;
mod look;
mod place;

pub use answer::{InboxPage, InboxQuestion, answer};
pub use look::look;
pub use place::{InboxOrder, Place};

use ownerline_proto::v1::Channel;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use crate::obligation::{Detail, State};

/// Which obligations of a dealer. Empty lists admit everything, but for `states`: OPEN.
#[derive(Debug, Clone, Default)]
pub struct InboxFilter {
    /// How they stand.
    pub states: Vec<State>,
    /// What is owed.
    pub kinds: Vec<Kind>,
    /// By which channel their item came.
    pub channel: Option<Channel>,
    /// Which survey their item answers.
    pub survey: Option<String>,
    /// Owed at or before this instant (nanoseconds since the Unix epoch).
    pub due_until: Option<i64>,
    /// At least this share of the budget is used up.
    pub min_share: Option<f64>,
    /// Whose clock began at or after this instant (nanoseconds since the Unix epoch).
    pub from: Option<i64>,
    /// Whose clock began before this instant (nanoseconds since the Unix epoch).
    pub until: Option<i64>,
}

/// Whose inbox, and which part of it.
#[derive(Debug, Clone, Default)]
pub struct Inbox {
    /// Whose.
    pub dealer_id: String,
    /// Which part.
    pub filter: InboxFilter,
}

/// One obligation and what it is about.
#[derive(Debug, Clone)]
pub struct Owed {
    /// The item.
    pub feedback_id: String,
    /// The obligation.
    pub detail: Detail,
    /// To whom; empty if nobody said.
    pub owner_id: String,
    /// The channel the item came by: a number of `Channel`.
    pub channel: i32,
    /// The survey it answers; empty if none.
    pub survey: String,
}

impl InboxFilter {
    /// Whether only what is open can pass.
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
