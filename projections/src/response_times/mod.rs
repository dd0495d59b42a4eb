//! Response times of first replies, from the course of each item to the figures that are published together.
//! `docs/response-times.md` explains how each is computed and why.
//!
//! Items come as [`FirstReply`]s, either kept by the view or folded on read. A [`Counter`] judges each by the terms in
//! force and counts it once, in total and in its group. [`Counted`] parts are merged, and published at the end.

mod answer;
mod by_kind;
mod counter;
mod publish;
mod read;
mod tallied;

pub use crate::fold::groups::GROUPS;
pub use answer::{ResponseTimeFigures, ResponseTimeQuestion, VIEWS, VIEWS_WITH_BOOKINGS, answer};
pub use counter::{Counted, Counter, One, Question};
pub use read::{Booked, Reading, count};

use ownerline_proto::v1::Channel;

use crate::civil::Period;

#[cfg(doc)]
use crate::obligation::FirstReply;

/// The default times at which cumulative incidences are read, in seconds: a day, a week, a month, and the 2,000 h at which
/// help desks are compared.
pub const INCIDENCE_AT: [u64; 4] = [24 * 3_600, 168 * 3_600, 720 * 3_600, 2_000 * 3_600];

/// The dimension to group by.
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
    /// The person who replied.
    Responder,
}

/// The items that count. Every condition that is set holds. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Items of dealers in this market.
    pub market: Option<String>,
    /// Items of this dealer.
    pub dealer_id: Option<String>,
    /// Items that came by this channel.
    pub channel: Option<Channel>,
    /// Items of this survey.
    pub survey: Option<String>,
    /// Items that this person replied to.
    pub responder_id: Option<String>,
    /// Items received in this period, in the zone that the dealer was in then.
    pub period: Period,
}

impl Scope {
    /// Whether it selects items by dealer or market.
    fn is_of_dealers(&self) -> bool {
        self.market.is_some() || self.dealer_id.is_some()
    }
}
