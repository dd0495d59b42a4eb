//! Evidence that was undone, and the fact that a piece of evidence reports.
//!
//! - A purchase does not count if its order is cancelled.
//! - A confirmation, rejection or breach in an excluded feedback does not count; score and words are shown with weight 0.
//! - A breach does not count if it was revised away, if it is of a task, or if the touchpoint that opened the obligation
//!   was retracted.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use ownerline_proto::time::Instant;

use super::facts::Fact;
use super::model::Evidence;
use super::rows::{ORIGINS, Obligation, Row, RowKind};
use super::states::AdvocacyStates;
use super::stream_row::StreamRow;
use crate::Validity;
use crate::fold::state::StateError;
use crate::vehicles::order;

/// Looks up touchpoints elsewhere that undo evidence.
#[derive(Clone, Copy)]
pub(super) struct UndoLookup<'s> {
    pub states: AdvocacyStates<'s>,
    pub validity: &'s Validity<'s>,
    pub as_of: Instant,
}

impl UndoLookup<'_> {
    fn order_is_cancelled(&self, order_id: &str) -> Result<bool, StateError> {
        if order_id.is_empty() {
            return Ok(false);
        }
        let order = order(self.states.vehicles, self.validity, order_id, self.as_of)?;
        Ok(order.is_some_and(|order| order.is_cancelled))
    }

    /// Whether a touchpoint was retracted and no correction of it is in force.
    fn is_retracted(&self, source: &str, id: &str) -> Result<bool, StateError> {
        let standing = self.validity.standing(source, id)?;
        Ok(standing.retracted_by.is_some() && standing.corrected_by.is_none())
    }

    /// Returns the stream of the first case that came from a feedback.
    fn case_from(&self, feedback_id: &str) -> Result<Option<String>, StateError> {
        let mut stream = None;
        let origins = ORIGINS.up_to([feedback_id], self.as_of);
        origins.counted_until_break(self.states.advocacy, self.validity, |_, entry| {
            stream = Some(entry.text()?.to_owned());
            Ok(ControlFlow::Break(()))
        })?;
        Ok(stream)
    }
}

/// The context of evidence in one stream: what its other rows say about it.
pub(super) struct StreamContext<'r> {
    stream: &'r str,
    undo: UndoLookup<'r>,
    /// Whether the feedback is excluded.
    excluded: bool,
    /// By obligation: the revisions of its outcome, in history order.
    revisions: BTreeMap<&'r [u8], Vec<(i64, &'r Obligation)>>,
    /// By source and id: made promises and assigned tasks, in force or not.
    openings: BTreeMap<(&'r str, &'r str), &'r Row>,
    promises: BTreeMap<&'r [u8], Promise>,
}

/// The state of a promise while its stream is read.
#[derive(Default)]
struct Promise {
    /// The number of times it was made again after it had ended.
    round: u32,
    has_ended: bool,
}

impl<'r> StreamContext<'r> {
    pub(super) fn new<H>(
        stream: &'r str,
        rows: &'r [StreamRow<H>],
        excluded: bool,
        undo: UndoLookup<'r>,
    ) -> Self {
        let mut context = Self {
            stream,
            undo,
            excluded,
            revisions: BTreeMap::new(),
            openings: BTreeMap::new(),
            promises: BTreeMap::new(),
        };
        for row in rows {
            match (row.row.kind(), &row.row.obligation) {
                (RowKind::CommitmentMade | RowKind::TaskAssigned, _) => {
                    let name = (row.key.source.as_str(), row.key.id.as_str());
                    context.openings.insert(name, &row.row);
                }
                (RowKind::ObligationOutcomeRevised, Some(obligation)) if row.in_force => {
                    let revisions = context.revisions.entry(&row.row.about).or_default();
                    revisions.push((row.key.occurred_at, obligation));
                }
                _ => {}
            }
        }
        context
    }

    /// Moves on to the next row in force; call it before [`Self::is_undone`] and [`Self::fact`].
    pub(super) fn advance(&mut self, row: &'r Row) {
        let ends = match row.kind() {
            RowKind::CommitmentMade => false,
            RowKind::CommitmentKept | RowKind::CommitmentBroken | RowKind::CommitmentWithdrawn => {
                true
            }
            _ => return,
        };
        let promise = self.promises.entry(&row.about).or_default();
        promise.round += u32::from(promise.has_ended && !ends);
        promise.has_ended = ends;
    }

