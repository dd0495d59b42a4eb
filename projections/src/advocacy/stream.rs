//! From the rows of one stream to the evidence in it.
//!
//! A feedback is one item, however often it was received or edited: its last score and its last words
//! count, each from when it was told. What is excluded counts for nothing; a survey's score that an
//! undecided signal names counts half. A story told in public is an item of words of its own.

use super::facts::Fact;
use super::lexicon::ThemeHit;
use super::model::Evidence;
use super::rows::{Row, Says};
use super::stream_row::{StreamRow, is_of_item};
use super::suspicion::Suspicion;
use super::undone::{Matter, Undone};
use crate::HistoryKey;
use crate::fold::state::StateError;

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
    pub fact: Fact,
}

/// One piece of evidence.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub key: HistoryKey,
    pub evidence: Evidence,
    /// Between -1 and 1.
    pub value: f64,
    /// Between 0 and 1: what takes from its strength.
    pub suspicion: f64,
    pub hit: Option<ThemeHit>,
    pub fact: Fact,
}

impl Piece {
    pub(super) fn of(found: Found<'_, ThemeHit>) -> Self {
        Self {
            key: found.row.key.clone(),
            evidence: found.evidence,
            value: found.value,
            suspicion: found.suspicion,
            hit: found.hit.cloned(),
            fact: found.fact,
        }
    }
}

/// The item of feedback that a stream may be.
#[derive(Default)]
struct Item {
    excluded: bool,
    /// The place of the row whose score counts.
    scored: Option<usize>,
    /// The place of the row whose words count.
    worded: Option<usize>,
    /// Between 0 and 1: what takes from the strength of its score.
    doubt: f64,
}

impl Item {
    fn of<H>(rows: &[StreamRow<H>], suspicion: &Suspicion<'_>) -> Result<Self, StateError> {
        let mut item = Self::default();
        for (place, row) in in_force(rows) {
            item.excluded |= row.row.says() == Says::FeedbackExcluded;
            if row.row.score.is_some() {
                item.scored = Some(place);
            }
            if is_of_item(row) && row.row.words {
                item.worded = Some(place);
            }
        }
        let mut suspected = false;
        if item.scored.is_some() && !item.excluded {
            // A signal keeps naming the item when what it named was corrected.
            for row in rows.iter().filter(|row| is_of_item(row)) {
                suspected |= suspicion.names(&row.key.source, &row.key.id)?;
            }
        }
        item.doubt = match (item.excluded, suspected) {
            (true, _) => 1.0,
            (false, true) => 0.5,
            (false, false) => 0.0,
        };
        Ok(item)
    }
}

fn in_force<H>(rows: &[StreamRow<H>]) -> impl Iterator<Item = (usize, &StreamRow<H>)> {
    rows.iter().enumerate().filter(|(_, row)| row.in_force)
}

/// Tells the evidence of a stream, in history order, but for what was [undone](super::undone). Of the same person
/// [not all of it counts](super::facts).
pub(super) fn pieces<H: Signed>(
    stream: &str,
    rows: &[StreamRow<H>],
    suspicion: &Suspicion<'_>,
    undone: Undone<'_>,
    mut tell: impl FnMut(Found<'_, H>),
) -> Result<(), StateError> {
    let item = Item::of(rows, suspicion)?;
    let mut matter = Matter::new(stream, rows, item.excluded, undone);
    for (place, row) in in_force(rows) {
        matter.hears(&row.row);
        let mut tell = |evidence: Evidence, value: f64, suspicion: f64, hit, fact| {
            tell(Found {
                place,
                row,
                evidence,
                value,
                suspicion,
                hit,
                fact,
            });
        };
        if let Some((evidence, value)) = plain(&row.row)
            && !matter.is_undone(row)?
        {
            tell(evidence, value, 0.0, None, matter.fact(&row.row, evidence)?);
        }
        if let Some(score) = row.row.score.filter(|_| item.scored == Some(place)) {
            let (evidence, value) = (Evidence::SurveyAnswered, of_score(score));
            tell(evidence, value, item.doubt, None, Fact::Own);
        }
        if !is_of_item(row) || item.worded == Some(place) {
            let excluded = if item.excluded { 1.0 } else { 0.0 };
            for hit in &row.hits {
                let (evidence, value) = (Evidence::ThemeHit, f64::from(hit.sign()));
                let fact = matter.fact(&row.row, evidence)?;
                tell(evidence, value, excluded, Some(hit), fact);
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
        | Says::PriorBrandRecorded
        | Says::CommitmentMade
        | Says::CommitmentWithdrawn
        | Says::TaskAssigned
        | Says::ObligationOutcomeRevised => return None,
    })
}
