//! The query for the advocacy score of one person, as it was and as it was known.

use std::collections::BTreeSet;

use super::background::Background;
use super::means::Means;
use super::model::Model;
use super::person;
use super::score::{Score, score};
use super::states::AdvocacyStates;
use crate::fold::key::is_plain;
use crate::person::identity::person_ids;
use crate::timeline::{TimelineError, exists};
use crate::vantage::{AnswerError, Snapshots, Vantage};
use crate::{Position, Validity};
use ownerline_proto::time::Instant;

/// A query about one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvocacyQuery {
    /// Any id of the person.
    pub owner_id: String,
    /// As it was: everything that occurred at or before this instant. Evidence decays up to it.
    pub as_of: Instant,
    /// As it was known: everything recorded at or before this position.
    pub known_at: Position,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnerAdvocacy {
    /// Every id of the person.
    pub owner_ids: BTreeSet<String>,
    /// The score with all its evidence.
    pub score: Score,
    /// The brand means that it was pulled towards.
    pub means: Means,
    /// The background of the person.
    pub background: Background,
}

/// Answers the score of one person. `means` are those of [`super::month_start`] of the earlier of `as_of` and the
/// instant at which the log recorded position `known_at`.
///
/// # Errors
/// If the owner is unknown at the position of the query, too many ids are linked to theirs, or a state cannot be read.
pub fn owner_advocacy(
    states: AdvocacyStates<'_>,
    query: &AdvocacyQuery,
    model: &Model,
    means: &Means,
) -> Result<OwnerAdvocacy, TimelineError> {
    let AdvocacyQuery {
        owner_id,
        as_of,
        known_at,
    } = query;
    let unknown = || TimelineError::UnknownOwner {
        owner_id: owner_id.clone(),
        known_at: *known_at,
    };
    if !is_plain(owner_id) {
        return Err(unknown());
    }
    let validity = Validity::new(states.timeline.corrections, *known_at)?;
    let owner_ids = person_ids(states.timeline.identity, &validity, owner_id)?;
    let person = person::read(states, &validity, &owner_ids, *as_of, model)?;
    if person.pieces.is_empty() && !exists(states.timeline, owner_id, *known_at)? {
        return Err(unknown());
    }
    let pieces = (person.pieces.iter()).map(|(piece, owner_id)| (piece, owner_id.as_str()));
    Ok(OwnerAdvocacy {
        owner_ids,
        score: score(pieces, model, means, *as_of),
        means: *means,
        background: person.background,
    })
}

/// Answers the score of one person by a model and the brand means: see [`owner_advocacy`].
///
/// # Errors
/// If the owner is unknown or too many ids are linked to theirs, the viewer may not see the whole network, or a state cannot
/// be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    owner_id: String,
    model: &Model,
    means: &Means,
) -> Result<OwnerAdvocacy, AnswerError> {
    if !vantage.viewer.sees_network() {
        return Err(AnswerError::OutOfScope { what: "a score" });
    }
    let query = AdvocacyQuery {
        owner_id,
        as_of: vantage.as_of,
        known_at: vantage.known_at,
    };
    let states = AdvocacyStates::of(snapshots);
    Ok(owner_advocacy(states, &query, model, means)?)
}
