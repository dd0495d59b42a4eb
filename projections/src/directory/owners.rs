//! The owners that touchpoints name, the last touched first.

use ownerline_proto::time::Instant;

use super::OWNER_VIEWS;
use crate::network::{Network, refuse_unknown_dealer};
use crate::timeline::{self, OwnerPlace, OwnersPage, OwnersQuery};
use crate::{AnswerError, Snapshots, Vantage};

/// A question about which owners there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnersQuestion {
    /// Only owners whose last touchpoint that names a dealer names this one.
    pub dealer_id: Option<String>,
    /// The place of the last owner of the page before.
    pub after: Option<OwnerPlace>,
    /// Owners of the page at most.
    pub limit: usize,
}

/// Answers one page of owners.
///
/// # Errors
/// If nothing names the dealer asked for, or a state cannot be read.
pub fn owners(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: OwnersQuestion,
) -> Result<OwnersPage, AnswerError> {
    let [timeline, _, network, feedback] = OWNER_VIEWS.map(|view| snapshots.state(view));
    let validity = vantage.validity()?;
    let query = OwnersQuery {
        dealer_id: question.dealer_id,
        as_of: vantage.as_of,
        known_at: vantage.known_at,
        after: question.after,
        limit: question.limit,
    };
    let cancellation = vantage.cancellation();
    let page = timeline::owners(timeline, &validity, vantage.viewer, &query, cancellation)?;
    if let Some(dealer_id) = query.dealer_id.filter(|_| page.owners.is_empty()) {
        let network = Network::load(network, &validity, Instant::MAX)?;
        let viewer = vantage.viewer;
        refuse_unknown_dealer("dealer_id", &dealer_id, &network, feedback, viewer)?;
    }
    Ok(page)
}
