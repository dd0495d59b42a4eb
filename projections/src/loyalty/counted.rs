//! Counts spells by make. The order of persons does not matter.

use std::collections::BTreeMap;

use super::acquired::{Kind, acquisitions};
use super::gather::Inputs;
use super::makes::Make;
use super::query::LoyaltyQuery;
use super::spell::{ReturnTo, Spell, spells};
use crate::stats::{End, Tally};

const DAY: i128 = 86_400_000_000_000;

/// The counts of the spells of one make.
#[derive(Debug, Clone, Default)]
pub(super) struct SpellTally {
    pub owners: u64,
    pub spells: u64,
    pub open: u64,
    pub bought: u64,
    pub leased: u64,
    pub kind_unspecified: u64,
    pub other: u64,
    pub left: u64,
    pub undecided: u64,
    /// Times until the owner was back, for any make.
    pub returns: Tally,
    /// Times until the owner was back for the same make; another make is the competing end.
    pub by_make: Tally,
}

/// The counts of each make, and of all known makes together.
#[derive(Debug, Default)]
pub(super) struct MakeTallies {
    pub total: SpellTally,
    pub makes: BTreeMap<Make, SpellTally>,
}

/// Counts all spells that match the query.
pub(super) fn count(inputs: &Inputs, query: &LoyaltyQuery) -> MakeTallies {
    let filter = query.scope.make.as_deref();
    let only = filter.map(|filter| {
        let mut makes = inputs.makes.iter();
        makes
            .find(|(name, _)| *name == filter)
            .map(|(_, make)| make)
    });
    let mut tallies = MakeTallies::default();
    let mut makes: Vec<Make> = Vec::new();
    for reports in inputs.reports.chunk_by(|one, next| one.0 == next.0) {
        makes.clear();
        for spell in spells(&acquisitions(reports)) {
            if only.is_some_and(|only| only != Some(spell.make)) {
                continue;
            }
            let is_first = !makes.contains(&spell.make);
            if spell.make.is_known() {
                let is_first_of_all = !makes.iter().any(|make| make.is_known());
                tallies.total.add(&spell, query, is_first_of_all);
            }
            let of_make = tallies.makes.entry(spell.make).or_default();
            of_make.add(&spell, query, is_first);
            makes.push(spell.make);
        }
    }
    tallies
}

impl SpellTally {
    fn add(&mut self, spell: &Spell, query: &LoyaltyQuery, is_first: bool) {
        self.owners += u64::from(is_first);
        let end = spell.end;
        if let Some(since) = spell.since {
            self.spells += 1;
            self.open += u64::from(end.is_none());
            let until = end.map_or(query.as_of, |end| end.at.into());
            let length = whole_days(until.since(since));
            let (back, by_make) = match end.map(|end| end.to) {
                None => (End::Censored, End::Censored),
                Some(ReturnTo::Same(_)) => (End::Awaited, End::Awaited),
                Some(ReturnTo::Other | ReturnTo::Left) => (End::Awaited, End::Competing),
                // The owner is back, but for which make is unknown.
                Some(ReturnTo::Undecided) => (End::Awaited, End::Censored),
            };
            self.returns.add(back, length);
            self.by_make.add(by_make, length);
        }
        let scope = &query.scope;
        let period = scope.from.unwrap_or(i64::MIN)..scope.until.unwrap_or(i64::MAX);
        let Some(end) = end.filter(|end| period.contains(&end.at)) else {
            return;
        };
        *match end.to {
            ReturnTo::Same(Kind::Bought) => &mut self.bought,
            ReturnTo::Same(Kind::Leased) => &mut self.leased,
            ReturnTo::Same(Kind::Unspecified) => &mut self.kind_unspecified,
            ReturnTo::Other => &mut self.other,
            ReturnTo::Left => &mut self.left,
            ReturnTo::Undecided => &mut self.undecided,
        } += 1;
    }

    pub(super) fn same(&self) -> u64 {
        self.bought + self.leased + self.kind_unspecified
    }

    /// The number of returns of which both makes are known.
    pub(super) fn decided(&self) -> u64 {
        self.same() + self.other + self.left
    }
}

/// Rounds nanoseconds up to whole days, so that the anniversary itself is within the year.
fn whole_days(nanoseconds: i128) -> i128 {
    let past = nanoseconds.max(0);
    let days = past.div_euclid(DAY) + i128::from(past.rem_euclid(DAY) > 0);
    days.saturating_mul(DAY)
}
