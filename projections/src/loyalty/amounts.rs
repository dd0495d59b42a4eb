//! The payments and customers that earned growth needs.

use std::collections::BTreeMap;

use super::years::Years;
use crate::HistoryKey;

/// A payment within the 24 months. Persons and currencies are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Amount {
    pub currency: u32,
    pub person: u32,
    /// In nanoseconds since the Unix epoch.
    pub at: i64,
    pub minor_units: i64,
}

/// The number of items within the 24 months, and of those with an amount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Coverage {
    pub all: u64,
    pub with_amount: u64,
}

/// All payments, with facts about the customers.
#[derive(Debug, Default)]
pub(super) struct Amounts {
    /// Payments within the 24 months.
    pub paid: Vec<Amount>,
    /// By person: since when the person is a customer.
    pub since: Vec<i64>,
    /// By person: whether the person came by a recommendation, by the last statement in history order.
    pub earned: BTreeMap<u32, (HistoryKey, bool)>,
    /// By currency: the instant of the first payment ever.
    pub first: BTreeMap<u32, i64>,
    pub orders: Coverage,
    pub work: Coverage,
    /// The number of payments within the 24 months by an unknown person.
    pub of_unknown_person: u64,
}

impl Amounts {
    /// Records that a person is a customer at least since then.
    pub(super) fn add_customer(&mut self, person: u32, since: i64) {
        let index = person as usize;
        if self.since.len() <= index {
            self.since.resize(index + 1, i64::MAX);
        }
        if let Some(known) = self.since.get_mut(index) {
            *known = since.min(*known);
        }
    }

    /// Records how a person came to the brand.
    pub(super) fn add_source(&mut self, person: u32, key: &HistoryKey, earned: bool) {
        let last = self
            .earned
            .get(&person)
            .is_none_or(|(known, _)| known < key);
        if last {
            self.earned.insert(person, (key.clone(), earned));
        }
    }

    /// Records a payment; `person` is `None` if unknown.
    pub(super) fn add_payment(
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
            self.of_unknown_person += u64::from(is_recent);
            return;
        };
        self.add_customer(person, at);
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
