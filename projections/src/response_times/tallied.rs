//! The counts of one group. Adding items in any order, or in two halves, gives the same counts.

use crate::obligation::terms::Term;
use crate::obligation::{FirstReply, Obligation, Outcome, State};
use crate::stats::{End, Proportion, Tally};

/// The targets of the items of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Target {
    /// There are no items.
    #[default]
    None,
    /// One target for all, in seconds.
    One(i64),
    /// Different targets.
    Several,
}

impl Target {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, one) | (one, Self::None) => one,
            (one, other) if one == other => one,
            _ => Self::Several,
        }
    }
}

/// One item as its terms judge it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'s> {
    pub(super) summary: &'s FirstReply,
    pub(super) term: &'s Term,
    pub(super) outcome: Outcome,
    /// Whether its owner booked work soon after; `None` if that was not looked up, or the time is not over.
    pub(super) booked: Option<bool>,
}

impl Judged<'_> {
    fn spent(&self, until: i64) -> i128 {
        self.term.clock.spent(self.summary.start, until.into(), &[])
    }

    /// How its time ended, and after how long. An excluded item was observed until its exclusion, or until it had ended
    /// otherwise.
    fn end(&self) -> (End, i128) {
        let end = match self.outcome.state {
            State::AnsweredInTime | State::AnsweredLate => End::Awaited,
            State::ClosedUnanswered => End::Competing,
            State::Open => End::Censored,
            State::Excluded => {
                let answer = self.summary.answer(self.term.responsible_only);
                let answered = answer.map(|it| it.occurred_at);
                let ends = [answered, self.summary.closed_at, self.outcome.ended_at];
                let first = ends.into_iter().flatten().min();
                let start = self.summary.start;
                return (End::Censored, self.spent(first.unwrap_or(start)));
            }
        };
        (end, self.outcome.spent)
    }
}

/// The counts of one group.
#[derive(Debug, Clone, Default)]
pub(super) struct Tallied {
    pub(super) received: u64,
    pub(super) not_owed: u64,
    pub(super) excluded: u64,
    pub(super) due: u64,
    pub(super) answered: u64,
    pub(super) in_time: u64,
    pub(super) in_time_as_known: u64,
    pub(super) closed_unanswered: u64,
    pub(super) open: u64,
    pub(super) open_beyond_target: u64,
    /// In nanoseconds.
    pub(super) oldest_open: Option<i128>,
    pub(super) answered_by_others: u64,
    pub(super) reply_first: u64,
    pub(super) reopened: u64,
    pub(super) target: Target,
    /// The times of first episodes, by the way they ended.
    pub(super) times: Tally,
    /// The times of items that were answered only in a later episode.
    pub(super) later: Tally,
    pub(super) answered_later: u64,
    /// In nanoseconds.
    pub(super) waited: i128,
    /// Bookings after items answered in time, late, never.
    pub(super) booked: [Proportion; 3],
}

impl Tallied {
    /// Counts an item under terms that owe it no first reply.
    pub(super) fn not_owed(&mut self) {
        self.received += 1;
        self.not_owed += 1;
    }

    pub(super) fn add(&mut self, judged: &Judged<'_>) {
        let (end, spent) = judged.end();
        self.received += 1;
        self.times.add(end, spent);
        self.target = self.target.and(Target::One(judged.term.budget_seconds()));
        let outcome = &judged.outcome;
        match outcome.state {
            State::Excluded => {
                self.excluded += 1;
                return;
            }
            State::AnsweredInTime | State::AnsweredLate => self.answered += 1,
            State::ClosedUnanswered => self.closed_unanswered += 1,
            State::Open => {
                self.open += 1;
                self.open_beyond_target += u64::from(outcome.is_due());
                self.oldest_open = self.oldest_open.max(Some(spent));
            }
        }
        self.due += u64::from(outcome.is_due());
        self.in_time += u64::from(outcome.in_time_as_told == Some(true));
        self.in_time_as_known += u64::from(outcome.in_time_as_known == Some(true));
        self.details(judged);
    }

    /// Counts one obligation of any kind.
    pub(super) fn add_owed(&mut self, owed: &Obligation, term: &Term) {
        let outcome = &owed.outcome;
        let end = match outcome.state {
            State::AnsweredInTime | State::AnsweredLate => End::Awaited,
            State::ClosedUnanswered => End::Competing,
            State::Open | State::Excluded => End::Censored,
        };
        self.received += 1;
        self.times.add(end, outcome.spent);
        self.target = self.target.and(Target::One(term.budget_seconds()));
        match outcome.state {
            State::Excluded => {
                self.excluded += 1;
                return;
            }
            State::AnsweredInTime | State::AnsweredLate => self.answered += 1,
            State::ClosedUnanswered => self.closed_unanswered += 1,
            State::Open => {
                self.open += 1;
                self.open_beyond_target += u64::from(outcome.is_due());
                self.oldest_open = self.oldest_open.max(Some(outcome.spent));
            }
        }
        self.due += u64::from(outcome.is_due());
        self.in_time += u64::from(outcome.in_time_as_told == Some(true));
        self.in_time_as_known += u64::from(outcome.in_time_as_known == Some(true));
        let answer = owed.answer.as_ref();
        self.answered_by_others += u64::from(answer.is_some_and(|it| !it.by_responsible));
        self.reply_first += u64::from(answer.is_some_and(|it| it.at < owed.start));
        self.waited += outcome.spent;
    }

    fn details(&mut self, judged: &Judged<'_>) {
        let (summary, only) = (judged.summary, judged.term.responsible_only);
        self.reopened += u64::from(summary.reopenings > 0);
        match summary.answer(only) {
            Some(answer) => {
                self.answered_by_others += u64::from(!answer.by_responsible);
                self.reply_first += u64::from(answer.occurred_at < summary.start);
            }
            None => {
                if let Some(later) = summary.answer_of_any_episode(only) {
                    self.answered_later += 1;
                    self.later
                        .add(End::Awaited, judged.spent(later.occurred_at));
                }
            }
        }
        if let Some(booked) = judged.booked {
            let [in_time, late, never] = &mut self.booked;
            let share = match judged.outcome.state {
                State::AnsweredInTime => in_time,
                State::AnsweredLate => late,
                _ => never,
            };
            share.n += 1;
            share.successes += u64::from(booked);
        }
    }

    /// Adds the items of another group.
    pub(super) fn merge(&mut self, other: Self) {
        self.received += other.received;
        self.not_owed += other.not_owed;
        self.excluded += other.excluded;
        self.due += other.due;
        self.answered += other.answered;
        self.in_time += other.in_time;
        self.in_time_as_known += other.in_time_as_known;
        self.closed_unanswered += other.closed_unanswered;
        self.open += other.open;
        self.open_beyond_target += other.open_beyond_target;
        self.oldest_open = self.oldest_open.max(other.oldest_open);
        self.answered_by_others += other.answered_by_others;
        self.reply_first += other.reply_first;
        self.reopened += other.reopened;
        self.target = self.target.and(other.target);
        self.times.merge(other.times);
        self.later.merge(other.later);
        self.answered_later += other.answered_later;
        self.waited += other.waited;
        for (own, other) in self.booked.iter_mut().zip(other.booked) {
            own.n += other.n;
            own.successes += other.successes;
        }
    }
}
