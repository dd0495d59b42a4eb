//! The fate of promises and tasks: each is judged by the date in force when it fell due.
//!
//! - What ended is made anew by being told again: a new *round*. Told again before that, its due date moves.
//! - A date that is moved at or before it falls due is forgotten. One that is moved later stays missed, and the new date
//!   only says what is overdue now.
//! - What is told again without a date stays due as it was. What was never given a date is owed by none.
//! - What was due before it was made falls due when it is made.
//! - The last of kept, broken and withdrawn decides. A declared break, a withdrawal and a missed date stay a miss.
//! - What was kept, broken, withdrawn or done without being made is listed, and owes nothing.

use std::collections::BTreeMap;

use ownerline_proto::v1::sla_policy::obligation::Kind;

use crate::TouchpointKey;

/// What became of a promise or a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// Owed, and not overdue.
    Open,
    /// Owed, and its date has passed.
    Overdue,
    /// Kept, or done, in time.
    Kept,
    /// Kept, or done, after a miss.
    KeptLate,
    /// Declared broken.
    Broken,
    /// Withdrawn.
    Withdrawn,
}

/// Something worth knowing about a promise or a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PromiseFlag {
    /// Nobody made it.
    Unmatched,
    /// Its date was moved.
    DueMoved,
    /// Its date was moved after it had passed.
    MovedAfterDue,
    /// It was due before it was made.
    DueBeforeMade,
    /// A correction changed its date after the date before had passed.
    DueCorrectedLate,
    /// It was declared broken, and kept afterwards.
    BrokenAndKept,
}

/// A date that was given. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDate {
    /// The key of the touchpoint that gave it.
    pub by: TouchpointKey,
    /// When it was given, as told.
    pub told_at: i64,
    /// The date.
    pub due_at: i64,
}

/// The beginning of a promise or a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The key of the touchpoint.
    pub key: TouchpointKey,
    /// The key of the first of its chain of corrections.
    pub first_key: TouchpointKey,
    /// When, as told.
    pub at: i64,
}

/// One round of a promise or a task as of an instant. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// A commitment or a task.
    pub kind: Kind,
    /// Its id in the case.
    pub id: String,
    /// How often it was made anew after an end.
    pub round: u32,
    /// Its beginning; `None` if nobody made it.
    pub made: Option<Made>,
    /// The touchpoints that told of it in this round, the first one first; without those that ended it.
    pub told: Vec<TouchpointKey>,
    /// The dates that were given, in the order in which they were told. A repeated date is listed once.
    pub dates: Vec<DueDate>,
    /// The date in force.
    pub due_at: Option<i64>,
    /// The date by which it is judged: the last instant in time.
    pub deadline: Option<i64>,
    /// What became of it.
    pub fate: Fate,
    /// The touchpoint that decided its fate, and when that occurred.
    pub ended: Option<(TouchpointKey, i64)>,
    /// It was declared broken or withdrawn in this round: a miss, whatever followed.
    pub declared_missed: bool,
    /// Sorted.
    pub flags: Vec<PromiseFlag>,
}

impl Promise {
    /// Whether it is owed, and its date in force has passed.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.fate == Fate::Overdue
    }

    /// Whether it is owed: made, and neither kept, broken nor withdrawn.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.fate, Fate::Open | Fate::Overdue)
    }
}

/// What a touchpoint says about a promise or a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// It is made, or told again.
    Made {
        /// The date.
        due_at: Option<i64>,
        /// A correction changed the date after the one before had passed.
        corrected_late: bool,
    },
    /// It is kept, or done.
    Kept,
    /// It is declared broken.
    Broken,
    /// It is withdrawn.
    Withdrawn,
}

/// One touchpoint about a promise or a task.
#[derive(Debug, Clone)]
pub(super) struct PromiseStep<'s> {
    pub(super) kind: Kind,
    pub(super) id: &'s str,
    pub(super) says: Says,
    pub(super) at: i64,
    pub(super) key: TouchpointKey,
    pub(super) first_key: TouchpointKey,
}

