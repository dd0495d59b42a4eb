//! The rule for work booked after feedback: within 90 days, under any id of the person.

use std::cell::RefCell;
use std::collections::BTreeMap;

use ownerline_proto::time::Instant;

use super::{BookingStates, bookings_of_person};
use crate::Validity;
use crate::fold::state::{StateError, StateRead};
use crate::obligation::Item;
use crate::person::PersonLookup;
use crate::person::identity::{IdentityError, person_ids};

/// The longest time between a feedback and a booking that counts: 90 days in nanoseconds.
const SOON: i64 = 90 * 86_400 * 1_000_000_000;

/// The most persons whose bookings are cached at once.
const CACHED_PERSONS: usize = 10_000;

/// Answers, for one query, whether an owner booked work soon after a feedback. Reads each person once.
pub struct BookedSoon<'l> {
    states: BookingStates<'l>,
    identity: &'l dyn StateRead,
    validity: &'l Validity<'l>,
    persons: PersonLookup<'l>,
    as_of: Instant,
    /// The bookings of a person, by the id that was looked up; `None` if too many ids are linked to it.
    bookings: RefCell<BTreeMap<String, Option<Vec<i64>>>>,
}

impl<'l> BookedSoon<'l> {
    /// Counts bookings at or before `as_of`. `identity` is the state of [`identity`](crate::person::identity).
    #[must_use]
    pub fn new(
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
            bookings: RefCell::default(),
        }
    }

    /// Whether the owner of an item received at `start` (nanoseconds since the Unix epoch) booked work within 90 days after
    /// it. `None` if the 90 days are not over at `as_of`, or if the item has no known owner.
    ///
    /// # Errors
    /// If a state cannot be read.
    pub fn after(&self, item: &Item, start: i64) -> Result<Option<bool>, StateError> {
        let owner_id = item.subjects(self.as_of).owner_id;
        let end = start.saturating_add(SOON);
        if end > self.as_of || owner_id.is_empty() {
            return Ok(None);
        }
        let mut cached = self.bookings.borrow_mut();
        if cached.len() >= CACHED_PERSONS {
            cached.clear();
        }
        if !cached.contains_key(owner_id) {
            cached.insert(owner_id.to_owned(), self.of_person(owner_id)?);
        }
        let bookings = cached.get(owner_id).and_then(Option::as_ref);
        let is_soon = |at: &i64| start < *at && *at <= end;
        Ok(bookings.map(|bookings| bookings.iter().any(is_soon)))
    }

    /// Returns the instants at which the person with this id booked; `None` if too many ids are linked to it.
    fn of_person(&self, owner_id: &str) -> Result<Option<Vec<i64>>, StateError> {
        match person_ids(self.identity, self.validity, owner_id) {
            Ok(owner_ids) => {
                let (states, persons) = (self.states, &self.persons);
                bookings_of_person(states, self.validity, persons, &owner_ids, self.as_of).map(Some)
            }
            Err(IdentityError::TooMany { .. }) => Ok(None),
            Err(IdentityError::State(error)) => Err(error),
        }
    }
}
