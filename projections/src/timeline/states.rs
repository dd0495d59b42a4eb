//! The view states that a timeline is read from.

use super::fold::VIEW;
use crate::person::{WhoseStates, identity, ownership};
use crate::vantage::{Snapshots, ViewState};
use crate::{corrections, vehicles};

/// The states that a timeline is read from, all as of one commit.
#[derive(Clone, Copy)]
pub struct TimelineStates<'s> {
    /// The state of [`timeline`](crate::timeline).
    pub timeline: ViewState<'s>,
    /// The state of [`corrections`](crate::corrections).
    pub corrections: ViewState<'s>,
    /// The state of [`identity`](crate::person::identity).
    pub identity: ViewState<'s>,
    /// The state of [`ownership`](crate::person::ownership).
    pub ownership: ViewState<'s>,
    /// The state of [`vehicles`](crate::vehicles).
    pub vehicles: ViewState<'s>,
}

impl<'s> TimelineStates<'s> {
    /// The views that a timeline is read from.
    pub const VIEWS: [&'static str; 5] = [
        VIEW.name,
        corrections::VIEW.name,
        identity::VIEW.name,
        ownership::VIEW.name,
        vehicles::VIEW.name,
    ];

    /// The states of [`Self::VIEWS`].
    #[must_use]
    pub fn of(snapshots: &Snapshots<'s>) -> Self {
        let [timeline, corrections, identity, ownership, vehicles] =
            Self::VIEWS.map(|view| snapshots.state(view));
        Self {
            timeline,
            corrections,
            identity,
            ownership,
            vehicles,
        }
    }
}

impl<'s> TimelineStates<'s> {
    /// The states that decide to whom a touchpoint belongs.
    #[must_use]
    pub fn whose(&self) -> WhoseStates<'s> {
        WhoseStates {
            timeline: self.timeline,
            ownership: self.ownership,
        }
    }
}