/// The rounds of all promises and tasks, by what was told of them until `as_of`, in history order: in the order in which
/// they were first told of.
pub(super) fn promises_of<'s>(
    steps: impl IntoIterator<Item = PromiseStep<'s>>,
    as_of: i64,
) -> Vec<Promise> {
    let mut rounds: Vec<Round> = Vec::new();
    let mut last: BTreeMap<(i32, &str), usize> = BTreeMap::new();
    for step in steps {
        let name = (i32::from(step.kind), step.id);
        let before = last.get(&name).copied();
        let round = before.and_then(|at| rounds.get_mut(at));
        match round {
            Some(round) if !round.is_ended_before(&step) => round.takes(step),
            round => {
                let number = round.map_or(0, |round| round.promise.round + 1);
                let mut round = Round::new(&step, number);
                round.takes(step);
                last.insert(name, rounds.len());
                rounds.push(round);
            }
        }
    }
    rounds.into_iter().map(|round| round.end(as_of)).collect()
}

/// A round while its touchpoints are read.
struct Round {
    promise: Promise,
    broken: bool,
    withdrawn: bool,
    /// The last touchpoint that ended it; of several that say the same, the first.
    ended: Option<(Says, TouchpointKey, i64)>,
}

impl Round {
    fn new(step: &PromiseStep<'_>, round: u32) -> Self {
        Self {
            promise: Promise {
                kind: step.kind,
                id: step.id.to_owned(),
                round,
                made: None,
                told: Vec::new(),
                dates: Vec::new(),
                due_at: None,
                deadline: None,
                fate: Fate::Open,
                ended: None,
                declared_missed: false,
                flags: Vec::new(),
            },
            broken: false,
            withdrawn: false,
            ended: None,
        }
    }

    /// Whether a touchpoint begins another round after this one.
    fn is_ended_before(&self, step: &PromiseStep<'_>) -> bool {
        self.ended.is_some() && matches!(step.says, Says::Made { .. })
    }

    fn takes(&mut self, step: PromiseStep<'_>) {
        match step.says {
            Says::Made {
                due_at,
                corrected_late,
            } => self.made(step, due_at, corrected_late),
            says => {
                self.broken |= says == Says::Broken;
                self.withdrawn |= says == Says::Withdrawn;
                let is_same = self.ended.as_ref().is_some_and(|(last, ..)| *last == says);
                if !is_same {
                    self.ended = Some((says, step.key, step.at));
                }
            }
        }
    }

    fn made(&mut self, step: PromiseStep<'_>, due_at: Option<i64>, corrected_late: bool) {
        let promise = &mut self.promise;
        if corrected_late {
            promise.flags.push(PromiseFlag::DueCorrectedLate);
        }
        promise.told.push(step.key.clone());
        if let Some(due_at) = due_at {
            if promise.due_at.is_some_and(|before| before != due_at) {
                promise.flags.push(PromiseFlag::DueMoved);
            }
            if promise.due_at != Some(due_at) {
                promise.is_due(due_at, step.at, step.key.clone());
            }
        }
        promise.made.get_or_insert(Made {
            key: step.key,
            first_key: step.first_key,
            at: step.at,
        });
    }

    fn end(self, as_of: i64) -> Promise {
        let mut promise = self.promise;
        if promise.made.is_none() {
            promise.flags.push(PromiseFlag::Unmatched);
        }
        promise.declared_missed = self.broken || self.withdrawn;
        promise.fate = match &self.ended {
            None if promise.due_at.is_some_and(|due_at| as_of > due_at) => Fate::Overdue,
            None => Fate::Open,
            Some((Says::Broken, ..)) => Fate::Broken,
            Some((Says::Withdrawn, ..)) => Fate::Withdrawn,
            Some((_, _, at)) => {
                if self.broken {
                    promise.flags.push(PromiseFlag::BrokenAndKept);
                }
                let is_late = promise.deadline.is_some_and(|deadline| *at > deadline);
                match is_late || promise.declared_missed {
                    true => Fate::KeptLate,
                    false => Fate::Kept,
                }
            }
        };
        promise.ended = self.ended.map(|(_, key, at)| (key, at));
        promise.flags.sort_unstable();
        promise.flags.dedup();
        promise
    }
}

impl Promise {
    /// Takes a date that differs from the one in force.
    fn is_due(&mut self, due_at: i64, told_at: i64, by: TouchpointKey) {
        if due_at <= told_at {
            self.flags.push(PromiseFlag::DueBeforeMade);
        }
        match self.deadline {
            Some(deadline) if told_at > deadline => self.flags.push(PromiseFlag::MovedAfterDue),
            _ => self.deadline = Some(due_at.max(told_at)),
        }
        self.due_at = Some(due_at);
        self.dates.push(DueDate {
            by,
            told_at,
            due_at,
        });
    }
}
