//! The revision that is due when the last event about an obligation is no longer true.

use super::super::{FactKind, Obligation, State};
use super::id::revision_id;
use super::matter::{Matter, Report, Then};
use super::notice::{Cause, Keeping, NoticeKind, NoticesDue};
use crate::Position;

/// The outcome that a breach states, and that of an open obligation after its deadline.
const BREACHED: &str = "BREACHED";
const OPEN: &str = "OPEN";
const ANSWERED_IN_TIME: &str = "ANSWERED_IN_TIME";
const ANSWERED_LATE: &str = "ANSWERED_LATE";
const CLOSED_UNANSWERED: &str = "CLOSED_UNANSWERED";
const EXCLUDED: &str = "EXCLUDED";

/// The outcome of an obligation in one word.
fn outcome_word(obligation: &Obligation) -> &'static str {
    let outcome = &obligation.outcome;
    match outcome.state {
        State::Open if outcome.is_due() => BREACHED,
        State::Open => OPEN,
        State::AnsweredInTime => ANSWERED_IN_TIME,
        State::AnsweredLate => ANSWERED_LATE,
        State::ClosedUnanswered => CLOSED_UNANSWERED,
        State::Excluded => EXCLUDED,
    }
}

/// The verdict of an outcome: every miss is the same miss.
fn verdict(word: &str) -> &str {
    match word {
        ANSWERED_LATE | CLOSED_UNANSWERED => BREACHED,
        word => word,
    }
}

/// Whether the outcome that a revision states is a miss.
pub(crate) fn is_missed(outcome: &str) -> bool {
    verdict(outcome) == BREACHED
}

/// The last statement about the end of an obligation.
struct Statement {
    word: String,
    /// The event that made it, if there was one.
    event: Option<StatingEvent>,
}

/// The event that made a statement.
struct StatingEvent {
    id: String,
    position: Position,
    policy: (String, i32),
}

/// Adds the revision of an obligation that is due, if one is.
pub(super) fn add_revision(
    matter: &impl Matter,
    keeping: &Keeping<'_>,
    state: &Then,
    obligation: &Obligation,
    due: &mut NoticesDue,
) {
    let now = outcome_word(obligation);
    let said = match last_statement(matter, obligation) {
        Some(said) => said,
        None if verdict(now) == BREACHED => match silent_statement(matter, keeping, obligation) {
            Some(said) => said,
            None => return,
        },
        None => return,
    };
    if verdict(&said.word) == verdict(now) {
        return;
    }
    let Some(cause) = cause(matter, keeping, obligation, &said) else {
        return;
    };
    if cause.known_at > keeping.now {
        return due.wakes(cause.known_at);
    }
    let before = said.event.as_ref().map_or("", |event| &event.id);
    let because = (cause.key.source.as_str(), cause.key.id.as_str());
    let id = revision_id(obligation, now, because, before);
    let kind = NoticeKind::Revised {
        previous: said.word,
        now,
        because: cause.key,
    };
    let revision = (id, cause.known_at, kind, 1.0);
    due.notices.push(state.notice(obligation, revision));
}

/// The statement of the last event about the end of this obligation, under whatever policy.
fn last_statement(matter: &impl Matter, obligation: &Obligation) -> Option<Statement> {
    let ends = matter.issued().filter(|event| {
        matches!(event.kind, FactKind::Breached | FactKind::OutcomeRevised)
            && event.says.obligation_id == obligation.obligation_id
    });
    let event = ends.max_by_key(|event| event.position)?;
    let says = event.says;
    let word = match says.now.as_str() {
        "" => BREACHED,
        now => now,
    };
    Some(Statement {
        word: word.to_owned(),
        event: Some(StatingEvent {
            id: event.name.1.to_owned(),
            position: event.position,
            policy: (says.policy.clone(), says.policy_version),
        }),
    })
}

/// The outcome at its deadline, if that made an event unnecessary.
fn silent_statement(
    matter: &impl Matter,
    keeping: &Keeping<'_>,
    obligation: &Obligation,
) -> Option<Statement> {
    let deadline = obligation.outcome.in_time_until?;
    if deadline < keeping.since || deadline > keeping.now {
        return None;
    }
    let then = matter.then(keeping.in_force, deadline);
    let word = outcome_word(then.same(obligation)?);
    Some(Statement {
        word: word.to_owned(),
        event: None,
    })
}

/// What changed the outcome since the last statement.
fn cause(
    matter: &impl Matter,
    keeping: &Keeping<'_>,
    obligation: &Obligation,
    said: &Statement,
) -> Option<Cause> {
    let event = said.event.as_ref();
    let since = event.map_or(Position::START, |event| event.position);
    let reported = matter.reports(keeping.now.into());
    let later = || {
        let reported = reported.iter();
        reported.filter(|report| report.cause.position > since)
    };
    let rests_on = match obligation.outcome.state {
        State::AnsweredInTime => obligation.answer.as_ref(),
        _ => None,
    };
    let found = match obligation.outcome.state {
        State::Excluded => later().find(|report| report.excludes),
        _ => rests_on.and_then(|answer| later().find(|report| report.cause.key == answer.key)),
    };
    if let Some(found) = found {
        return Some(found.cause.clone());
    }
    if event.is_some_and(|event| event.policy != obligation.policy) {
        let (policy, version) = &obligation.policy;
        let published = keeping.publications.publication(policy, *version);
        if let Some(published) = published.filter(|it| it.position > since) {
            return Some(published);
        }
    }
    let last = |reports: &mut dyn Iterator<Item = &Report>| {
        let last = reports.max_by_key(|report| report.cause.position);
        last.map(|report| report.cause.clone())
    };
    last(&mut later().filter(|report| report.takes_back))
        .or_else(|| last(&mut later()))
        .or_else(|| last(&mut reported.iter()))
}
