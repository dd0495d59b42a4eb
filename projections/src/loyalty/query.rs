//! The query about loyalty, and the view states that it is read from.

use ownerline_proto::time::Instant;

use super::fold::VIEW;
use crate::Position;
use crate::corrections;
use crate::person::identity;
use crate::person::ownership;
use crate::timeline;
use crate::vantage::{Snapshots, ViewState};
use crate::vehicles;

/// The view states that loyalty is read from, all as of one commit.
#[derive(Clone, Copy)]
pub struct LoyaltyStates<'s> {
    /// The state of [`loyalty`](crate::loyalty).
    pub loyalty: ViewState<'s>,
    /// The state of [`vehicles`].
    pub vehicles: ViewState<'s>,
    /// The state of [`ownership`].
    pub ownership: ViewState<'s>,
    /// The state of [`identity`].
    pub identity: ViewState<'s>,
    /// The state of [`timeline`].
    pub timeline: ViewState<'s>,
    /// The state of [`corrections`].
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

/// The owners and returns to count. Every condition that is set must hold. Instants are in nanoseconds since the Unix
/// epoch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoyaltyScope {
    /// Spells of this make.
    pub make: Option<String>,
    /// Persons registered in this market.
    pub market: Option<String>,
    /// Returns at or after this instant.
    pub from: Option<i64>,
    /// Returns before this instant.
    pub until: Option<i64>,
}

/// A query about loyalty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoyaltyQuery {
    /// The owners and returns to count.
    pub scope: LoyaltyScope,
    /// The points at which to read the curve, in whole days.
    pub lengths: Vec<u64>,
    /// As it was: everything that occurred at or before this instant.
    pub as_of: Instant,
    /// As it was known: everything recorded at or before this position.
    pub known_at: Position,
}
