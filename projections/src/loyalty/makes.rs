//! Makes as numbers.

use crate::fold::numbering::{Numbering, ranked};

/// A make. Two unknown makes must not be taken for the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Make(pub u32);

impl Make {
    /// The unknown make.
    pub(super) const UNKNOWN: Self = Self(0);

    pub(super) fn is_known(self) -> bool {
        self != Self::UNKNOWN
    }

    /// Returns it with its new number.
    pub(super) fn ranked(self, ranks: &[u32]) -> Self {
        Self(ranked(self.0, ranks))
    }

    /// Returns this one if it is known, or else another.
    pub(super) fn or(self, other: Self) -> Self {
        if self.is_known() { self } else { other }
    }
}

/// Makes by name; the empty name is [`Make::UNKNOWN`].
#[derive(Debug)]
pub(super) struct Makes(Numbering);

impl Makes {
    pub(super) fn new() -> Self {
        let mut names = Numbering::default();
        names.number("");
        Self(names)
    }

    pub(super) fn make(&mut self, name: &str) -> Make {
        Make(self.0.number(name))
    }

    /// Renumbers the makes in the order of their names; also returns the new number of each old one. The unknown one stays.
    pub(super) fn ranked(self) -> (Self, Vec<u32>) {
        let (names, ranks) = self.0.ranked();
        (Self(names), ranks)
    }

    /// In the order of their names, the unknown one first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Make)> {
        self.0.iter().map(|(name, number)| (name, Make(number)))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
