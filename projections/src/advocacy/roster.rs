//! Persons as numbers, for questions about everybody.

use std::sync::Arc;

use crate::fold::numbering::Numbering;
use crate::person::identity::Persons;

/// Who is who: every person that was met, each by the least of their ids.
pub(super) struct Roster {
    persons: Arc<Persons>,
    numbers: Numbering,
    /// Whoever was asked for last is asked for again.
    last: (String, u32),
}

impl Roster {
    pub(super) fn new(persons: Arc<Persons>) -> Self {
        Self {
            persons,
            numbers: Numbering::default(),
            last: (String::new(), u32::MAX),
        }
    }

    /// The number of the person with this id: from 0, in the order in which they were met.
    pub(super) fn number(&mut self, id: &str) -> u32 {
        if self.last.1 == u32::MAX || self.last.0 != id {
            let number = self.numbers.number(self.persons.least(id));
            self.last.0.clear();
            self.last.0.push_str(id);
            self.last.1 = number;
        }
        self.last.1
    }

    /// Everybody who was met, in the order of their ids.
    pub(super) fn numbers(&self) -> impl Iterator<Item = (&str, u32)> {
        self.numbers.iter()
    }
}
