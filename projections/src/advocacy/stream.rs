//! Extracts the evidence from the rows of one stream.
//!
//! A feedback is one item, however often it was received or edited: its last score and its last words count, each from
//! its own touchpoint. Excluded evidence has weight 0; a survey score that an undecided signal names counts half. A
//! public story has words of its own.

use super::facts::Fact;
use super::lexicon::ThemeHit;
use super::model::Evidence;
use super::rows::{Row, RowKind};
use super::stream_row::{StreamRow, is_of_item};
use super::suspicion::Suspicion;
use super::undone::{StreamContext, UndoLookup};
use crate::HistoryKey;
use crate::fold::state::StateError;

/// A theme of a text, in as much detail as the query needs.
pub(super) trait Signed {
    fn sign(&self) -> i32;
}

impl Signed for ThemeHit {
    fn sign(&self) -> i32 {
        self.sign
    }
}

/// A theme reduced to its sign.
impl Signed for i32 {
    fn sign(&self) -> i32 {
        *self
    }
}

/// A piece of evidence in a row.
pub(super) struct RowEvidence<'r, H> {
    /// The index of its row.
    pub place: usize,
    pub row: &'r StreamRow<H>,
    pub evidence: Evidence,
    /// Between -1 and 1.
    pub value: f64,
    /// Between 0 and 1; reduces the strength.
    pub suspicion: f64,
    pub hit: Option<&'r H>,
    pub fact: Fact,
}

/// One piece of evidence, independent of its rows.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub key: HistoryKey,
    pub evidence: Evidence,
    /// Between -1 and 1.
    pub value: f64,
    /// Between 0 and 1; reduces the strength.
    pub suspicion: f64,
    pub hit: Option<ThemeHit>,
    pub fact: Fact,
}

impl Piece {
    pub(super) fn of(evidence: RowEvidence<'_, ThemeHit>) -> Self {
        Self {
            key: evidence.row.key.clone(),
            evidence: evidence.evidence,
            value: evidence.value,
            suspicion: evidence.suspicion,
            hit: evidence.hit.cloned(),
            fact: evidence.fact,
        }
    }
}

/// The feedback item of a stream, if it is one of feedback.
#[derive(Default)]
struct Item {
    excluded: bool,
    /// The index of the row whose score counts.
    scored: Option<usize>,
    /// The index of the row whose words count.
    worded: Option<usize>,
    /// Between 0 and 1; reduces the strength of its score.
    suspicion: f64,
}

impl Item {
    fn of<H>(rows: &[StreamRow<H>], suspicion: &Suspicion<'_>) -> Result<Self, StateError> {
        let mut item = Self::default();
        for (place, row) in in_force(rows) {
            item.excluded |= row.row.kind() == RowKind::FeedbackExcluded;
            if row.row.score.is_some() {
                item.scored = Some(place);
            }
            if is_of_item(row) && row.row.words {
                item.worded = Some(place);
            }
        }
        let mut suspected = false;
        if item.scored.is_some() && !item.excluded {
            // A signal still concerns the item after a correction of the touchpoint that it names.
            for row in rows.iter().filter(|row| is_of_item(row)) {
                suspected |= suspicion.names(&row.key.source, &row.key.id)?;
            }
        }
        item.suspicion = match (item.excluded, suspected) {
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

/// Visits the evidence of a stream, in history order, without what was [undone](super::undone). For one person
/// [not all of it counts](super::facts).
pub(super) fn pieces<H: Signed>(
    stream: &str,
    rows: &[StreamRow<H>],
    suspicion: &Suspicion<'_>,
    undo: UndoLookup<'_>,
    mut visit: impl FnMut(RowEvidence<'_, H>),
) -> Result<(), StateError> {
    let item = Item::of(rows, suspicion)?;
    let mut context = StreamContext::new(stream, rows, item.excluded, undo);
    for (place, row) in in_force(rows) {
        context.advance(&row.row);
        let mut visit = |evidence: Evidence, value: f64, suspicion: f64, hit, fact| {
            visit(RowEvidence {
                place,
                row,
                evidence,
                value,
                suspicion,
                hit,
                fact,
            });
        };
        if let Some((evidence, value)) = evidence_of_kind(&row.row)
            && !context.is_undone(row)?
        {
            visit(
                evidence,
                value,
                0.0,
                None,
                context.fact(&row.row, evidence)?,
            );
        }
        if let Some(score) = row.row.score.filter(|_| item.scored == Some(place)) {
            let (evidence, value) = (Evidence::SurveyAnswered, survey_value(score));
            visit(evidence, value, item.suspicion, None, Fact::Own);
        }
        if !is_of_item(row) || item.worded == Some(place) {
            let excluded = if item.excluded { 1.0 } else { 0.0 };
            for hit in &row.hits {
                let (evidence, value) = (Evidence::ThemeHit, f64::from(hit.sign()));
                let fact = context.fact(&row.row, evidence)?;
                visit(evidence, value, excluded, Some(hit), fact);
            }
        }
    }
    Ok(())
}

/// Returns the value of a survey score from 0 to 10.
fn survey_value(score: i32) -> f64 {
    ((f64::from(score) - 7.5) / 2.5).clamp(-1.0, 1.0)
}

/// Returns the evidence that follows from the kind of a row alone, with its value.
fn evidence_of_kind(row: &Row) -> Option<(Evidence, f64)> {
    Some(match row.kind() {
        RowKind::ReferralMade => (Evidence::ReferralMade, 1.0),
        RowKind::ConsiderationListed => (Evidence::ConsiderationListed, 1.0),
        RowKind::RefereeTestDrove => (Evidence::RefereeTestDrove, 1.0),
        RowKind::RefereePurchased => (Evidence::RefereePurchased, 1.0),
        RowKind::AdvocacyObserved if row.against => (Evidence::AdvocacyObserved, -1.0),
        RowKind::AdvocacyObserved => (Evidence::AdvocacyObserved, 1.0),
        RowKind::Repurchased => (Evidence::Repurchased, 1.0),
        RowKind::Defected => (Evidence::Defected, -1.0),
        RowKind::CommitmentKept => (Evidence::CommitmentKept, 0.5),
        RowKind::CommitmentBroken => (Evidence::CommitmentBroken, -1.0),
        RowKind::ResolutionConfirmed => (Evidence::ResolutionConfirmed, 1.0),
        RowKind::ResolutionRejected => (Evidence::ResolutionRejected, -0.5),
        RowKind::DefectReported if row.defect_id.is_empty() => return None,
        RowKind::DefectReported => (Evidence::DefectRepeated, -0.7),
        RowKind::ObligationBreached => (Evidence::ObligationBreached, -0.5),
        RowKind::Unknown
        | RowKind::FeedbackReceived
        | RowKind::FeedbackEdited
        | RowKind::FeedbackExcluded
        | RowKind::OwnerRegistered
        | RowKind::PriorBrandRecorded
        | RowKind::CommitmentMade
        | RowKind::CommitmentWithdrawn
        | RowKind::TaskAssigned
        | RowKind::ObligationOutcomeRevised => return None,
    })
}
