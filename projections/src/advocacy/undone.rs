//! Evidence that is none because what it tells was undone, and what a piece of evidence in a stream tells.
//!
//! - A purchase by an order that is cancelled is none.
//! - A confirmation, rejection or breach in an excluded feedback is none; its score and words are shown, with weight 0.
//! - A breach is none if it was revised away, if it is of a task, or if what opened the obligation was retracted.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use ownerline_proto::time::Instant;

use super::facts::Fact;
use super::model::Evidence;
use super::rows::{ORIGINS, Obligation, Row, Says};
use super::states::AdvocacyStates;
use super::stream_row::StreamRow;
use crate::Validity;
use crate::fold::state::StateError;
use crate::vehicles::order;

/// Looks up what undoes evidence, as it was and as it was known.
#[derive(Clone, Copy)]
pub(super) struct Undone<'s> {
    pub states: AdvocacyStates<'s>,
    pub validity: &'s Validity<'s>,
    /// In nanoseconds since the Unix epoch.
    pub as_of: Instant,
}

impl Undone<'_> {
    fn order_is_cancelled(&self, order_id: &str) -> Result<bool, StateError> {
        if order_id.is_empty() {
            return Ok(false);
        }
        let found = order(self.states.vehicles, self.validity, order_id, self.as_of)?;
        Ok(found.is_some_and(|order| order.is_cancelled))
    }

    /// Whether a touchpoint was retracted and nothing of its chain of corrections stands in for it.
    fn is_retracted(&self, source: &str, id: &str) -> Result<bool, StateError> {
        let standing = self.validity.standing(source, id)?;
        Ok(standing.retracted_by.is_some() && standing.corrected_by.is_none())
    }

    /// The stream of the first case that came from a feedback.
    fn case_from(&self, feedback_id: &str) -> Result<Option<String>, StateError> {
        let mut found = None;
        let origins = ORIGINS.up_to([feedback_id], self.as_of);
        origins.counted_until_break(self.states.advocacy, self.validity, |_, entry| {
            found = Some(entry.text()?.to_owned());
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }
}

/// What the rows of one stream say about each other.
pub(super) struct Matter<'r> {
    stream: &'r str,
    undone: Undone<'r>,
    /// The feedback is excluded.
    excluded: bool,
    /// By obligation: how its outcome was revised, in history order.
    revisions: BTreeMap<&'r [u8], Vec<(i64, &'r Obligation)>>,
    /// By source and id: the promises made and tasks assigned, in force or not.
    openings: BTreeMap<(&'r str, &'r str), &'r Row>,
    promises: BTreeMap<&'r [u8], Promise>,
}

/// A promise while its stream is read.
#[derive(Default)]
struct Promise {
    /// How often it was made anew after it had come to an end (law/cases 14).
    round: u32,
    has_ended: bool,
}

impl<'r> Matter<'r> {
    pub(super) fn new<H>(
        stream: &'r str,
        rows: &'r [StreamRow<H>],
        excluded: bool,
        undone: Undone<'r>,
    ) -> Self {
        let mut matter = Self {
            stream,
            undone,
            excluded,
            revisions: BTreeMap::new(),
            openings: BTreeMap::new(),
            promises: BTreeMap::new(),
        };
        for it in rows {
            match (it.row.says(), &it.row.obligation) {
                (Says::CommitmentMade | Says::TaskAssigned, _) => {
                    let name = (it.key.source.as_str(), it.key.id.as_str());
                    matter.openings.insert(name, &it.row);
                }
                (Says::ObligationOutcomeRevised, Some(obligation)) if it.in_force => {
                    let revisions = matter.revisions.entry(&it.row.about).or_default();
                    revisions.push((it.key.occurred_at, obligation));
                }
                _ => {}
            }
        }
        matter
    }

    /// Takes the next row in force, before it is judged.
    pub(super) fn hears(&mut self, row: &'r Row) {
        let ends = match row.says() {
            Says::CommitmentMade => false,
            Says::CommitmentKept | Says::CommitmentBroken | Says::CommitmentWithdrawn => true,
            _ => return,
        };
        let promise = self.promises.entry(&row.about).or_default();
        promise.round += u32::from(promise.has_ended && !ends);
        promise.has_ended = ends;
    }

