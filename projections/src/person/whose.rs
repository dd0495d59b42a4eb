//! To whom a touchpoint belongs (DOMAIN §6): the owner it names, else who its stream is about, else who held its
//! vehicle. A matter belongs as a whole to one side, whatever was sold while it ran.

use std::collections::BTreeMap;

use ownerline_proto::kind::Category;

use super::filled::{FilledIn, Names};
use super::holding::{HeldAs, Holding};
use super::lookup::PersonLookup;
use super::matter::{Named, first, named};
use crate::Validity;
use crate::fold::state::{StateError, StateRead};
use crate::person::ownership::holders;
use ownerline_proto::time::Instant;

/// What says whose a touchpoint is, all as of one commit.
#[derive(Clone, Copy)]
pub struct WhoseStates<'s> {
    /// Of [`timeline`](crate::timeline).
    pub timeline: &'s dyn StateRead,
    /// Of [`ownership`](crate::person::ownership).
    pub ownership: &'s dyn StateRead,
}

/// Somebody to whom a touchpoint belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belongs {
    /// The id under which: as named, or under which the vehicle was acquired.
    pub owner_id: String,
    /// The person: the least of their ids.
    pub person: String,
    /// As what they held the vehicle; `None`: they are named.
    pub held_as: Option<HeldAs>,
}

/// To whom the touchpoints of a stream belong that name nobody themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bearer {
    /// To the person with this id.
    Named(String),
    /// All of them to who held this vehicle at this instant (nanoseconds since the Unix epoch).
    HeldAt(String, i64),
    /// Each to who held its vehicle when it occurred.
    HeldThen,
    /// To nobody.
    Nobody,
}

/// Says whose a touchpoint is, as it was and as it was known. Streams that were looked up are kept.
pub struct Whose<'s> {
    filled: FilledIn<'s>,
    ownership: &'s dyn StateRead,
    persons: &'s PersonLookup<'s>,
    bearers: BTreeMap<String, Bearer>,
}

impl<'s> Whose<'s> {
    /// By what is in force and occurred at or before `as_of`.
    #[must_use]
    pub fn new(
        states: WhoseStates<'s>,
        validity: &'s Validity<'s>,
        persons: &'s PersonLookup<'s>,
        as_of: Instant,
    ) -> Self {
        Self {
            filled: FilledIn::new(states.timeline, validity, as_of),
            ownership: states.ownership,
            persons,
            bearers: BTreeMap::new(),
        }
    }

