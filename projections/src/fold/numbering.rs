//! Numbers for names, so that millions of them are compared and kept as numbers.

use std::collections::BTreeMap;

/// Names and their numbers, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    numbers: BTreeMap<String, u32>,
}

impl Numbering {
    /// The number of a name; a new one if it is new.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// The number of a name, if it has one.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// Every name with its number, in the order of the names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        let numbers = self.numbers.iter();
        numbers.map(|(name, number)| (name.as_str(), *number))
    }

    /// The same names, numbered in their order, and the new number of each old one: what came first decides nothing.
    pub(crate) fn ranked(self) -> (Self, Vec<u32>) {
        let mut ranks = vec![0; self.numbers.len()];
        let mut numbers = self.numbers;
        for (rank, number) in (0_u32..).zip(numbers.values_mut()) {
            if let Some(place) = ranks.get_mut(*number as usize) {
                *place = rank;
            }
            *number = rank;
        }
        (Self { numbers }, ranks)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }
}

/// The new number of an old one, by what [`Numbering::ranked`] answered.
pub(crate) fn ranked(number: u32, ranks: &[u32]) -> u32 {
    ranks.get(number as usize).copied().unwrap_or(number)
}
