//! What scores are read from, as of one commit.

use ownerline_projections::advocacy::{self, AdvocacyStates};
use ownerline_projections::corrections;
use ownerline_projections::network;
use ownerline_projections::person::identity;
use ownerline_projections::person::ownership;
use ownerline_projections::policy;
use ownerline_projections::policy::PolicyStates;
use ownerline_projections::timeline::{self, TimelineError, TimelineStates};
use ownerline_projections::vehicles;

use crate::projector::{ProjectorHandle, ViewSnapshot};
use crate::query::QueryError;
use crate::query::error::ViewFault;
use crate::query::views;
use crate::store::Position;

/// What scores are read from.
pub(super) const VIEWS: [&str; 8] = [
    advocacy::VIEW.name,
    timeline::VIEW.name,
    corrections::VIEW.name,
    identity::VIEW.name,
    ownership::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
    vehicles::VIEW.name,
];

/// Snapshots of [`VIEWS`]. Reading them may block.
pub(super) struct Snapshots([ViewSnapshot; 8]);

impl Snapshots {
    pub(super) fn of(projector: &ProjectorHandle) -> Result<Self, QueryError> {
        projector.snapshots(VIEWS).map(Self).map_err(unreadable)
    }

    /// What an answer from all of them stands on.
    pub(super) fn reached(&self) -> Position {
        views::reached(&self.0)
    }

    pub(super) fn advocacy(&self) -> AdvocacyStates<'_> {
        let [
            advocacy,
            timeline,
            corrections,
            identity,
            ownership,
            _,
            _,
            vehicles,
        ] = &self.0;
        AdvocacyStates {
            advocacy,
            timeline: TimelineStates {
                timeline,
                corrections,
                identity,
                ownership,
                vehicles,
            },
            vehicles,
        }
    }

    pub(super) fn policies(&self) -> PolicyStates<'_> {
        let [_, _, corrections, _, _, policies, network, _] = &self.0;
        PolicyStates {
            policies,
            network,
            corrections,
        }
    }
}

/// Why the views do not answer.
pub(super) fn of_view(error: TimelineError) -> QueryError {
    match error {
        TimelineError::State(error) => unreadable(error),
        of_the_question => views::of_view(of_the_question),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
pub(super) fn unreadable(error: impl ViewFault) -> QueryError {
    QueryError::of_view(advocacy::VIEW.name, &error)
}