    /// The fill-in rule, over what was looked up.
    pub fn filled(&mut self) -> &mut FilledIn<'s> {
        &mut self.filled
    }

    /// To whom a touchpoint of this stream belongs that occurred at this instant and names these: owners before
    /// co-owners before drivers; nobody if nobody is known to hold its vehicle.
    ///
    /// # Errors
    /// If a state cannot be read.
    pub fn of(
        &mut self,
        stream: &str,
        occurred_at: i64,
        names: &Names,
    ) -> Result<Vec<Belongs>, StateError> {
        if !names.owner_id.is_empty() {
            return self.named(&names.owner_id);
        }
        if let Some(owner_id) = stream.strip_prefix("owner-") {
            return self.named(owner_id);
        }
        if !Category::of_stream(stream).is_some_and(Category::is_one_matter) {
            return self.held(&names.vin, occurred_at);
        }
        match self.bearer(stream)?.clone() {
            Bearer::Named(owner_id) => self.named(&owner_id),
            Bearer::HeldAt(vin, at) => self.held(&vin, at),
            Bearer::HeldThen => {
                let filled = self.filled.fill(stream, occurred_at, names.clone())?;
                self.held(&filled.vin, occurred_at)
            }
            Bearer::Nobody => Ok(Vec::new()),
        }
    }

    /// To whom the touchpoints of a stream of one matter belong that name nobody themselves.
    pub(crate) fn bearer(&mut self, stream: &str) -> Result<&Bearer, StateError> {
        if !self.bearers.contains_key(stream) {
            let found = self.read(stream)?;
            self.bearers.insert(stream.to_owned(), found);
        }
        Ok(self.bearers.get(stream).unwrap_or(&Bearer::Nobody))
    }

    fn read(&mut self, stream: &str) -> Result<Bearer, StateError> {
        let category = Category::of_stream(stream);
        if category == Some(Category::Visit) {
            return self.brought(stream);
        }
        let names = self.filled.first(stream)?.clone();
        if !names.owner_id.is_empty() {
            return Ok(Bearer::Named(names.owner_id));
        }
        if category == Some(Category::Order) {
            return Ok(Bearer::HeldThen);
        }
        // Of a case its opening decides (law/cases 4).
        let kinds = self.filled.kinds;
        let opening = match category {
            Some(Category::Case) => first(&self.filled, stream, |kind| kinds.opens(kind))?,
            _ => None,
        };
        let began = match opening {
            Some(opening) => Some(opening),
            None => first(&self.filled, stream, |_| true)?,
        };
        let Some(began) = began else {
            // Nothing counts: what was corrected or retracted is still shown, to who held the car then.
            return Ok(match category {
                Some(Category::Feedback) => Bearer::HeldThen,
                _ => Bearer::Nobody,
            });
        };
        let at = began.key.occurred_at;
        // Feedback may begin before anybody is known to hold the car: with an invitation, say.
        if category == Some(Category::Feedback) && self.held(&names.vin, at)?.is_empty() {
            return Ok(Bearer::HeldThen);
        }
        Ok(Bearer::HeldAt(names.vin, at))
    }

    /// Who brought the car to a visit (law/orders 14).
    fn brought(&mut self, stream: &str) -> Result<Bearer, StateError> {
        let kinds = self.filled.kinds;
        let names = self.filled.first(stream)?.clone();
        let came = first(&self.filled, stream, |kind| !kinds.is_appointment(kind))?;
        let booked_by = self.booked_by(stream, came.as_ref())?;
        let bearer = match (came, booked_by) {
            (Some(came), _) if !came.names.owner_id.is_empty() => {
                Bearer::Named(came.names.owner_id)
            }
            (Some(came), booked_by) => {
                let at = came.key.occurred_at;
                let vin = match came.names.vin {
                    vin if vin.is_empty() => names.vin,
                    vin => vin,
                };
                let holding = self.held(&vin, at)?;
                let booked_by = match booked_by {
                    Some(id) if holding.is_empty() => Some(id),
                    Some(id) => {
                        let person = self.persons.person(&id)?;
                        holding.iter().any(|it| it.person == person).then_some(id)
                    }
                    None => None,
                };
                match booked_by {
                    Some(owner_id) => Bearer::Named(owner_id),
                    None if holding.is_empty() => Bearer::Nobody,
                    None => Bearer::HeldAt(vin, at),
                }
            }
            (None, Some(owner_id)) => Bearer::Named(owner_id),
            (None, None) => match first(&self.filled, stream, |_| true)? {
                Some(began) if !self.held(&names.vin, began.key.occurred_at)?.is_empty() => {
                    Bearer::HeldAt(names.vin, began.key.occurred_at)
                }
                _ => Bearer::Nobody,
            },
        };
        // Of a car that nobody is known to hold, whoever the visit names first is all that is known.
        Ok(match bearer {
            Bearer::Nobody if !names.owner_id.is_empty() => Bearer::Named(names.owner_id),
            bearer => bearer,
        })
    }

    /// Whom the first booking before the car came names, of those that name anybody.
    fn booked_by(&self, stream: &str, came: Option<&Named>) -> Result<Option<String>, StateError> {
        let kinds = self.filled.kinds;
        let mut booked_by = None;
        named(&self.filled, stream, |Named { key, names }| {
            if came.is_some_and(|came| key > came.key) {
                return Ok(false);
            }
            if kinds.books(names.kind) && !names.owner_id.is_empty() {
                booked_by = Some(names.owner_id);
            }
            Ok(booked_by.is_none())
        })?;
        Ok(booked_by)
    }

    fn named(&self, owner_id: &str) -> Result<Vec<Belongs>, StateError> {
        Ok(vec![Belongs {
            owner_id: owner_id.to_owned(),
            person: self.persons.person(owner_id)?,
            held_as: None,
        }])
    }

    fn held(&self, vin: &str, at: i64) -> Result<Vec<Belongs>, StateError> {
        if vin.is_empty() {
            return Ok(Vec::new());
        }
        let (state, validity) = (self.ownership, self.filled.validity);
        let holding = holders(state, validity, self.persons, vin, at)?;
        Ok(holding.into_iter().map(Belongs::from).collect())
    }
}

impl From<Holding> for Belongs {
    fn from(holding: Holding) -> Self {
        Self {
            owner_id: holding.owner_id,
            person: holding.person,
            held_as: Some(holding.held_as),
        }
    }
}
