//! From the rows of one stream to the evidence in it.
//!
//! A feedback is one item, however often it was received or edited: its last score and its last words
//! count, each from when it was told. What is excluded counts for nothing; a survey's score that an
//! undecided signal names counts half. A story told in public is an item of words of its own.

use std::sync::Arc;

use super::lexicon::ThemeHit;
use super::model::Evidence;
use super::rows::{Row, Says};
use super::suspicion::Suspicion;
use crate::HistoryKey;
use crate::state::StateError;

/// A row as it was and as it was known.
pub(super) struct StreamRow<H> {
    pub key: HistoryKey,
    pub row: Row,
    /// What its words are about.
    pub hits: Vec<H>,
    pub in_force: bool,
}

/// A theme of a text, in as many words as a question needs.
pub(super) trait Signed {
    fn sign(&self) -> i32;
}

impl Signed for ThemeHit {
    fn sign(&self) -> i32 {
        self.sign
    }
}

/// The sign alone.
impl Signed for i32 {
    fn sign(&self) -> i32 {
        *self
    }
}

/// Evidence in a row.
pub(super) struct Found<'r, H> {
    /// The place of its row.
    pub place: usize,
    pub row: &'r StreamRow<H>,
    pub evidence: Evidence,
    /// Between -1 and 1.
    pub value: f64,
    /// Between 0 and 1: what takes from its strength.
    pub suspicion: f64,
    pub hit: Option<&'r H>,
}

/// One piece of evidence.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub key: HistoryKey,
    pub stream: Arc<str>,
    pub evidence: Evidence,
    /// Between -1 and 1.
    pub value: f64,
    /// Between 0 and 1: what takes from its strength.
    pub suspicion: f64,
    pub hit: Option<ThemeHit>,
    /// Of a report that is evidence only if it is a repeat.
    pub defect_id: String,
}

impl Piece {
    pub(super) fn of(stream: &Arc<str>, found: &Found<'_, ThemeHit>) -> Self {
        Self {
            key: found.row.key.clone(),
            stream: Arc::clone(stream),
            evidence: found.evidence,
            value: found.value,
            suspicion: found.suspicion,
            hit: found.hit.cloned(),
            defect_id: found.row.row.defect_id.clone(),
        }
    }
}

/// Tells the evidence of a stream, in history order; reports of defects are told as if each were a repeat.
pub(super) fn pieces<H: Signed>(
    rows: &[StreamRow<H>],
    suspicion: &Suspicion<'_>,
    mut tell: impl FnMut(Found<'_, H>),
) -> Result<(), StateError> {
    let says = |row: &StreamRow<H>| row.row.says();
    let is_item =
        |row: &StreamRow<H>| matches!(says(row), Says::FeedbackReceived | Says::FeedbackEdited);
    let (mut excluded, mut scored, mut worded) = (false, None, None);
    for (place, row) in rows.iter().enumerate().filter(|(_, row)| row.in_force) {
        excluded |= says(row) == Says::FeedbackExcluded;
        if row.row.score.is_some() {
            scored = Some(place);
        }
        if is_item(row) && row.row.words {
            worded = Some(place);
        }
    }
    let mut suspected = false;
    if scored.is_some() && !excluded {
        // A signal keeps naming the item when what it named was corrected.
        for row in rows.iter().filter(|row| is_item(row)) {
            suspected |= suspicion.names(&row.key.source, &row.key.id)?;
        }
    }
    let doubt = match (excluded, suspected) {
        (true, _) => 1.0,
        (false, true) => 0.5,
        (false, false) => 0.0,
    };
    for (place, row) in rows.iter().enumerate().filter(|(_, row)| row.in_force) {
        let mut tell = |evidence: Evidence, value: f64, suspicion: f64, hit| {
            tell(Found {
                place,
                row,
                evidence,
                value,
                suspicion,
                hit,
            });
        };
        if let Some((evidence, value)) = plain(&row.row) {
            tell(evidence, value, 0.0, None);
        }
        if let Some(score) = row.row.score.filter(|_| scored == Some(place)) {
            tell(Evidence::SurveyAnswered, of_score(score), doubt, None);
        }
        if !is_item(row) || worded == Some(place) {
            let excluded = if excluded { 1.0 } else { 0.0 };
            for hit in &row.hits {
                tell(
                    Evidence::ThemeHit,
                    f64::from(hit.sign()),
                    excluded,
                    Some(hit),
                );
            }
        }
    }
    Ok(())
}

/// The value of an answer from 0 to 10.
fn of_score(score: i32) -> f64 {
    ((f64::from(score) - 7.5) / 2.5).clamp(-1.0, 1.0)
}

/// Evidence that a touchpoint is by its kind.
fn plain(row: &Row) -> Option<(Evidence, f64)> {
    Some(match row.says() {
        Says::ReferralMade => (Evidence::ReferralMade, 1.0),
        Says::ConsiderationListed => (Evidence::ConsiderationListed, 1.0),
        Says::RefereeTestDrove => (Evidence::RefereeTestDrove, 1.0),
        Says::RefereePurchased => (Evidence::RefereePurchased, 1.0),
        Says::AdvocacyObserved if row.against => (Evidence::AdvocacyObserved, -1.0),
        Says::AdvocacyObserved => (Evidence::AdvocacyObserved, 1.0),
        Says::Repurchased => (Evidence::Repurchased, 1.0),
        Says::Defected => (Evidence::Defected, -1.0),
        Says::CommitmentKept => (Evidence::CommitmentKept, 0.5),
        Says::CommitmentBroken => (Evidence::CommitmentBroken, -1.0),
        Says::ResolutionConfirmed => (Evidence::ResolutionConfirmed, 1.0),
        Says::ResolutionRejected => (Evidence::ResolutionRejected, -0.5),
        Says::DefectReported if row.defect_id.is_empty() => return None,
        Says::DefectReported => (Evidence::DefectRepeated, -0.7),
        Says::ObligationBreached => (Evidence::ObligationBreached, -0.5),
        Says::Unknown
        | Says::FeedbackReceived
        | Says::FeedbackEdited
        | Says::FeedbackExcluded
        | Says::OwnerRegistered
        | Says::PriorBrandRecorded => return None,
    })
}
