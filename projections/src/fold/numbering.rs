//! Numbers in place of names, so that millions of them are cheap to compare and store.

use indexmap::IndexSet;

/// Names and their numbers, from 0 in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    names: IndexSet<String>,
}

impl Numbering {
    /// Returns the number of a name. A new name gets the next number.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.find(name) {
            return number;
        }
        let (number, _) = self.names.insert_full(name.to_owned());
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// Returns the number of a name, if it has one.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        let number = self.names.get_index_of(name)?;
        Some(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// Every name with its number, in the order of the names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        let names = self.names.iter().map(String::as_str);
        let mut numbered: Vec<(&str, u32)> = names.zip(0..).collect();
        numbered.sort_unstable();
        numbered.into_iter()
    }

    /// Renumbers the names in bytewise order, so that the order of adding does not matter. Also returns the new number of
    /// each old one.
    pub(crate) fn ranked(mut self) -> (Self, Vec<u32>) {
        let mut ranks = vec![0; self.names.len()];
        for ((_, number), rank) in self.iter().zip(0..) {
            if let Some(place) = ranks.get_mut(number as usize) {
                *place = rank;
            }
        }
        self.names.sort_unstable();
        (self, ranks)
    }

    /// The number of names.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }
}

/// The new number of an old one, by the ranks of [`Numbering::ranked`].
pub(crate) fn ranked(number: u32, ranks: &[u32]) -> u32 {
    ranks.get(number as usize).copied().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_as_they_come_and_then_in_their_order() {
        let mut numbering = Numbering::default();
        let numbers = ["b", "c", "a", "c"].map(|name| numbering.number(name));
        assert_eq!(numbers, [0, 1, 2, 1]);
        assert_eq!((numbering.find("a"), numbering.find("d")), (Some(2), None));
        let in_order: Vec<_> = numbering.iter().collect();
        assert_eq!(in_order, [("a", 2), ("b", 0), ("c", 1)]);
        let (ranked_names, ranks) = numbering.ranked();
        assert_eq!(ranks, [1, 2, 0]);
        for (name, number) in [("b", 0), ("c", 1), ("a", 2)] {
            assert_eq!(ranked_names.find(name), Some(ranked(number, &ranks)));
        }
    }
}
