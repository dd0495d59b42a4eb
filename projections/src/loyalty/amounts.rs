//! What was paid by whom, as far as earned growth needs it.

use std::collections::BTreeMap;

use super::years::Years;
use crate::HistoryKey;

/// An amount of the 24 months. Persons and currencies are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Amount {
    pub currency: u32,
    pub person: u32,
    /// In nanoseconds since the Unix epoch.
    pub at: i64,
    pub minor_units: i64,
}

/// So many of the 24 months, and so many of them with an amount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Coverage {
    pub all: u64,
    pub with_amount: u64,
}

/// What was paid, and what is known of who paid.
#[derive(Debug, Default)]
pub(super) struct Amounts {
    /// Of the 24 months.
    pub paid: Vec<Amount>,
    /// By person: since when they are a customer.
    pub since: Vec<i64>,
    /// Whether a person came by a recommendation, by what was said last in history order.
    pub earned: BTreeMap<u32, (HistoryKey, bool)>,
    /// By currency: when the first amount ever was paid.
    pub first: BTreeMap<u32, i64>,
    pub orders: Coverage,
    pub work: Coverage,
    /// Amounts of the 24 months of which nobody knows whose they are.
    pub of_nobody: u64,
}

impl Amounts {
    /// They are a customer at least since then.
    pub(super) fn is_customer(&mut self, person: u32, since: i64) {
        let index = person as usize;
        if self.since.len() <= index {
            self.since.resize(index + 1, i64::MAX);
        }
        if let Some(known) = self.since.get_mut(index) {
            *known = since.min(*known);
        }
    }

    /// Somebody says how they came to the brand.
    pub(super) fn states_source(&mut self, person: u32, key: &HistoryKey, earned: bool) {
        let last = self
            .earned
            .get(&person)
            .is_none_or(|(known, _)| known < key);
        if last {
            self.earned.insert(person, (key.clone(), earned));
        }
    }

    /// Somebody paid, unless nobody knows who.
    pub(super) fn pays(
        &mut self,
        person: Option<u32>,
        at: i64,
        minor_units: i64,
        currency: u32,
        years: Years,
    ) {
        let first = self.first.entry(currency).or_insert(at);
        *first = at.min(*first);
        let is_recent = years.is_before(at) || years.is_now(at);
        let Some(person) = person else {
            self.of_nobody += u64::from(is_recent);
            return;
        };
        self.is_customer(person, at);
        if is_recent {
            self.paid.push(Amount {
                currency,
                person,
                at,
                minor_units,
            });
        }
    }
}
