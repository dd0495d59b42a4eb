//! Numbers for names, so that millions of them are compared and kept as numbers.

use std::collections::BTreeMap;

/// Names and their numbers, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: BTreeMap<String, u32>,
}

impl Names {
    /// The number of a name; a new one if it is new.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// The number of a name, if it has one.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// Every name with its number, in the order of the names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        let numbers = self.numbers.iter();
        numbers.map(|(name, number)| (name.as_str(), *number))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }
}

/// A make. The unknown one is not the same as itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Make(pub u32);

impl Make {
    /// Nobody said which.
    pub(super) const UNKNOWN: Self = Self(0);

    pub(super) fn is_known(self) -> bool {
        self != Self::UNKNOWN
    }

    /// This one, or else another.
    pub(super) fn or(self, other: Self) -> Self {
        if self.is_known() { self } else { other }
    }
}

/// Makes by name; the empty name is [`Make::UNKNOWN`].
#[derive(Debug)]
pub(super) struct Makes(Names);

impl Makes {
    pub(super) fn new() -> Self {
        let mut names = Names::default();
        names.number("");
        Self(names)
    }

    pub(super) fn make(&mut self, name: &str) -> Make {
        Make(self.0.number(name))
    }

    /// In the order of their names, the unknown one first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Make)> {
        self.0.iter().map(|(name, number)| (name, Make(number)))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
