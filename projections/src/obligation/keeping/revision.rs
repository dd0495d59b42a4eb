//! When what was said about an obligation is no longer so.

use super::super::named::revision_id;
use super::super::{Fact, Item, ItemState, Obligation, State, What};
use super::{Cause, Keeping, Kept, Says, fact_of, notice, same};

/// What a breach says, and how an open obligation stands behind its deadline.
const BREACHED: &str = "BREACHED";
const OPEN: &str = "OPEN";
const ANSWERED_IN_TIME: &str = "ANSWERED_IN_TIME";
const ANSWERED_LATE: &str = "ANSWERED_LATE";
const CLOSED_UNANSWERED: &str = "CLOSED_UNANSWERED";
const EXCLUDED: &str = "EXCLUDED";

/// How an obligation stands at the instant of its state, in one word.
fn stands(obligation: &Obligation) -> &'static str {
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

/// What a word comes to: every miss is the same miss.
fn verdict(word: &str) -> &str {
    match word {
        ANSWERED_LATE | CLOSED_UNANSWERED => BREACHED,
        word => word,
    }
}

/// Whether an outcome, as a revision says it, is that the obligation was not met in time.
pub(crate) fn is_missed(outcome: &str) -> bool {
    verdict(outcome) == BREACHED
}

/// What was said last.
struct Said<'i> {
    word: String,
    /// The event, if there is one.
    fact: Option<&'i Fact>,
}

/// Puts down the revision that is owed about an obligation as it stands now, if one is.
pub(super) fn keep(
    item: &Item,
    keeping: &Keeping<'_>,
    state: &ItemState,
    obligation: &Obligation,
    kept: &mut Kept,
) {
    let now = stands(obligation);
    let said = match last_said(item, obligation) {
        Some(said) => said,
        None if verdict(now) == BREACHED => match silently(item, keeping, obligation) {
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
        return kept.wakes(cause.known_at);
    }
    let before = said.fact.map_or("", |fact| &fact.id);
    let because = (cause.key.0.as_str(), cause.key.1.as_str());
    let id = revision_id(obligation, now, because, before);
    let says = Says::Revised {
        previous: said.word,
        now,
        because: cause.key,
    };
    let said = (id, cause.known_at, says, 1.0);
    kept.notices.push(notice(item, state, obligation, said));
}

/// What the last event about the end of this obligation says, under whatever policy.
fn last_said<'i>(item: &'i Item, obligation: &Obligation) -> Option<Said<'i>> {
    let is_about_it = |fact: &&Fact| {
        let ends = matches!(fact.what(), What::Breached | What::OutcomeRevised);
        let issued = fact.issued.as_ref();
        ends && issued.is_some_and(|issued| issued.obligation_id == obligation.obligation_id)
    };
    let all = item.facts().iter().filter(is_about_it);
    let fact = all.max_by_key(|fact| fact.position)?;
    let revised = fact.issued.as_ref().map(|issued| issued.now.clone());
    Some(Said {
        word: revised
            .filter(|now| !now.is_empty())
            .unwrap_or_else(|| BREACHED.to_owned()),
        fact: Some(fact),
    })
}

/// How it stood at its deadline, if that made it unnecessary to say anything.
fn silently<'i>(
    item: &'i Item,
    keeping: &Keeping<'_>,
    obligation: &Obligation,
) -> Option<Said<'i>> {
    let deadline = obligation.outcome.in_time_until?;
    if deadline < keeping.since || deadline > keeping.now {
        return None;
    }
    let then = ItemState::at(item, keeping.in_force, deadline);
    let word = stands(same(&then, obligation)?);
    Some(Said {
        word: word.to_owned(),
        fact: None,
    })
}

/// What changed the outcome since it was said.
fn cause(
    item: &Item,
    keeping: &Keeping<'_>,
    obligation: &Obligation,
    said: &Said<'_>,
) -> Option<Cause> {
    let since = said.fact.map_or(0, |fact| fact.position);
    let told = || {
        let facts = item.until(keeping.now.into()).iter();
        facts.filter(|fact| fact.issued.is_none())
    };
    let later = || told().filter(|fact| fact.position > since);
    let rests_on = match obligation.outcome.state {
        State::AnsweredInTime => obligation.answer.as_ref(),
        _ => None,
    };
    let rests_on = rests_on.and_then(|answer| fact_of(item, &answer.key));
    let excluding = || later().find(|fact| fact.what() == What::Excluded);
    let found = match obligation.outcome.state {
        State::Excluded => excluding(),
        _ => rests_on.filter(|fact| fact.position > since),
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
        let last = facts.max_by_key(|fact| fact.position);
        last.map(|fact| of_fact(item, fact))
    };
    last(&mut later().filter(|fact| takes_back(fact)))
        .or_else(|| last(&mut later()))
        .or_else(|| last(&mut told()))
}

fn of_fact(item: &Item, fact: &Fact) -> Cause {
    Cause {
        key: item.key(fact),
        position: fact.position,
        known_at: fact.recorded_at().max(fact.occurred_at),
    }
}

fn takes_back(fact: &Fact) -> bool {
    !fact.corrects_id.is_empty()
        || matches!(
            fact.what(),
            What::ReplyWithdrawn
                | What::ReplyBounced
                | What::Retracted
                | What::Rejected
                | What::CaseReopened
        )
}
