//! Obligations in detail: with their levels, remarks, and the instant at which time alone changes them.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::reply::TakenBack;
use super::{Item, ItemState, Level, Obligation, Remark, State, levels};
use crate::obligation::terms::{InForce, Term};

/// One obligation in detail.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The obligation.
    pub obligation: Obligation,
    /// The term it is owed by.
    pub term: Term,
    /// The levels at which an event was or will be issued, without those that its end forestalled.
    pub levels: Vec<Level>,
    /// Sorted.
    pub remarks: Vec<Remark>,
}

impl Detail {
    /// Its budget in nanoseconds.
    #[must_use]
    pub fn budget(&self) -> i64 {
        self.term.budget
    }

    /// The number of its levels that have come as of an instant.
    #[must_use]
    pub fn levels_come(&self, as_of: Instant) -> usize {
        let instants = self.levels.iter().filter_map(instant);
        instants.filter(|instant| *instant <= as_of).count()
    }

    /// The first instant after `as_of` at which time alone changes the obligation: a warning, or the first nanosecond
    /// after the deadline.
    #[must_use]
    pub fn turns_at(&self, as_of: Instant) -> Option<i64> {
        if self.obligation.outcome.state != State::Open {
            return None;
        }
        let instants = self.levels.iter().filter_map(instant);
        instants.filter(|instant| *instant > as_of).min()
    }

    /// The instant at which this share of its budget is used up, if it is open and its clock gets there.
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

/// The instant from which a level has come: what is met at the deadline itself is in time.
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
    let undone = undone_replies(item, as_of);
    let obligations = state.obligations.iter();
    obligations
        .filter_map(|obligation| {
            let terms = in_force.terms(&obligation.dealer_at_start, obligation.start);
            let term = terms.of(obligation.kind)?;
            let mut levels = levels(item, obligation, term);
            levels.retain(|level| level.reached || level.issued_by.is_some());
            Some(Detail {
                levels,
                remarks: remarks(state, obligation, &undone),
                term: term.clone(),
                obligation: obligation.clone(),
            })
        })
        .collect()
}

/// The instants of the replies that would have stopped a clock, had they not been withdrawn or bounced.
fn undone_replies(item: &Item, as_of: Instant) -> Vec<i64> {
    let facts = item.until(as_of);
    let taken_back = TakenBack::of(facts);
    let undone = facts.iter().filter(|fact| taken_back.undoes(fact));
    undone.map(|fact| fact.occurred_at).collect()
}

fn remarks(state: &ItemState, obligation: &Obligation, undone: &[i64]) -> Vec<Remark> {
    let outcome = &obligation.outcome;
    let end = outcome.ended_at.unwrap_or(i64::MAX);
    let is_reply = obligation.kind != Kind::Resolution;
    let episode = usize::try_from(obligation.episode).ok();
    let closed = episode.and_then(|episode| state.episodes.get(episode)?.closed.as_ref());
    let answer = obligation.answer.as_ref();
    let of_first = obligation.kind == Kind::FirstReply && obligation.episode == 0;
    let was_undone = |at: &i64| *at < end && (of_first || *at >= obligation.start);
    let remarks = [
        (obligation.reply_first, Remark::ReplyFirst),
        (
            answer.is_some_and(|it| !it.by_responsible),
            Remark::ByOtherDealer,
        ),
        (outcome.is_reported_late(), Remark::ReportedLate),
        (
            is_reply
                && answer.is_some_and(|answer| {
                    closed.is_some_and(|(_, at)| *at >= obligation.start && *at < answer.at)
                }),
            Remark::AnsweredAfterClosing,
        ),
        (
            is_reply && undone.iter().any(was_undone),
            Remark::ReplyWithdrawn,
        ),
        (obligation.received_first, Remark::ReceivedBeforeOccurred),
    ];
    let remarks = remarks.into_iter().filter(|(applies, _)| *applies);
    remarks.map(|(_, remark)| remark).collect()
}
