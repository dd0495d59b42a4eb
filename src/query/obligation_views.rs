//! The views that answers about obligations are read from, as of one commit, and the terms they are judged
//! by.

use ownerline_projections::feedback;
use ownerline_projections::fold::state::StateRead;
use ownerline_projections::network;
use ownerline_projections::policy;
use ownerline_projections::policy::{Policies, PolicyStates, Supposed, TermsInForce};
use ownerline_projections::{Validity, corrections};

use super::basis::Basis;
use super::error::ViewFault;
use super::{QueryError, views};
use crate::projector::{ProjectorHandle, ViewSnapshot};
use crate::store::Position;

/// What obligations are read from.
pub(super) const OBLIGATION_VIEWS: [&str; 4] = [
    feedback::VIEW.name,
    corrections::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
];

/// Snapshots of [`OBLIGATION_VIEWS`]. Reading them may block.
pub(super) struct ObligationViews([ViewSnapshot; 4]);

impl ObligationViews {
    pub(super) fn of(projector: &ProjectorHandle) -> Result<Self, QueryError> {
        let snapshots = projector.snapshots(OBLIGATION_VIEWS);
        snapshots.map(Self).map_err(unreadable)
    }

    /// What an answer from all of them stands on.
    pub(super) fn reached(&self) -> Position {
        views::reached(&self.0)
    }

    /// The view `feedback`.
    pub(super) fn feedback(&self) -> &dyn StateRead {
        let [feedback, ..] = &self.0;
        feedback
    }

    /// The view `network`.
    pub(super) fn network(&self) -> &dyn StateRead {
        let [.., network] = &self.0;
        network
    }

    /// Where the view `feedback` stands itself.
    pub(super) fn feedback_reached(&self) -> Position {
        let [feedback, ..] = &self.0;
        Position(feedback.position())
    }

    /// What counts as known at a position.
    pub(super) fn validity(&self, known_at: Position) -> Result<Validity<'_>, QueryError> {
        let [_, corrections, ..] = &self.0;
        Validity::new(corrections, known_at.0).map_err(unreadable)
    }

    /// Every policy that counts.
    pub(super) fn policies(&self, basis: &Basis) -> Result<Policies, QueryError> {
        let [_, corrections, policies, network] = &self.0;
        let states = PolicyStates {
            policies,
            network,
            corrections,
        };
        Policies::load(states, basis.as_of, basis.known_at.0).map_err(unreadable)
    }

    /// The terms in force, or those that hold if something else is supposed to be owed by everybody.
    pub(super) fn terms(
        &self,
        basis: &Basis,
        what_if: Option<&Supposed>,
    ) -> Result<TermsInForce, QueryError> {
        terms(&self.policies(basis)?, what_if)
    }
}

/// The terms in force, or those that follow from what is supposed instead.
pub(super) fn terms(
    policies: &Policies,
    what_if: Option<&Supposed>,
) -> Result<TermsInForce, QueryError> {
    let supposed = what_if.map(|supposed| supposed.terms(policies));
    let supposed = supposed.transpose();
    let supposed = supposed.map_err(|violations| QueryError::Supposed { violations })?;
    Ok(supposed.unwrap_or_else(|| policies.terms()))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
pub(super) fn unreadable(error: impl ViewFault) -> QueryError {
    QueryError::of_view(feedback::VIEW.name, &error)
}