    /// Whether the fact of a row was undone.
    pub(super) fn is_undone<H>(&self, row: &StreamRow<H>) -> Result<bool, StateError> {
        Ok(match row.row.kind() {
            RowKind::Repurchased | RowKind::RefereePurchased => {
                self.undo.order_is_cancelled(&row.row.order_id)?
            }
            RowKind::ResolutionConfirmed | RowKind::ResolutionRejected => self.excluded,
            RowKind::ObligationBreached => self.excluded || self.is_breach_undone(row)?,
            _ => false,
        })
    }

    fn is_breach_undone<H>(&self, row: &StreamRow<H>) -> Result<bool, StateError> {
        let Some(breach) = &row.row.obligation else {
            return Ok(false);
        };
        let (source, id) = (breach.cause_source.as_str(), breach.cause_id.as_str());
        let opening = self.openings.get(&(source, id));
        if opening.is_some_and(|row| row.kind() == RowKind::TaskAssigned) {
            return Ok(true);
        }
        let revisions = self.revisions.get(row.row.about.as_slice());
        let later = |(at, revision): &&(i64, &Obligation)| {
            // A revision by an earlier version of the policy does not concern a breach by a later one.
            let replaced = revision.policy == breach.policy && revision.version < breach.version;
            *at >= row.key.occurred_at && !replaced
        };
        let last = revisions.and_then(|all| all.iter().rfind(later));
        if last.is_some_and(|(_, revision)| !revision.is_missed) {
            return Ok(true);
        }
        Ok(!id.is_empty() && self.undo.is_retracted(source, id)?)
    }

    /// Returns the fact that a piece of evidence in a row reports.
    pub(super) fn fact(&self, row: &Row, evidence: Evidence) -> Result<Fact, StateError> {
        Ok(match evidence {
            Evidence::ReferralMade
            | Evidence::ConsiderationListed
            | Evidence::RefereeTestDrove
            | Evidence::AdvocacyObserved
            | Evidence::ThemeHit => Fact::from_name(evidence, row.about.clone()),
            Evidence::RefereePurchased if row.about.is_empty() && row.order_id.is_empty() => {
                Fact::Own
            }
            Evidence::RefereePurchased => Fact::FriendBought {
                friend: row.about.clone(),
                order_id: row.order_id.clone(),
            },
            Evidence::Repurchased => Fact::Bought(row.order_id.clone()),
            Evidence::Defected if row.about.is_empty() => Fact::Own,
            Evidence::Defected => Fact::Left(row.about.clone()),
            Evidence::CommitmentKept | Evidence::CommitmentBroken => {
                Fact::from_name(evidence, self.promise(&row.about))
            }
            Evidence::ResolutionConfirmed | Evidence::ResolutionRejected => {
                Fact::from_name(evidence, self.resolved_stream(row)?.into_bytes())
            }
            Evidence::ObligationBreached => self.breach_fact(row),
            Evidence::DefectRepeated => Fact::Reported {
                visit: self.stream.into(),
                defect_id: row.defect_id.clone(),
            },
            Evidence::SurveyAnswered => Fact::Own,
        })
    }

    /// Returns the name of a promise: its case, its id and its round. Empty if it has no id.
    fn promise(&self, about: &[u8]) -> Vec<u8> {
        if about.is_empty() {
            return Vec::new();
        }
        let round = self.promises.get(about).map_or(0, |promise| promise.round);
        let case = self.stream.as_bytes();
        [case, &[0], about, &round.to_be_bytes()].concat()
    }

    /// Returns the fact of a breach. A missed promise is one fact, declared broken or run out of time.
    fn breach_fact(&self, row: &Row) -> Fact {
        let cause = row
            .obligation
            .as_ref()
            .map(|obligation| (&*obligation.cause_source, &*obligation.cause_id));
        let opening = cause.and_then(|cause| self.openings.get(&cause));
        match opening.map(|opening| self.promise(&opening.about)) {
            Some(promise) if !promise.is_empty() => {
                Fact::Named(Evidence::CommitmentBroken, promise)
            }
            _ => Fact::from_name(Evidence::ObligationBreached, row.about.clone()),
        }
    }

    /// Returns the stream that a confirmation or rejection is about: the case it names, else the case that
    /// came from its feedback, else its own stream.
    fn resolved_stream(&self, row: &Row) -> Result<String, StateError> {
        if !row.case_id.is_empty() {
            return Ok(format!("case-{}", row.case_id));
        }
        let case = match self.stream.strip_prefix("feedback-") {
            Some(feedback_id) => self.undo.case_from(feedback_id)?,
            None => None,
        };
        Ok(case.unwrap_or_else(|| self.stream.to_owned()))
    }
}
