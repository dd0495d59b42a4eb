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
pub(super) struct StreamRow {
    pub key: HistoryKey,
    pub row: Row,
    /// What its words are about.
    pub hits: Vec<ThemeHit>,
    pub in_force: bool,
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

/// The evidence of a stream, in history order; reports of defects are in it as if each were a repeat.
pub(super) fn pieces(
    stream: &Arc<str>,
    rows: Vec<StreamRow>,
    suspicion: &Suspicion<'_>,
) -> Result<Vec<Piece>, StateError> {
    let says = |row: &StreamRow| row.row.says();
    let in_force = || rows.iter().filter(|row| row.in_force);
    let excluded = in_force().any(|row| says(row) == Says::FeedbackExcluded);
    let scored = in_force().rfind(|row| row.row.score.is_some());
    let scored = scored.map(|row| row.key.clone());
    let is_item =
        |row: &StreamRow| matches!(says(row), Says::FeedbackReceived | Says::FeedbackEdited);
    let worded = in_force().rfind(|row| is_item(row) && row.row.words);
    let worded = worded.map(|row| row.key.clone());
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
    let mut pieces = Vec::new();
    for StreamRow { key, row, hits, .. } in rows.into_iter().filter(|row| row.in_force) {
        let item = matches!(row.says(), Says::FeedbackReceived | Says::FeedbackEdited);
        let piece = |evidence: Evidence, value: f64, suspicion: f64, hit: Option<ThemeHit>| Piece {
            key: key.clone(),
            stream: Arc::clone(stream),
            evidence,
            value,
            suspicion,
            hit,
            defect_id: row.defect_id.clone(),
        };
        if let Some((evidence, value)) = plain(&row) {
            pieces.push(piece(evidence, value, 0.0, None));
        }
        if let Some(score) = row.score.filter(|_| scored.as_ref() == Some(&key)) {
            pieces.push(piece(
                Evidence::SurveyAnswered,
                of_score(score),
                doubt,
                None,
            ));
        }
        if !item || worded.as_ref() == Some(&key) {
            for hit in hits {
                let (sign, excluded) = (f64::from(hit.sign), if excluded { 1.0 } else { 0.0 });
                pieces.push(piece(Evidence::ThemeHit, sign, excluded, Some(hit)));
            }
        }
    }
    Ok(pieces)
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
