//! A question about everybody's loyalty, and the states that it is read from.

use ownerline_proto::time::Instant;

use super::fold::VIEW;
use crate::corrections;
use crate::person::identity;
use crate::person::ownership;
use crate::timeline;
use crate::vantage::{Snapshots, ViewState};
use crate::vehicles;

/// What loyalty is read from, all as of one commit.
#[derive(Clone, Copy)]
pub struct LoyaltyStates<'s> {
    /// Of [`loyalty`](crate::loyalty).
    pub loyalty: ViewState<'s>,
    /// Of [`vehicles`].
    pub vehicles: ViewState<'s>,
    /// Of [`ownership`].
    pub ownership: ViewState<'s>,
    /// Of [`identity`].
    pub identity: ViewState<'s>,
    /// Of [`timeline`].
    pub timeline: ViewState<'s>,
    /// Of [`corrections`].
    pub corrections: ViewState<'s>,
}

impl<'s> LoyaltyStates<'s> {
    /// The views that loyalty is read from.
    pub const VIEWS: [&'static str; 6] = [
        VIEW.name,
        vehicles::VIEW.name,
        ownership::VIEW.name,
        identity::VIEW.name,
        timeline::VIEW.name,
        corrections::VIEW.name,
    ];

    /// The states of [`Self::VIEWS`].
    #[must_use]
    pub fn of(snapshots: &Snapshots<'s>) -> Self {
        let [
            loyalty,
            vehicles,
            ownership,
            identity,
            timeline,
            corrections,
        ] = Self::VIEWS.map(|view| snapshots.state(view));
        Self {
            loyalty,
            vehicles,
            ownership,
            identity,
            timeline,
            corrections,
        }
    }
}

/// Which owners and returns. Every condition that is set holds. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoyaltyScope {
    /// Spells of this make.
    pub make: Option<String>,
    /// Persons registered in this market.
    pub market: Option<String>,
    /// Returns at or after.
    pub from: Option<i64>,
    /// Returns before.
    pub until: Option<i64>,
}

/// A question about everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoyaltyQuery {
    /// Which owners and returns.
    pub scope: LoyaltyScope,
    /// Where to read the curve, in whole days.
    pub lengths: Vec<u64>,
    /// As it was: what occurred at or before this instant, in nanoseconds since the Unix epoch.
    pub as_of: Instant,
    /// As it was known: what was recorded at or before this position.
    pub known_at: u64,
}
