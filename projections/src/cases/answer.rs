//! The answer about one case.

use std::collections::BTreeSet;

use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::due::{dues, overdue};
use super::flag::CaseFlag;
use super::history::CaseHistory;
use super::load::{CaseReader, CaseStates};
use super::sheet::CaseSheet;
use super::summary::Due;
use crate::network;
use crate::newest::newest;
use crate::obligation::Detail;
use crate::obligation::case::{Fate, Promise, PromiseFlag, details, obligations, promises};
use crate::person::PersonLookup;
use crate::policy::{self, Supposed, terms_in_force};
use crate::{AnswerError, Position, Snapshots, TouchpointKey, Vantage};

/// The views that the answer about one case is computed from.
pub const CASE_VIEWS: [&str; 9] = {
    let [a, b, c, d, e, f, g] = CaseStates::VIEWS;
    [a, b, c, d, e, f, g, policy::VIEW.name, network::VIEW.name]
};

/// A question about one case.
#[derive(Debug, Clone, Default)]
pub struct CaseQuestion {
    /// The case.
    pub case_id: String,
    /// The policy to suppose instead of those in force.
    pub what_if: Option<Supposed>,
}

/// The answer about one case, without texts of the log.
#[derive(Debug, Clone)]
pub struct CaseAnswer {
    /// Its history, from which [`CaseSheet`] follows.
    pub history: CaseHistory,
    /// What it owes and owed, in the order in which it began.
    pub details: Vec<Detail>,
    /// Its promises and tasks, round by round, in the order in which they were first spoken of.
    pub promises: Vec<Promise>,
}

/// Answers a question about one case.
///
/// # Errors
/// [`AnswerError::Unknown`] if no known touchpoint is of its stream or names it, or the viewer may see none of its
/// responsible dealers. An error also if the supposed SLA cannot be applied, or a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &CaseQuestion,
) -> Result<CaseAnswer, AnswerError> {
    let unknown = || AnswerError::Unknown {
        what: "case",
        id: question.case_id.clone(),
    };
    let terms = terms_in_force(snapshots, vantage, question.what_if.as_ref())?;
    let validity = vantage.validity()?;
    let states = CaseStates::of(snapshots);
    let persons = PersonLookup::new(states.timeline.identity, &validity);
    let reader = CaseReader::at(states, vantage, &validity, &persons);
    let history = reader.history(&question.case_id)?.ok_or_else(unknown)?;
    let viewer = vantage.viewer;
    let sheet = CaseSheet::of(&history);
    let mut dealers = sheet.dealers.iter().map(|segment| &segment.dealer_id);
    if !viewer.sees_network() && !dealers.any(|dealer_id| viewer.sees_dealer(dealer_id)) {
        return Err(unknown());
    }
    let owed = obligations(&history, &terms);
    Ok(CaseAnswer {
        details: details(&history, owed, &terms),
        promises: promises(&history),
        history,
    })
}

impl CaseAnswer {
    /// What is overdue at the instant of the answer, the oldest first.
    #[must_use]
    pub fn overdue(&self) -> Vec<Due> {
        let obligations = self.details.iter().map(|it| &it.obligation);
        let mut dues = dues(obligations, &self.promises);
        dues.truncate(overdue(&dues, self.history.as_of));
        dues
    }

    /// Everything odd about the case.
    #[must_use]
    pub fn flags(&self, sheet: &CaseSheet<'_>) -> BTreeSet<CaseFlag> {
        let mut flags = sheet.flags.clone();
        for promise in &self.promises {
            if promise.flags.contains(&PromiseFlag::Unmatched) {
                flags.insert(match promise.kind {
                    Kind::Task => CaseFlag::UnmatchedTask,
                    _ => CaseFlag::UnmatchedCommitment,
                });
            }
        }
        flags
    }

    /// The promises of one kind, commitments or tasks.
    #[must_use]
    pub fn promises_of(&self, kind: Kind) -> Vec<&Promise> {
        let promises = self.promises.iter();
        promises.filter(|it| it.kind == kind).collect()
    }

    /// The commitments that were made and not kept by their last round, each once.
    #[must_use]
    pub fn not_kept(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for promise in self.promises_of(Kind::Commitment) {
            found.retain(|id| *id != promise.id);
            let is_kept = matches!(promise.fate, Fate::Kept | Fate::KeptLate);
            if promise.made.is_some() && !is_kept {
                found.push(&promise.id);
            }
        }
        found
    }

    /// The touchpoints that are shown of a round of a promise: what told of it first and last, and what ended it.
    pub fn shown_of(promise: &Promise) -> impl Iterator<Item = &TouchpointKey> {
        let made = promise.made.as_ref().map(|made| &made.key);
        let ended = promise.ended.as_ref().map(|(key, _)| key);
        [made, promise.told.last(), ended].into_iter().flatten()
    }

    /// The positions of the touchpoints whose texts are shown.
    #[must_use]
    pub fn positions(&self, sheet: &CaseSheet<'_>) -> BTreeSet<Position> {
        let mut shown = BTreeSet::new();
        let opening = sheet.course.opening;
        let root_cause = &sheet.root_cause;
        let last = [
            opening,
            sheet.assessment.last,
            sheet.desired_outcome,
            root_cause.requested,
            root_cause.provided,
            root_cause.declined,
        ];
        shown.extend(last.into_iter().flatten().map(|fact| fact.position()));
        for facts in [
            &sheet.contacts,
            &sheet.updates.all,
            &sheet.escalations,
            &sheet.notices,
        ] {
            let (facts, _) = newest(facts);
            shown.extend(facts.iter().map(|fact| fact.position()));
        }
        for step in newest(&sheet.steps).0 {
            let facts = [step.proposed, step.answered].into_iter().flatten();
            shown.extend(facts.map(|fact| fact.position()));
        }
        let advocates = &sheet.advocates;
        for list in [&advocates.present, &advocates.former] {
            for advocate in newest(list).0 {
                let facts = [advocate.assigned, advocate.ended].into_iter().flatten();
                shown.extend(facts.map(|fact| fact.position()));
            }
        }
        for episode in newest(&sheet.course.episodes).0 {
            let facts = [
                Some(episode.opened_by),
                episode.resolved_by(),
                episode.verdict_by,
            ];
            let closings = newest(&episode.closings).0.iter().copied();
            let facts = facts.into_iter().flatten().chain(closings);
            shown.extend(facts.map(|fact| fact.position()));
        }
        let pauses: Vec<_> = sheet.course.pauses().collect();
        for pause in newest(&pauses).0 {
            let facts = [Some(pause.by), pause.ended_by].into_iter().flatten();
            shown.extend(facts.map(|fact| fact.position()));
        }
        let mut of_promises = BTreeSet::new();
        for kind in [Kind::Commitment, Kind::Task] {
            for promise in newest(&self.promises_of(kind)).0 {
                of_promises.extend(Self::shown_of(promise).cloned());
            }
        }
        let facts = self.history.facts.iter();
        let facts = facts.filter(|fact| of_promises.contains(&fact.touchpoint()));
        shown.extend(facts.map(|fact| fact.position()));
        shown
    }
}
