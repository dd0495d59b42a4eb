//! The view states that scores are computed from.

use super::fold::VIEW;
use crate::person::{identity, ownership};
use crate::timeline::{self, TimelineStates};
use crate::vantage::{Snapshots, ViewState};
use crate::{corrections, network, policy, vehicles};

/// The states that a score is read from, all as of one commit.
#[derive(Clone, Copy)]
pub struct AdvocacyStates<'s> {
    /// The state of [`advocacy`](crate::advocacy).
    pub advocacy: ViewState<'s>,
    /// The states that decide to which person evidence belongs.
    pub timeline: TimelineStates<'s>,
    /// The state of [`vehicles`](crate::vehicles), which knows the cancelled orders.
    pub vehicles: ViewState<'s>,
}

impl<'s> AdvocacyStates<'s> {
    /// The views that scores and the policies in force for them are read from.
    pub const VIEWS: [&'static str; 8] = [
        VIEW.name,
        timeline::VIEW.name,
        corrections::VIEW.name,
        identity::VIEW.name,
        ownership::VIEW.name,
        policy::VIEW.name,
        network::VIEW.name,
        vehicles::VIEW.name,
    ];

    /// The states of [`Self::VIEWS`] that evidence is read from.
    #[must_use]
    pub fn of(snapshots: &Snapshots<'s>) -> Self {
        Self {
            advocacy: snapshots.state(VIEW.name),
            timeline: TimelineStates::of(snapshots),
            vehicles: snapshots.state(vehicles::VIEW.name),
        }
    }
}