    /// Whether what a row tells was undone.
    pub(super) fn is_undone<H>(&self, it: &StreamRow<H>) -> Result<bool, StateError> {
        Ok(match it.row.says() {
            Says::Repurchased | Says::RefereePurchased => {
                self.undone.order_is_cancelled(&it.row.order_id)?
            }
            Says::ResolutionConfirmed | Says::ResolutionRejected => self.excluded,
            Says::ObligationBreached => self.excluded || self.breach_is_none(it)?,
            _ => false,
        })
    }

    fn breach_is_none<H>(&self, it: &StreamRow<H>) -> Result<bool, StateError> {
        let Some(breach) = &it.row.obligation else {
            return Ok(false);
        };
        let (source, id) = (breach.cause_source.as_str(), breach.cause_id.as_str());
        let opening = self.openings.get(&(source, id));
        if opening.is_some_and(|row| row.says() == Says::TaskAssigned) {
            return Ok(true);
        }
        let revisions = self.revisions.get(it.row.about.as_slice());
        let later = |(at, revision): &&(i64, &Obligation)| {
            // What an earlier version of the policy came to says nothing about a breach of a later one.
            let replaced = revision.policy == breach.policy && revision.version < breach.version;
            *at >= it.key.occurred_at && !replaced
        };
        let last = revisions.and_then(|all| all.iter().rfind(later));
        if last.is_some_and(|(_, revision)| !revision.is_missed) {
            return Ok(true);
        }
        Ok(!id.is_empty() && self.undone.is_retracted(source, id)?)
    }

    /// What a piece of evidence in a row tells.
    pub(super) fn fact(&self, row: &Row, evidence: Evidence) -> Result<Fact, StateError> {
        Ok(match evidence {
            Evidence::ReferralMade
            | Evidence::ConsiderationListed
            | Evidence::RefereeTestDrove
            | Evidence::AdvocacyObserved
            | Evidence::ThemeHit => Fact::named(evidence, row.about.clone()),
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
                Fact::named(evidence, self.promise(&row.about))
            }
            Evidence::ResolutionConfirmed | Evidence::ResolutionRejected => {
                Fact::named(evidence, self.resolved(row)?.into_bytes())
            }
            Evidence::ObligationBreached => self.breached(row),
            Evidence::DefectRepeated => Fact::Reported {
                visit: self.stream.into(),
                defect_id: row.defect_id.clone(),
            },
            Evidence::SurveyAnswered => Fact::Own,
        })
    }

    /// The name of a promise: of its case, its id and how often it was made anew. Empty if it has no id.
    fn promise(&self, about: &[u8]) -> Vec<u8> {
        if about.is_empty() {
            return Vec::new();
        }
        let round = self.promises.get(about).map_or(0, |it| it.round);
        let case = self.stream.as_bytes();
        [case, &[0], about, &round.to_be_bytes()].concat()
    }

    /// That a promise was missed is one fact, whether it was declared broken or ran out of time (law/cases 18).
    fn breached(&self, row: &Row) -> Fact {
        let cause = row
            .obligation
            .as_ref()
            .map(|it| (&*it.cause_source, &*it.cause_id));
        let opening = cause.and_then(|cause| self.openings.get(&cause));
        match opening.map(|opening| self.promise(&opening.about)) {
            Some(promise) if !promise.is_empty() => {
                Fact::Named(Evidence::CommitmentBroken, promise)
            }
            _ => Fact::named(Evidence::ObligationBreached, row.about.clone()),
        }
    }

    /// The stream of what a confirmation or rejection speaks of (law/cases 9): the case it names, else the case that
    /// came from its feedback, else what its stream is of.
    fn resolved(&self, row: &Row) -> Result<String, StateError> {
        if !row.case_id.is_empty() {
            return Ok(format!("case-{}", row.case_id));
        }
        let case = match self.stream.strip_prefix("feedback-") {
            Some(feedback_id) => self.undone.case_from(feedback_id)?,
            None => None,
        };
        Ok(case.unwrap_or_else(|| self.stream.to_owned()))
    }
}
