//! The views that answers about a person are read from, as of one commit.

use ownerline_projections::corrections;
use ownerline_projections::person::identity;
use ownerline_projections::person::ownership;
use ownerline_projections::timeline::{self, TimelineError, TimelineStates};
use ownerline_projections::vehicles;

use super::QueryError;
use super::error::ViewFault;
use crate::projector::{ProjectorHandle, ViewSnapshot};
use crate::store::Position;

/// What a timeline is read from.
pub(super) const VIEWS: [&str; 5] = [
    timeline::VIEW.name,
    corrections::VIEW.name,
    identity::VIEW.name,
    ownership::VIEW.name,
    vehicles::VIEW.name,
];

/// Snapshots of [`VIEWS`]. Reading them may block.
pub(super) struct Views([ViewSnapshot; 5]);

impl Views {
    pub(super) fn of(projector: &ProjectorHandle) -> Result<Self, QueryError> {
        projector.snapshots(VIEWS).map(Self).map_err(unreadable)
    }

    /// What an answer from all of them stands on.
    pub(super) fn reached(&self) -> Position {
        reached(&self.0)
    }

    pub(super) fn states(&self) -> TimelineStates<'_> {
        let [timeline, corrections, identity, ownership, vehicles] = &self.0;
        TimelineStates {
            timeline,
            corrections,
            identity,
            ownership,
            vehicles,
        }
    }
}

/// What an answer from all of these stands on.
pub(super) fn reached<'s>(views: impl IntoIterator<Item = &'s ViewSnapshot>) -> Position {
    let positions = views.into_iter().map(ViewSnapshot::position);
    Position(positions.min().unwrap_or_default())
}

/// Why the views do not answer.
pub(super) fn of_view(error: TimelineError) -> QueryError {
    match error {
        TimelineError::UnknownOwner { owner_id, .. } => QueryError::Unknown {
            what: "owner",
            id: owner_id,
        },
        TimelineError::TooManyIdentities { owner_id, limit } => {
            QueryError::TooManyIdentities { owner_id, limit }
        }
        TimelineError::State(error) => unreadable(error),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
pub(super) fn unreadable(error: impl ViewFault) -> QueryError {
    QueryError::of_view(timeline::VIEW.name, &error)
}
