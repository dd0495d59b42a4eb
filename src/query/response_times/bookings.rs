//! Whether a person booked work soon after feedback: by all ids of the person, looked up once each.

use std::cell::RefCell;
use std::collections::BTreeMap;

use ownerline_projections::Validity;
use ownerline_projections::bookings::{BookingStates, booked};
use ownerline_projections::fold::state::{StateError, StateRead};
use ownerline_projections::obligation::Item;
use ownerline_projections::person::PersonLookup;
use ownerline_projections::person::identity::{IdentityError, component};
use ownerline_proto::time::Instant;

/// Within 90 days, in nanoseconds.
const WITHIN: i64 = 90 * 86_400 * 1_000_000_000;

/// Persons whose bookings are kept at once.
const PERSONS: usize = 10_000;

/// Looks up bookings for one question.
pub(super) struct BookingLookup<'l> {
    states: BookingStates<'l>,
    identity: &'l dyn StateRead,
    validity: &'l Validity<'l>,
    persons: PersonLookup<'l>,
    as_of: Instant,
    known: RefCell<BTreeMap<String, Option<Vec<i64>>>>,
}

impl<'l> BookingLookup<'l> {
    /// By what occurred at or before `as_of` (nanoseconds since the Unix epoch).
    pub(super) fn new(
        states: BookingStates<'l>,
        identity: &'l dyn StateRead,
        validity: &'l Validity<'l>,
        as_of: Instant,
    ) -> Self {
        Self {
            states,
            identity,
            validity,
            persons: PersonLookup::new(identity, validity),
            as_of,
            known: RefCell::default(),
        }
    }

    /// Whether the person of an item that was received at `start` booked work within 90 days; `None` if
    /// they are not over, or the person is not known.
    pub(super) fn has_booked(&self, item: &Item, start: i64) -> Result<Option<bool>, StateError> {
        let owner_id = item.owner_id(self.as_of);
        let end = start.saturating_add(WITHIN);
        if end > self.as_of || owner_id.is_empty() {
            return Ok(None);
        }
        let mut known = self.known.borrow_mut();
        if known.len() >= PERSONS {
            known.clear();
        }
        if !known.contains_key(owner_id) {
            known.insert(owner_id.to_owned(), self.of_person(owner_id)?);
        }
        let booked = known.get(owner_id).and_then(Option::as_ref);
        let soon = |booked: &Vec<i64>| booked.iter().any(|at| start < *at && *at <= end);
        Ok(booked.map(soon))
    }

    /// When the person with this id booked; `None` if too many ids are said to be one person.
    fn of_person(&self, owner_id: &str) -> Result<Option<Vec<i64>>, StateError> {
        match component(self.identity, self.validity, owner_id) {
            Ok(owner_ids) => {
                let (states, persons) = (self.states, &self.persons);
                let found = booked(states, self.validity, persons, &owner_ids, self.as_of);
                found.map(Some)
            }
            Err(IdentityError::TooMany { .. }) => Ok(None),
            Err(IdentityError::State(error)) => Err(error),
        }
    }
}
