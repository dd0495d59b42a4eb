//! What cases owe: the fate of promises and tasks, obligations, and the events that the clock-keeper owes about them.

mod budgeted;
mod keeping;
mod promises;
pub(crate) mod random;

use std::sync::Arc;

use ownerline_projections::calendar::BudgetClock;
use ownerline_projections::cases::CaseHistory;
use ownerline_projections::obligation::case::obligations;
use ownerline_projections::obligation::terms::{InForce, Term, Terms};
use ownerline_projections::obligation::{Obligation, State};
use ownerline_projections::policy::Policies;
use ownerline_proto::time;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CommitmentBroken, CommitmentKept, CommitmentMade, CommitmentWithdrawn, ProgressUpdateSent,
    TaskAssigned, TaskDone, actor,
};

use crate::case::{DAY, HOUR, said};
use crate::history::TestTouchpoint;

pub(crate) fn made(id: &str, at: i64, commitment: &str, due_at: Option<i64>) -> TestTouchpoint {
    let payload = CommitmentMade {
        commitment_id: commitment.to_owned(),
        due_at: due_at.map(time::timestamp),
        ..CommitmentMade::default()
    };
    said(id, at, Payload::CommitmentMade(payload))
}

pub(crate) fn kept(id: &str, at: i64, commitment: &str) -> TestTouchpoint {
    let commitment_id = commitment.to_owned();
    said(
        id,
        at,
        Payload::CommitmentKept(CommitmentKept { commitment_id }),
    )
}

pub(crate) fn broken(id: &str, at: i64, commitment: &str) -> TestTouchpoint {
    let commitment_id = commitment.to_owned();
    said(
        id,
        at,
        Payload::CommitmentBroken(CommitmentBroken { commitment_id }),
    )
}

pub(crate) fn withdrawn(id: &str, at: i64, commitment: &str) -> TestTouchpoint {
    let commitment_id = commitment.to_owned();
    let payload = CommitmentWithdrawn { commitment_id };
    said(id, at, Payload::CommitmentWithdrawn(payload))
}

pub(crate) fn assigned(id: &str, at: i64, task: &str, due_at: i64) -> TestTouchpoint {
    let payload = TaskAssigned {
        task_id: task.to_owned(),
        due_at: Some(time::timestamp(due_at)),
        ..TaskAssigned::default()
    };
    said(id, at, Payload::TaskAssigned(payload))
}

pub(crate) fn done(id: &str, at: i64, task: &str) -> TestTouchpoint {
    let task_id = task.to_owned();
    said(id, at, Payload::TaskDone(TaskDone { task_id }))
}

pub(crate) fn update(id: &str, at: i64, new_information: bool) -> TestTouchpoint {
    let payload = ProgressUpdateSent {
        new_information,
        ..ProgressUpdateSent::default()
    };
    said(id, at, Payload::ProgressUpdateSent(payload))
}

pub(crate) fn acknowledged(id: &str, at: i64) -> TestTouchpoint {
    said(id, at, Payload::CaseAcknowledged(Default::default()))
}

pub(crate) fn resolved(id: &str, at: i64) -> TestTouchpoint {
    said(id, at, Payload::CaseResolved(Default::default()))
}

pub(crate) fn by_program(said: TestTouchpoint) -> TestTouchpoint {
    said.by("mailer", actor::Kind::System)
}

/// Touchpoints that reached the centre when they occurred, unless they say otherwise.
pub(crate) fn received(said: &[TestTouchpoint]) -> Vec<TestTouchpoint> {
    let said = said.iter().cloned();
    said.map(|mut it| {
        it.received_at = it.received_at.or(Some(it.occurred_at));
        it
    })
    .collect()
}

/// Reads the case as of an instant, as known at the end of the log.
pub(crate) fn now<A>(said: &[TestTouchpoint], as_of: i64, of: impl FnOnce(&CaseHistory) -> A) -> A {
    crate::case::now(&received(said), as_of, |history, _| of(history))
}

/// What is owed by the policy that ships, as of an instant.
pub(crate) fn owed(said: &[TestTouchpoint], as_of: i64) -> Vec<Obligation> {
    let terms = Policies::shipped_only().terms();
    now(said, as_of, |history| obligations(history, &terms))
}

/// One policy for everything.
pub(crate) struct Rules(Arc<Terms>);

impl InForce for Rules {
    fn terms(&self, _: &str, _: i64) -> Arc<Terms> {
        Arc::clone(&self.0)
    }
}

pub(crate) fn rules(terms: Vec<Term>) -> Rules {
    Rules(Arc::new(Terms {
        policy: "sla".to_owned(),
        version: 1,
        terms,
    }))
}

pub(crate) fn term(kind: Kind, budget: i64) -> Term {
    Term {
        kind,
        budget,
        clock: BudgetClock::Elapsed,
        warning_shares: vec![0.5],
        responsible_only: false,
        pauses_on_owner: false,
        cases_only: false,
    }
}

/// Kind, what opened it, state, due at, ended at.
pub(crate) type Line = (Kind, String, State, Option<i64>, Option<i64>);

pub(crate) fn line(owed: &Obligation) -> Line {
    let outcome = &owed.outcome;
    let opened_by = owed.opened_by.id.clone();
    (
        owed.kind,
        opened_by,
        outcome.state,
        outcome.due_at,
        outcome.ended_at,
    )
}

pub(crate) fn lines(said: &[TestTouchpoint], as_of: i64) -> Vec<Line> {
    owed(said, as_of).iter().map(line).collect()
}

pub(crate) fn of_kind(owed: &[Obligation], kind: Kind) -> Vec<&Obligation> {
    owed.iter().filter(|it| it.kind == kind).collect()
}

pub(crate) fn seconds(owed: &Obligation) -> i128 {
    owed.outcome.spent / 1_000_000_000
}

/// The hour of a day in January, counted from the first.
pub(crate) const fn on(day: i64, hour: i64) -> i64 {
    (day - 1) * DAY + hour * HOUR
}
