//! Scores about what owners say: NPS, CSAT, CES and response rates, from the facts of each feedback to the figures that
//! are published together. `docs/scores.md` explains how each is computed and why.
//!
//! Every item is folded on read and counted once: where it was received, for the dealer who was responsible
//! when the owner answered. [`Counted`] of several parts of the items are merged, and published at the end.

mod answer;
mod answers;
mod compare;
mod counter;
mod models;
mod publish;
mod read;
mod tally;

pub use answer::{ScoresFigures, ScoresQuestion, VIEWS, answer};
pub(crate) use answers::nps_of;
pub use counter::{Counted, Question, Suspected};
pub use read::{Reading, count};

use crate::civil::Period;

/// The dimension to group by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// The dealer responsible when the owner answered or was invited.
    Dealer,
    /// The market that dealer was in then.
    Market,
    /// The model of the car.
    Model,
    /// The survey.
    Survey,
    /// The month, in the zone that dealer was in then, else UTC.
    Month,
}

impl GroupBy {
    /// Whether its groups are peers, so that one says something about another. Months are not: they follow each other.
    fn is_of_peers(self) -> bool {
        self != Self::Month
    }
}

/// The answers that count. Every condition that is set holds. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Answers of dealers in this market.
    pub market: Option<String>,
    /// Answers of this dealer.
    pub dealer_id: Option<String>,
    /// Answers of this survey.
    pub survey: Option<String>,
    /// Answers about cars of this model.
    pub model: Option<String>,
    /// Answers received, and invitations delivered, in this period, in the zone that the dealer was in then.
    pub period: Period,
}

impl Scope {
    /// Whether only items of one dealer are read, which are few and all in one part: nothing else is shown, and groups
    /// are not compared with those of others.
    #[must_use]
    pub fn is_of_one_dealer(&self, group_by: Option<GroupBy>) -> bool {
        self.dealer_id.is_some() && !group_by.is_some_and(GroupBy::is_of_peers)
    }

    /// Whether it leaves out a part of the network that groups are compared with.
    fn is_narrowed(&self) -> bool {
        self.market.is_some() || self.dealer_id.is_some() || self.model.is_some()
    }
}
