//! Spells, counted by make. Counting persons in any order gives the same.

use std::collections::BTreeMap;

use super::acquired::{Kind, acquired};
use super::gather::Gathered;
use super::makes::Make;
use super::query::LoyaltyQuery;
use super::spell::{Spell, To, spells};
use crate::stats::{End, Tally};

const DAY: i128 = 86_400_000_000_000;

/// What is counted of the spells of one make.
#[derive(Debug, Clone, Default)]
pub(super) struct Tallied {
    pub owners: u64,
    pub spells: u64,
    pub open: u64,
    pub bought: u64,
    pub leased: u64,
    pub kind_not_told: u64,
    pub other: u64,
    pub left: u64,
    pub undecided: u64,
    /// Until the owner was back, for whatever.
    pub returns: Tally,
    /// Until the owner was back for the same make; for another is the competing end.
    pub by_make: Tally,
}

/// The counts of all known makes and of each.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub total: Tallied,
    pub makes: BTreeMap<Make, Tallied>,
}

/// Counts the spells of everybody that are asked for.
pub(super) fn count(gathered: &Gathered, query: &LoyaltyQuery) -> Counted {
    let wanted = query.scope.make.as_deref();
    let only = wanted.map(|wanted| {
        let mut makes = gathered.makes.iter();
        makes
            .find(|(name, _)| *name == wanted)
            .map(|(_, make)| make)
    });
    let mut counted = Counted::default();
    let mut makes: Vec<Make> = Vec::new();
    for told in gathered.told.chunk_by(|one, next| one.0 == next.0) {
        makes.clear();
        for spell in spells(&acquired(told)) {
            if only.is_some_and(|only| only != Some(spell.make)) {
                continue;
            }
            let is_first = !makes.contains(&spell.make);
            if spell.make.is_known() {
                let is_first_of_all = !makes.iter().any(|make| make.is_known());
                counted.total.add(&spell, query, is_first_of_all);
            }
            let of_make = counted.makes.entry(spell.make).or_default();
            of_make.add(&spell, query, is_first);
            makes.push(spell.make);
        }
    }
    counted
}

impl Tallied {
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
                Some(To::Same(_)) => (End::Awaited, End::Awaited),
                Some(To::Other | To::Left) => (End::Awaited, End::Competing),
                // Back, but for which make nobody knows.
                Some(To::Undecided) => (End::Awaited, End::Censored),
            };
            self.returns.add(back, length);
            self.by_make.add(by_make, length);
        }
        let scope = &query.scope;
        let asked = scope.from.unwrap_or(i64::MIN)..scope.until.unwrap_or(i64::MAX);
        let Some(end) = end.filter(|end| asked.contains(&end.at)) else {
            return;
        };
        *match end.to {
            To::Same(Kind::Bought) => &mut self.bought,
            To::Same(Kind::Leased) => &mut self.leased,
            To::Same(Kind::NotTold) => &mut self.kind_not_told,
            To::Other => &mut self.other,
            To::Left => &mut self.left,
            To::Undecided => &mut self.undecided,
        } += 1;
    }

    pub(super) fn same(&self) -> u64 {
        self.bought + self.leased + self.kind_not_told
    }

    /// Returns of which both makes are known.
    pub(super) fn decided(&self) -> u64 {
        self.same() + self.other + self.left
    }
}

/// A duration in nanoseconds, rounded up to whole days: the anniversary is within the year.
fn whole_days(nanoseconds: i128) -> i128 {
    let past = nanoseconds.max(0);
    let days = past.div_euclid(DAY) + i128::from(past.rem_euclid(DAY) > 0);
    days.saturating_mul(DAY)
}
