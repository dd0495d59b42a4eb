//! The rule for turn-aways: what took the matter up next, and what solved it.
//!
//! A turn-away is solved by the next of these after it: the matter was settled elsewhere, a repair fixed it, or work was
//! done in a visit without refusal and without failed attempt. It must be linked by visit, defect (the same id, or one that a
//! human linked), case, correlation or causation; where nothing is, it must concern the same person and vehicle within 30 days. Two turn-aways may have one
//! solution.

use std::collections::{BTreeMap, BTreeSet};

use super::fold::Step;
use crate::{HistoryKey, TouchpointKey};

/// The longest time (nanoseconds) after which the same person and vehicle alone connect what happened, inclusive.
pub(super) const BY_VEHICLE: i64 = 30 * 86_400 * 1_000_000_000;

/// Why something belongs to a turn-away. The first that holds counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// The same visit.
    Visit,
    /// The same defect: the same id, or one that a human linked.
    Defect,
    /// The same case.
    Case,
    /// The same correlation.
    Correlation,
    /// The turn-away caused it.
    Causation,
    /// The same person and vehicle.
    Vehicle,
}

/// A touchpoint about help, with everything by which it may belong to another. Unknown texts are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: HistoryKey,
    pub(super) visit_id: String,
    pub(super) step: Step,
    /// The owner that its touchpoint names itself.
    pub(super) named_owner: String,
    /// The owner, the vehicle and the dealer, as named or filled in.
    pub(super) owner_id: String,
    pub(super) vin: String,
    pub(super) dealer_id: String,
    pub(super) defect_id: String,
    pub(super) case_id: String,
    pub(super) correlation_id: String,
    pub(super) cause: Option<TouchpointKey>,
    /// The persons to whom it belongs.
    pub(super) persons: BTreeSet<String>,
}

/// What followed a turn-away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The touchpoint.
    pub key: HistoryKey,
    /// The visit.
    pub visit_id: String,
    /// The dealer; empty if not known.
    pub dealer_id: String,
    /// What happened.
    pub step: Step,
    /// Why it belongs to the turn-away.
    pub link: Link,
    /// The time since the turn-away, in nanoseconds.
    pub after: i64,
}

/// A text through which an entry may belong to a turn-away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tie {
    Visit(String),
    Defect(String),
    Case(String),
    Correlation(String),
    Cause(TouchpointKey),
    Vehicle(String),
}

impl Tie {
    fn link(&self) -> Link {
        match self {
            Self::Visit(_) => Link::Visit,
            Self::Defect(_) => Link::Defect,
            Self::Case(_) => Link::Case,
            Self::Correlation(_) => Link::Correlation,
            Self::Cause(_) => Link::Causation,
            Self::Vehicle(_) => Link::Vehicle,
        }
    }
}

impl Entry {
    /// Whether somebody took the matter up.
    pub(super) fn helps(&self) -> bool {
        self.step.helps()
    }

    /// Whether it solves a matter that it is linked to. `is_spoilt`: its visit has a refusal or a failed attempt.
    pub(super) fn solves(&self, is_spoilt: bool) -> bool {
        match self.step {
            Step::Elsewhere | Step::Fixed => true,
            Step::Work => !is_spoilt,
            Step::Declined | Step::NotFixed | Step::Loaner => false,
        }
    }

    /// The ties of a turn-away: `chain` are the touchpoints that it corrects or is corrected by, and itself, and
    /// `same_defect` the ids of its defect.
    pub(super) fn ties(
        &self,
        chain: &[TouchpointKey],
        same_defect: BTreeSet<String>,
    ) -> BTreeSet<Tie> {
        let mut ties: BTreeSet<Tie> = self.own_ties().into_iter().collect();
        ties.extend(chain.iter().cloned().map(Tie::Cause));
        ties.extend(same_defect.into_iter().map(Tie::Defect));
        ties
    }

    /// The ties through which it may belong to a turn-away.
    pub(super) fn ties_back(&self) -> Vec<Tie> {
        let mut ties = self.own_ties();
        ties.extend(self.cause.clone().map(Tie::Cause));
        ties
    }

    fn own_ties(&self) -> Vec<Tie> {
        let named = |text: &String| (!text.is_empty()).then(|| text.clone());
        let ties = [
            named(&self.visit_id).map(Tie::Visit),
            named(&self.defect_id).map(Tie::Defect),
            named(&self.case_id).map(Tie::Case),
            named(&self.correlation_id).map(Tie::Correlation),
            named(&self.vin).map(Tie::Vehicle),
        ];
        ties.into_iter().flatten().collect()
    }
}

/// Everything that may have followed turn-aways.
#[derive(Debug, Default)]
pub(super) struct Sequels {
    entries: Vec<Entry>,
    /// By entry: whether it solves what it is linked to.
    solves: Vec<bool>,
    tied: BTreeMap<Tie, Vec<usize>>,
}

impl Sequels {
    /// Adds what may have followed; `solves` says whether it would solve a matter.
    pub(super) fn add(&mut self, entry: Entry, solves: bool) {
        let index = self.entries.len();
        for tie in entry.ties_back() {
            self.tied.entry(tie).or_default().push(index);
        }
        self.entries.push(entry);
        self.solves.push(solves);
    }

    /// What took the matter of a turn-away up next, and what solved it.
    pub(super) fn of(
        &self,
        turn_away: &Entry,
        ties: &BTreeSet<Tie>,
    ) -> (Option<Next>, Option<Next>) {
        // By entry, the first link that holds.
        let mut linked: BTreeMap<usize, Link> = BTreeMap::new();
        for tie in ties {
            for index in self.tied.get(tie).into_iter().flatten() {
                let link = linked.entry(*index).or_insert(tie.link());
                *link = tie.link().min(*link);
            }
        }
        let next = |qualifies: &dyn Fn(usize, &Entry) -> bool| {
            let found = linked.iter().filter_map(|(index, link)| {
                let entry = self.entries.get(*index)?;
                let is_later = turn_away.key.is_before(&entry.key);
                let is_near = *link != Link::Vehicle || turn_away.is_near(entry);
                (is_later && is_near && qualifies(*index, entry)).then_some((*link, entry))
            });
            // Whatever is linked comes before what only concerns the same vehicle.
            let first = found.min_by(|(one_link, one), (other_link, other)| {
                let by_vehicle = |link: &Link| *link == Link::Vehicle;
                let order = by_vehicle(one_link).cmp(&by_vehicle(other_link));
                order.then_with(|| one.key.cmp(&other.key))
            });
            first.map(|(link, entry)| Next {
                key: entry.key.clone(),
                visit_id: entry.visit_id.clone(),
                dealer_id: entry.dealer_id.clone(),
                step: entry.step,
                link,
                after: entry
                    .key
                    .occurred_at
                    .saturating_sub(turn_away.key.occurred_at),
            })
        };
        let taken_up = next(&|_, entry| entry.helps());
        let solution = next(&|index, _| self.solves.get(index).copied().unwrap_or_default());
        (taken_up, solution)
    }
}

impl Entry {
    /// Whether another concerns the same person and happened within 30 days.
    fn is_near(&self, other: &Self) -> bool {
        let after = other.key.occurred_at.saturating_sub(self.key.occurred_at);
        after <= BY_VEHICLE && !self.persons.is_disjoint(&other.persons)
    }
}
