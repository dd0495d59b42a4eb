//! Persons as numbers, for queries about all persons.

use std::sync::Arc;

use crate::fold::numbering::Numbering;
use crate::person::identity::Persons;

/// Numbers for the persons that occur, each under their least id.
pub(super) struct Roster {
    persons: Arc<Persons>,
    numbers: Numbering,
    /// The last look-up, which is often repeated.
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

    /// Returns the number of the person with this id, from 0 in the order of first look-ups.
    pub(super) fn number(&mut self, id: &str) -> u32 {
        if self.last.1 == u32::MAX || self.last.0 != id {
            let number = self.numbers.number(self.persons.least(id));
            self.last.0.clear();
            self.last.0.push_str(id);
            self.last.1 = number;
        }
        self.last.1
    }

    /// Every person with a number, in the order of their least ids.
    pub(super) fn numbers(&self) -> impl Iterator<Item = (&str, u32)> {
        self.numbers.iter()
    }
}
