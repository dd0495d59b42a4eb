//! The counts of one group. Adding answers in any order, or in two halves, gives the same counts.

use std::collections::BTreeMap;

use super::answers::{Answered, QuestionAnswer};
use crate::obligation::Fact;
use crate::stats::{CesAnswers, NpsAnswers, Proportion};

/// The answers to the three questions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) nps: NpsAnswers,
    pub(super) csat: Proportion,
    pub(super) ces: CesAnswers,
    pub(super) unusable: Unusable,
}

/// The answers that are not a whole number of the scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Unusable {
    pub(super) nps: u64,
    pub(super) csat: u64,
    pub(super) ces: u64,
}

impl Answers {
    fn add(&mut self, answered: &Answered) {
        let Answered { nps, csat, ces } = *answered;
        take(nps, &mut self.unusable.nps, |score| self.nps.add(score));
        take(csat, &mut self.unusable.csat, |is| self.csat.add(is));
        take(ces, &mut self.unusable.ces, |ticked| self.ces.add(ticked));
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.nps.merge(&other.nps);
        self.csat.merge(&other.csat);
        self.ces.merge(&other.ces);
        self.unusable.nps += other.unusable.nps;
        self.unusable.csat += other.unusable.csat;
        self.unusable.ces += other.unusable.ces;
    }
}

fn take<T>(said: QuestionAnswer<T>, unusable: &mut u64, count: impl FnOnce(T)) {
    *unusable += u64::from(said.is_unusable);
    if let Some(answer) = said.answer {
        count(answer);
    }
}

/// The counts of invitations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct InvitationCounts {
    pub(super) eligible: u64,
    pub(super) invited: u64,
    pub(super) not_invited: u64,
    pub(super) bounced: u64,
    /// The delivered invitations, and those of them that were answered.
    pub(super) delivered: Proportion,
}

impl InvitationCounts {
    fn merge(&mut self, other: &Self) {
        self.eligible += other.eligible;
        self.invited += other.invited;
        self.not_invited += other.not_invited;
        self.bounced += other.bounced;
        self.delivered.merge(&other.delivered);
    }
}

/// The counts of one group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) received: u64,
    pub(super) unsolicited: u64,
    pub(super) flagged: u64,
    /// The number of excluded items by reason.
    pub(super) excluded: BTreeMap<i32, u64>,
    /// The answers of items that are not excluded.
    pub(super) scores: Answers,
    /// The answers of excluded items.
    of_excluded: Answers,
    pub(super) invitations: InvitationCounts,
}

impl Tally {
    /// Counts a feedback.
    pub(super) fn add(
        &mut self,
        received: &Fact,
        excluded: Option<&Fact>,
        is_flagged: bool,
        answered: &Answered,
    ) {
        self.received += 1;
        self.unsolicited += u64::from(!received.solicited);
        self.flagged += u64::from(is_flagged);
        match excluded {
            None => self.scores.add(answered),
            Some(fact) => {
                *self.excluded.entry(fact.excluded_because).or_default() += 1;
                self.of_excluded.add(answered);
            }
        }
    }

    /// The answers of all items, including excluded ones.
    pub(super) fn with_excluded(&self) -> Answers {
        let mut all = self.scores.clone();
        all.merge(&self.of_excluded);
        all
    }

    /// Adds the items of another group.
    pub(super) fn merge(&mut self, other: Self) {
        self.received += other.received;
        self.unsolicited += other.unsolicited;
        self.flagged += other.flagged;
        for (reason, items) in other.excluded {
            *self.excluded.entry(reason).or_default() += items;
        }
        self.scores.merge(&other.scores);
        self.of_excluded.merge(&other.of_excluded);
        self.invitations.merge(&other.invitations);
    }
}
