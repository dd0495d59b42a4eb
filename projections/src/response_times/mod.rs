//! Response times of first replies: from what became of each item to the figures that are published
//! together. `docs/response-times.md` says how each is computed and why.
//!
//! Items come as [`FirstReply`]s, kept or folded on read: a [`Counter`] judges each by the terms in force and
//! counts it once, in total and in its group; [`Counted`] of several parts of the items are merged, and
//! published at the end.

mod counter;
mod publish;
mod read;
mod tallied;

pub use crate::fold::groups::GROUPS;
pub use counter::{Counted, Counter, One, Question};
pub use read::{Booked, Reading, count};

use ownerline_proto::v1::Channel;

use crate::civil::Period;

#[cfg(doc)]
use crate::obligation::FirstReply;

/// Where the cumulative incidences are read if nobody says, in seconds: a day, a week, a month, and the
/// 2,000 h at which helpdesks are compared.
pub const INCIDENCE_AT: [u64; 4] = [24 * 3_600, 168 * 3_600, 720 * 3_600, 2_000 * 3_600];

/// What is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// The dealer responsible at the end.
    Dealer,
    /// The market that dealer was in when the item was received.
    Market,
    /// The channel the item came by.
    Channel,
    /// The survey it answers.
    Survey,
    /// The month it was received in, in the zone its dealer had then, else UTC.
    Month,
    /// Who replied.
    Responder,
}

/// Which items. Every condition that is set holds. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Of dealers of this market.
    pub market: Option<String>,
    /// Of this dealer.
    pub dealer_id: Option<String>,
    /// By this channel.
    pub channel: Option<Channel>,
    /// Of this survey.
    pub survey: Option<String>,
    /// Replied to by this person.
    pub responder_id: Option<String>,
    /// Received in this period, in the zone that its dealer was in then.
    pub period: Period,
}

impl Scope {
    /// It tells dealers apart.
    fn is_of_dealers(&self) -> bool {
        self.market.is_some() || self.dealer_id.is_some()
    }
}
