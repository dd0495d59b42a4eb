//! The person with an id: looked up id by id, or for everybody at once.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::Validity;
use crate::fold::state::{StateError, StateRead};
use crate::person::identity::{Persons, everyone_linked};

/// Resolves ids to persons, as known at a position.
pub struct PersonLookup<'s> {
    source: Source<'s>,
}

enum Source<'s> {
    Everybody(&'s Persons),
    OnDemand {
        state: &'s dyn StateRead,
        validity: &'s Validity<'s>,
        /// The least id of the person, by id.
        known: RefCell<BTreeMap<String, String>>,
    },
}

impl<'s> PersonLookup<'s> {
    /// Looks up single ids in the state of [`identity`](crate::person::identity). Persons are cached.
    #[must_use]
    pub fn new(state: &'s dyn StateRead, validity: &'s Validity<'s>) -> Self {
        Self {
            source: Source::OnDemand {
                state,
                validity,
                known: RefCell::default(),
            },
        }
    }

    /// Looks up ids among all persons, which were read before.
    #[must_use]
    pub fn of_all(persons: &'s Persons) -> Self {
        Self {
            source: Source::Everybody(persons),
        }
    }

    /// The person with this id: the least of their ids.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn person(&self, id: &str) -> Result<String, StateError> {
        let (state, validity, known) = match &self.source {
            Source::Everybody(persons) => return Ok(persons.least(id).to_owned()),
            Source::OnDemand {
                state,
                validity,
                known,
            } => (*state, *validity, known),
        };
        if let Some(person) = known.borrow().get(id) {
            return Ok(person.clone());
        }
        let ids: BTreeSet<String> = everyone_linked(state, validity, id)?;
        let person = ids.first().cloned().unwrap_or_default();
        let mut known = known.borrow_mut();
        known.extend(ids.into_iter().map(|id| (id, person.clone())));
        Ok(person)
    }
}
