//! Persons as numbers, for questions about everybody.

use std::collections::BTreeMap;

use crate::view::identity::Persons;

/// Who is who: every person that was met, each by the least of their ids.
pub(super) struct Roster {
    persons: Persons,
    numbers: BTreeMap<String, u32>,
    /// Whoever was asked for last is asked for again.
    last: (String, u32),
}

impl Roster {
    pub(super) fn new(persons: Persons) -> Self {
        Self {
            persons,
            numbers: BTreeMap::new(),
            last: (String::new(), u32::MAX),
        }
    }

    /// The number of the person with this id: from 0, in the order in which they were met.
    pub(super) fn number(&mut self, id: &str) -> u32 {
        if self.last.1 == u32::MAX || self.last.0 != id {
            let least = self.persons.least(id);
            let number = match self.numbers.get(least) {
                Some(number) => *number,
                None => {
                    // More persons than this do not fit in memory.
                    let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
                    self.numbers.insert(least.to_owned(), next);
                    next
                }
            };
            self.last.0.clear();
            self.last.0.push_str(id);
            self.last.1 = number;
        }
        self.last.1
    }

    /// Everybody who was met, in the order of their ids.
    pub(super) fn into_numbers(self) -> BTreeMap<String, u32> {
        self.numbers
    }
}
