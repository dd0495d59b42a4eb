//! Makes as numbers.

use crate::numbering::Numbering;

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

    /// In the order of their names, the unknown one first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Make)> {
        self.0.iter().map(|(name, number)| (name, Make(number)))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
