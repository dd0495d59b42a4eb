//! The counts of one group. Adding in any order gives the same counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::Position;
use crate::stats::{End, Proportion, Tally as Times};

use super::fold::Step;
use super::turn_away::{BrandOf, TurnedAway};

/// The counts of one group.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) told: Proportion,
    pub(super) by_reason: BTreeMap<i32, Proportion>,
    pub(super) safety: Proportion,
    pub(super) safety_told: Proportion,
    pub(super) brands: Brands,
    pub(super) solved: Proportion,
    pub(super) by_same_dealer: u64,
    pub(super) by_other_dealer: u64,
    pub(super) elsewhere: u64,
    pub(super) by_unknown_dealer: u64,
    pub(super) by_vehicle: u64,
    /// The places of the touchpoints that solved something.
    pub(super) solutions: BTreeSet<Position>,
    pub(super) taken_up: Proportion,
    pub(super) taken_up_by_other: u64,
    pub(super) times: Times,
    /// The longest wait of a matter that is not solved, in nanoseconds.
    pub(super) oldest: Option<i128>,
    /// By feedback: whether it names a visit in which an owner was turned away, and one in which somebody helped.
    pub(super) feedback: BTreeMap<String, (bool, bool)>,
    pub(super) helped: Brands,
    /// By currency: the number of times, and the sum.
    pub(super) goodwill: BTreeMap<String, (u64, i64)>,
}

/// Counts by whether the dealer carries the brand of the vehicle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Brands {
    pub(super) other: u64,
    pub(super) own: u64,
    pub(super) not_known: u64,
}

impl Brands {
    pub(super) fn add(&mut self, brand: BrandOf) {
        *match brand {
            BrandOf::Other => &mut self.other,
            BrandOf::Own => &mut self.own,
            BrandOf::NotKnown => &mut self.not_known,
        } += 1;
    }

    pub(super) fn all(self) -> u64 {
        self.other + self.own + self.not_known
    }
}

impl Tally {
    /// Counts a turn-away; `waited` is the time from it to the instant of the question, in nanoseconds.
    pub(super) fn turned_away(&mut self, it: &TurnedAway, waited: i128) {
        self.told.add(it.told_next_step);
        self.by_reason
            .entry(it.reason)
            .or_default()
            .add(it.told_next_step);
        self.safety.add(it.safety);
        if it.safety {
            self.safety_told.add(it.told_next_step);
        }
        self.brands.add(it.brand);
        self.taken_up.add(it.taken_up.is_some());
        if let Some(next) = &it.taken_up {
            let is_other = it.is_known_other(&next.dealer_id);
            self.taken_up_by_other += u64::from(is_other == Some(true));
        }
        self.solved.add(it.solution.is_some());
        match &it.solution {
            Some(next) => {
                self.times.add(End::Awaited, next.after);
                self.solutions.insert(next.key.position);
                self.by_vehicle += u64::from(next.link == super::solution::Link::Vehicle);
                *match (next.step, it.is_known_other(&next.dealer_id)) {
                    (Step::Elsewhere, _) => &mut self.elsewhere,
                    (_, Some(true)) => &mut self.by_other_dealer,
                    (_, Some(false)) => &mut self.by_same_dealer,
                    (_, None) => &mut self.by_unknown_dealer,
                } += 1;
            }
            None => {
                self.times.add(End::Censored, waited);
                self.oldest = self.oldest.max(Some(waited));
            }
        }
        for (feedback_id, (away, helped)) in &it.feedback {
            let known = self.feedback.entry(feedback_id.clone()).or_default();
            *known = (known.0 || *away, known.1 || *helped);
        }
    }

    /// Counts goodwill.
    pub(super) fn granted(&mut self, currency: &str, value_minor: i64) {
        let (times, sum) = self.goodwill.entry(currency.to_owned()).or_default();
        *times += 1;
        *sum = sum.saturating_add(value_minor);
    }
}
