//! Promises and tasks of a case: their fate, and what is owed by their dates.

use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::promise::{Fate, Promise, PromiseFlag, PromiseStep, Says, promises_of};
use super::ruled::{Parts, Ruled, known_by, met_by};
use crate::cases::{CaseFact, CaseFactKind, CaseHistory};
use crate::obligation::outcome::{Ends, State};
use crate::obligation::{Obligation, Remark};

/// Every promise and task of a case, round by round, in the order in which they were first told of.
#[must_use]
pub fn promises(history: &CaseHistory) -> Vec<Promise> {
    let steps = history.told().filter_map(|fact| step(history, fact));
    promises_of(steps, history.as_of.nearest())
}

fn step<'h>(history: &'h CaseHistory, fact: &'h CaseFact) -> Option<PromiseStep<'h>> {
    let made = || Says::Made {
        due_at: due_at(fact),
        corrected_late: is_corrected_late(history, fact),
    };
    let (kind, says) = match fact.kind() {
        CaseFactKind::CommitmentMade => (Kind::Commitment, made()),
        CaseFactKind::CommitmentKept => (Kind::Commitment, Says::Kept),
        CaseFactKind::CommitmentBroken => (Kind::Commitment, Says::Broken),
        CaseFactKind::CommitmentWithdrawn => (Kind::Commitment, Says::Withdrawn),
        CaseFactKind::TaskAssigned => (Kind::Task, made()),
        CaseFactKind::TaskDone => (Kind::Task, Says::Kept),
        _ => return None,
    };
    Some(PromiseStep {
        kind,
        id: &fact.row.subject_id,
        says,
        at: fact.at(),
        key: fact.touchpoint(),
        first_key: fact.first.clone(),
    })
}

fn due_at(fact: &CaseFact) -> Option<i64> {
    fact.row.due_at.map(|due_at| due_at.nearest())
}

/// Whether a correction changed a date that had passed when the correction was recorded.
fn is_corrected_late(history: &CaseHistory, fact: &CaseFact) -> bool {
    let before = history.replaced.iter().map(|it| &it.fact);
    let mut before = before.filter(|it| it.first == fact.first);
    before.any(|before| {
        let date = due_at(before);
        date != due_at(fact) && date.is_some_and(|date| date < fact.recorded_at)
    })
}

/// What is owed by the dates of promises and tasks, in no order.
pub(super) fn dated(ruled: &Ruled<'_>, promises: &[Promise]) -> Vec<Obligation> {
    promises.iter().filter_map(|it| owed(ruled, it)).collect()
}

/// What is owed for one round, if it was made, has a date, and the terms owe it.
fn owed(ruled: &Ruled<'_>, promise: &Promise) -> Option<Obligation> {
    let (made, deadline) = (promise.made.as_ref()?, promise.deadline?);
    let opener = ruled.fact(&made.key)?;
    let (policy, term) = ruled.term(promise.kind, made.at)?;
    let term = term.by_date(made.at, deadline);
    let has_budget = term.budget > 0;
    let end = promise.ended.as_ref();
    let end = end.and_then(|(key, _)| ruled.fact(key));
    let is_met = matches!(promise.fate, Fate::Kept | Fate::KeptLate);
    let met = end.filter(|fact| is_met && ruled.may_meet(fact, &term));
    let mut owed = ruled.obligation(Parts {
        opener,
        episode: ruled.episode_of(opener),
        policy,
        term,
        pauses: Vec::new(),
        ends: Ends {
            start: made.at,
            answered: met.map(|fact| met_by(fact, known_by(fact))),
            closed: end.filter(|_| !is_met).map(CaseFact::at),
            excluded: None,
        },
        met,
        subject_id: promise.id.clone(),
        notes: notes(promise),
    });
    let outcome = &mut owed.outcome;
    outcome.due_at = promise.due_at;
    if promise.declared_missed && met.is_some() {
        outcome.state = State::AnsweredLate;
        outcome.in_time_as_told = Some(false);
        outcome.in_time_as_known = Some(false);
    }
    if !has_budget {
        outcome.share = 1.0;
    }
    Some(owed)
}

/// The remarks about a promise or a task.
fn notes(promise: &Promise) -> Vec<Remark> {
    let of_flag = |flag: &PromiseFlag| match flag {
        PromiseFlag::DueMoved => Some(Remark::DueMoved),
        PromiseFlag::MovedAfterDue => Some(Remark::MovedAfterDue),
        PromiseFlag::DueBeforeMade => Some(Remark::DueBeforeMade),
        PromiseFlag::DueCorrectedLate => Some(Remark::DueCorrectedLate),
        PromiseFlag::BrokenAndKept => Some(Remark::Broken),
        PromiseFlag::Unmatched => None,
    };
    let of_fate = match promise.fate {
        Fate::Broken => Some(Remark::Broken),
        Fate::Withdrawn => Some(Remark::Withdrawn),
        Fate::Open | Fate::Overdue | Fate::Kept | Fate::KeptLate => None,
    };
    let flags = promise.flags.iter().filter_map(of_flag);
    let mut notes: Vec<Remark> = flags.chain(of_fate).collect();
    notes.sort_unstable();
    notes.dedup();
    notes
}
