//! The revision that is due when the last event about an obligation is no longer true.

use super::super::{Fact, FactKind, Item, ItemState, Obligation, State};
use super::id::revision_id;
use super::notice::{Cause, Keeping, NoticeKind, NoticesDue, fact_of, notice, same};
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
struct Statement<'i> {
    word: String,
    /// The event that made it, if there was one.
    fact: Option<&'i Fact>,
}

/// Adds the revision of an obligation that is due, if one is.
pub(super) fn add_revision(
    item: &Item,
    keeping: &Keeping<'_>,
    state: &ItemState,
    obligation: &Obligation,
    due: &mut NoticesDue,
) {
    let now = outcome_word(obligation);
    let said = match last_statement(item, obligation) {
        Some(said) => said,
        None if verdict(now) == BREACHED => match silent_statement(item, keeping, obligation) {
            Some(said) => said,
            None => return,
        },
        None => return,
    };
    if verdict(&said.word) == verdict(now) {
        return;
    }
    let Some(cause) = cause(item, keeping, obligation, &said) else {
        return;
    };
    if cause.known_at > keeping.now {
        return due.wakes(cause.known_at);
    }
    let before = said.fact.map_or("", |fact| &fact.id);
    let because = (cause.key.source.as_str(), cause.key.id.as_str());
    let id = revision_id(obligation, now, because, before);
    let kind = NoticeKind::Revised {
        previous: said.word,
        now,
        because: cause.key,
    };
    let revision = (id, cause.known_at, kind, 1.0);
    due.notices.push(notice(item, state, obligation, revision));
}

/// The statement of the last event about the end of this obligation, under whatever policy.
fn last_statement<'i>(item: &'i Item, obligation: &Obligation) -> Option<Statement<'i>> {
    let is_about_it = |fact: &&Fact| {
        let ends = matches!(fact.kind(), FactKind::Breached | FactKind::OutcomeRevised);
        let issued = fact.issued.as_ref();
        ends && issued.is_some_and(|issued| issued.obligation_id == obligation.obligation_id)
    };
    let all = item.facts().iter().filter(is_about_it);
    let fact = all.max_by_key(|fact| fact.position())?;
    let revised = fact.issued.as_ref().map(|issued| issued.now.clone());
    Some(Statement {
        word: revised
            .filter(|now| !now.is_empty())
            .unwrap_or_else(|| BREACHED.to_owned()),
        fact: Some(fact),
    })
}

/// The outcome at its deadline, if that made an event unnecessary.
fn silent_statement<'i>(
    item: &'i Item,
    keeping: &Keeping<'_>,
    obligation: &Obligation,
) -> Option<Statement<'i>> {
    let deadline = obligation.outcome.in_time_until?;
    if deadline < keeping.since || deadline > keeping.now {
        return None;
    }
    let then = ItemState::at(item, keeping.in_force, deadline);
    let word = outcome_word(same(&then, obligation)?);
    Some(Statement {
        word: word.to_owned(),
        fact: None,
    })
}

/// What changed the outcome since the last statement.
fn cause(
    item: &Item,
    keeping: &Keeping<'_>,
    obligation: &Obligation,
    said: &Statement<'_>,
) -> Option<Cause> {
    let since = said.fact.map_or(Position::START, |fact| fact.position());
    let reported = || {
        let facts = item.until(keeping.now.into()).iter();
        facts.filter(|fact| fact.issued.is_none())
    };
    let later = || reported().filter(|fact| fact.position() > since);
    let rests_on = match obligation.outcome.state {
        State::AnsweredInTime => obligation.answer.as_ref(),
        _ => None,
    };
    let rests_on = rests_on.and_then(|answer| fact_of(item, &answer.key));
    let excluding = || later().find(|fact| fact.kind() == FactKind::Excluded);
    let found = match obligation.outcome.state {
        State::Excluded => excluding(),
        _ => rests_on.filter(|fact| fact.position() > since),
    };
    if let Some(fact) = found {
        return Some(of_fact(item, fact));
    }
    let (policy, version) = &obligation.policy;
    let is_other = said.fact.is_some_and(|fact| {
        let issued = fact.issued.as_ref();
        issued.is_some_and(|it| it.policy != *policy || it.policy_version != *version)
    });
    if is_other {
        let published = keeping.publications.publication(policy, *version);
        if let Some(published) = published.filter(|it| it.position > since) {
            return Some(published);
        }
    }
    let last = |facts: &mut dyn Iterator<Item = &Fact>| {
        let last = facts.max_by_key(|fact| fact.position());
        last.map(|fact| of_fact(item, fact))
    };
    last(&mut later().filter(|fact| takes_back(item, fact)))
        .or_else(|| last(&mut later()))
        .or_else(|| last(&mut reported()))
}

fn of_fact(item: &Item, fact: &Fact) -> Cause {
    Cause {
        key: item.key(fact),
        position: fact.position(),
        known_at: fact.recorded_at().max(fact.occurred_at),
    }
}

/// Whether a fact takes something back that may have decided an outcome.
fn takes_back(item: &Item, fact: &Fact) -> bool {
    !fact.corrects_id.is_empty()
        || fact.takes_back_a_reply(item.facts())
        || matches!(
            fact.kind(),
            FactKind::Retracted | FactKind::Rejected | FactKind::CaseReopened
        )
}
