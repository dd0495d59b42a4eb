//! Obligations with everything that is said about them: levels, remarks, and when time alone changes them.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::reply::{ReplyTraits, TakenBack};
use super::{Fact, Item, ItemState, Level, Obligation, State, levels};
use crate::obligation::terms::{InForce, Term};

/// Worth knowing about an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Remark {
    /// The reply occurred before what it answers was received.
    ReplyFirst,
    /// Another dealer than the responsible one met it.
    ByOtherDealer,
    /// It was met in time as told, but that was not known by the deadline.
    ReportedLate,
    /// It was closed before it was met.
    AnsweredAfterClosing,
    /// A reply was withdrawn or bounced, so that it was owed on, from its original start.
    ReplyWithdrawn,
    /// What opened it reached the centre before it occurred, as told.
    ReceivedBeforeOccurred,
}

/// One obligation in detail.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The obligation.
    pub obligation: Obligation,
    /// By what it is owed.
    pub term: Term,
    /// What was or will be said about it: nothing that its end forestalled.
    pub levels: Vec<Level>,
    /// Sorted.
    pub remarks: Vec<Remark>,
}

impl Detail {
    /// Its budget in nanoseconds.
    #[must_use]
    pub fn budget(&self) -> i64 {
        self.term.budget()
    }

    /// How many of its levels have come as of an instant.
    #[must_use]
    pub fn levels_come(&self, as_of: Instant) -> usize {
        let instants = self.levels.iter().filter_map(instant);
        instants.filter(|instant| *instant <= as_of).count()
    }

    /// The first instant behind `as_of` at which time alone makes it another one: a warning, or the first
    /// nanosecond behind the deadline.
    #[must_use]
    pub fn turns_at(&self, as_of: Instant) -> Option<i64> {
        if self.obligation.outcome.state != State::Open {
            return None;
        }
        let instants = self.levels.iter().filter_map(instant);
        instants.filter(|instant| *instant > as_of).min()
    }

    /// When this share of its budget is used up, if it is open and its clock gets there.
    #[must_use]
    pub fn uses_up(&self, share: f64) -> Option<i64> {
        if self.obligation.outcome.state != State::Open {
            return None;
        }
        // Budgets are below 2^53 microseconds; the cast saturates.
        let used = (self.budget() as f64 * share).ceil() as i64;
        let Obligation { start, pauses, .. } = &self.obligation;
        self.term.clock.due(*start, used, pauses)
    }
}

/// From when on a level has come: what is met at the deadline itself is in time.
fn instant(level: &Level) -> Option<i64> {
    let at = level.at.filter(|_| level.reached)?;
    Some(at.saturating_add(i64::from(level.breach)))
}

/// The obligations of a state in detail; `state` is of `item` as of `as_of`, by the same terms.
#[must_use]
pub fn details(
    item: &Item,
    state: &ItemState,
    in_force: &dyn InForce,
    as_of: Instant,
) -> Vec<Detail> {
    let gone = gone(item, as_of);
    let obligations = state.obligations.iter();
    obligations
        .filter_map(|obligation| {
            let terms = in_force.terms(&obligation.dealer_at_start, obligation.start);
            let term = terms.of(obligation.kind)?;
            let mut levels = levels(item, obligation, term);
            levels.retain(|level| level.reached || level.issued_by.is_some());
            Some(Detail {
                levels,
                remarks: remarks(state, obligation, &gone),
                term: term.clone(),
                obligation: obligation.clone(),
            })
        })
        .collect()
}

/// When the replies occurred that would have stopped a clock, had they not been withdrawn or bounced.
fn gone(item: &Item, as_of: Instant) -> Vec<i64> {
    let facts = item.until(as_of);
    let taken_back = TakenBack::of(facts);
    let is_gone = |fact: &&Fact| {
        let reply = ReplyTraits::of_fact(fact);
        let is_by_human = reply.is_some_and(|reply| reply.is_by_human());
        is_by_human && (fact.bounced || taken_back.has(fact))
    };
    let gone = facts.iter().filter(is_gone);
    gone.map(|it| it.occurred_at).collect()
}

fn remarks(state: &ItemState, obligation: &Obligation, gone: &[i64]) -> Vec<Remark> {
    let outcome = &obligation.outcome;
    let end = outcome.ended_at.unwrap_or(i64::MAX);
    let is_reply = obligation.kind != Kind::Resolution;
    let episode = usize::try_from(obligation.episode).ok();
    let closed = episode.and_then(|episode| state.episodes.get(episode)?.closed.as_ref());
    let late = outcome.in_time_as_told == Some(true) && outcome.in_time_as_known == Some(false);
    let answer = obligation.answer.as_ref();
    let of_first = obligation.kind == Kind::FirstReply && obligation.episode == 0;
    let was_gone = |at: &i64| *at < end && (of_first || *at >= obligation.start);
    let held = [
        (obligation.reply_first, Remark::ReplyFirst),
        (
            answer.is_some_and(|it| !it.by_responsible),
            Remark::ByOtherDealer,
        ),
        (late, Remark::ReportedLate),
        (
            is_reply
                && answer.is_some_and(|answer| {
                    closed.is_some_and(|(_, at)| *at >= obligation.start && *at < answer.at)
                }),
            Remark::AnsweredAfterClosing,
        ),
        (
            is_reply && gone.iter().any(was_gone),
            Remark::ReplyWithdrawn,
        ),
        (obligation.received_first, Remark::ReceivedBeforeOccurred),
    ];
    let held = held.into_iter().filter(|(holds, _)| *holds);
    held.map(|(_, remark)| remark).collect()
}
