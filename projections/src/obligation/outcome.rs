//! How an obligation stands, and whether it was met in time: the one judgement of lateness.

use ownerline_proto::time::Instant;

use crate::calendar::Pause;
use crate::obligation::terms::Term;

/// How an obligation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Somebody waits.
    Open,
    /// It was met by its deadline, as told.
    AnsweredInTime,
    /// It was met after its deadline: a miss for ever.
    AnsweredLate,
    /// The item was closed before anybody met it: a miss.
    ClosedUnanswered,
    /// The item does not count.
    Excluded,
}

/// How an obligation stands as of an instant. Instants and spans are in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// The state.
    pub state: State,
    /// When its budget is used up; `None` while its clock stands still for good.
    pub due_at: Option<i64>,
    /// The last instant at which meeting it is in time: see [`Term::in_time_until`].
    pub in_time_until: Option<i64>,
    /// When it was answered, closed or excluded, as told.
    pub ended_at: Option<i64>,
    /// How much of the budget was used up at its end, or is now, by the clock of the term.
    pub spent: i128,
    /// That as a share of the budget.
    pub share: f64,
    /// Whether it was met by its deadline as told (`occurred_at`). `None` if it is not due: open inside its target, or
    /// excluded.
    pub in_time_as_told: Option<bool>,
    /// Whether by its deadline the log knew of anything that met it (`recorded_at`; `received_at` for imports).
    pub in_time_as_known: Option<bool>,
}

/// The begin of an obligation and the events that may have ended it. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) start: i64,
    /// What met it.
    pub(super) answered: Option<Met>,
    pub(super) closed: Option<i64>,
    pub(super) excluded: Option<i64>,
}

/// What met an obligation. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Met {
    /// When, as told.
    pub(super) at: i64,
    /// The instant by which the log knew of anything that met it, whether this or another.
    pub(super) known_by: i64,
}

impl Ends {
    /// When the obligation ended, if it did: an exclusion comes before an answer, an answer before a closing.
    pub(super) fn end(self) -> Option<i64> {
        let answered = self.answered.map(|met| met.at);
        self.excluded.or(answered).or(self.closed)
    }
}

impl Outcome {
    /// The outcome under a term as of an instant.
    pub(super) fn of(ends: Ends, term: &Term, pauses: &[Pause], as_of: Instant) -> Self {
        let used_by = |at: Instant| term.clock.spent(ends.start, at, pauses);
        let in_time = |at: Instant| term.is_within(used_by(at));
        let (state, told, known) = match (ends.excluded, ends.answered, ends.closed) {
            (Some(_), ..) => (State::Excluded, None, None),
            (None, Some(Met { at, known_by }), _) => {
                let told = in_time(at.into());
                let state = if told {
                    State::AnsweredInTime
                } else {
                    State::AnsweredLate
                };
                (state, Some(told), Some(in_time(known_by.into())))
            }
            (None, None, Some(_)) => (State::ClosedUnanswered, Some(false), Some(false)),
            (None, None, None) => {
                let missed = (!in_time(as_of)).then_some(false);
                (State::Open, missed, missed)
            }
        };
        let ended_at = ends.end();
        let spent = used_by(ended_at.map_or(as_of, Instant::from));
        let budget = term.budget;
        Self {
            state,
            due_at: term.clock.due(ends.start, budget, pauses),
            in_time_until: term.in_time_until(ends.start, pauses),
            ended_at,
            spent,
            share: spent as f64 / budget.max(1) as f64,
            in_time_as_told: told,
            in_time_as_known: known,
        }
    }

    /// Whether it is due: answered or closed, or open past its target.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.in_time_as_told.is_some()
    }

    /// Whether it was met in time as told, while nobody knew so by the deadline.
    pub(super) fn is_reported_late(&self) -> bool {
        self.in_time_as_told == Some(true) && self.in_time_as_known == Some(false)
    }
}
