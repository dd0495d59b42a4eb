//! The rule that says to whom a touchpoint belongs: to the owner it names, else to the owner of its stream,
//! else to whoever held its vehicle. A matter belongs as a whole to one side, even if the vehicle was sold while it ran.
//!
//! Two readers follow the rule with a deliberate exception, each a [`Claim`]: a bill is not the driver's
//! ([`Claim::Payer`]), and a buyer is only who is named ([`Claim::Named`]).

use std::collections::BTreeMap;

use ownerline_proto::kind::Category;

use super::filled::FilledIn;
use super::holding::{HeldAs, Holding};
use super::kinds::takes_place;
use super::lookup::PersonLookup;
use super::matter::Named;
use super::names::Names;
use crate::fold::state::{StateError, StateRead};
use crate::person::ownership::holders;
use crate::{HistoryKey, Validity};
use ownerline_proto::time::Instant;

/// The states that decide to whom a touchpoint belongs, all as of one commit.
#[derive(Clone, Copy)]
pub struct WhoseStates<'s> {
    /// The state of [`timeline`](crate::timeline).
    pub timeline: &'s dyn StateRead,
    /// The state of [`ownership`](crate::person::ownership).
    pub ownership: &'s dyn StateRead,
}

/// A person to whom a touchpoint belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    /// The id that is named, or under which the vehicle was acquired.
    pub owner_id: String,
    /// The person: the least of their ids.
    pub person: String,
    /// In which role they held the vehicle; `None` if they are named.
    pub held_as: Option<HeldAs>,
}

/// Who may claim a touchpoint that neither it nor its stream attributes by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Everybody who held the vehicle, in whichever role: the rule.
    AnyHolder,
    /// Everybody who held the vehicle except its drivers, who pay for nothing. An exception, for revenue.
    Payer,
    /// Nobody: who held the vehicle before bought nothing. An exception, for the buyer of an order.
    Named,
}

impl Claim {
    fn admits(self, held_as: HeldAs) -> bool {
        match self {
            Self::AnyHolder => true,
            Self::Payer => held_as != HeldAs::Driver,
            Self::Named => false,
        }
    }
}

/// The owner of the touchpoints of a stream that name nobody themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bearer {
    /// The person with this id.
    Named(String),
    /// For all of them, whoever held this vehicle at this instant (nanoseconds since the Unix epoch).
    HeldAt(String, i64),
    /// For each of them, whoever held its vehicle when it occurred.
    HeldThen,
    /// Nobody.
    Nobody,
}

/// The owner that a touchpoint of this stream names, as its subject or by its stream; `None` if it names nobody.
pub(crate) fn named_owner<'n>(stream: &'n str, owner_id: &'n str) -> Option<&'n str> {
    match owner_id {
        "" => stream.strip_prefix("owner-"),
        owner_id => Some(owner_id),
    }
}

/// Decides to whom touchpoints belong, as of an instant and as known at a position. Each stream is read once.
pub struct Whose<'s> {
    filled: FilledIn<'s>,
    ownership: &'s dyn StateRead,
    persons: &'s PersonLookup<'s>,
    bearers: BTreeMap<String, Bearer>,
}

impl<'s> Whose<'s> {
    /// Decides by what is in force and occurred at or before `as_of`.
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

    /// The fill-in rule, over the same streams.
    pub fn filled(&mut self) -> &mut FilledIn<'s> {
        &mut self.filled
    }

    /// The persons to whom a touchpoint of this stream belongs that occurred at this instant and names these subjects:
    /// owners before co-owners before drivers. Empty if nobody is named and nobody whom `claim` admits held the vehicle.
    ///
    /// # Errors
    /// If a state cannot be read.
    pub fn of(
        &mut self,
        stream: &str,
        occurred_at: i64,
        names: &Names,
        claim: Claim,
    ) -> Result<Vec<Claimant>, StateError> {
        if let Some(owner_id) = named_owner(stream, &names.owner_id) {
            return self.named(owner_id);
        }
        let is_one_matter = Category::of_stream(stream).is_some_and(Category::is_one_matter);
        let bearer = match is_one_matter {
            true => self.bearer(stream)?.clone(),
            false => Bearer::HeldAt(names.vin.clone(), occurred_at),
        };
        let mut claimants = match bearer {
            Bearer::Named(owner_id) => return self.named(&owner_id),
            Bearer::Nobody => Vec::new(),
            _ if claim == Claim::Named => Vec::new(),
            Bearer::HeldAt(vin, at) => self.held(&vin, at)?,
            Bearer::HeldThen => {
                let filled = self.filled.fill(stream, occurred_at, names.clone())?;
                self.held(&filled.vin, occurred_at)?
            }
        };
        claimants.retain(|it| it.held_as.is_none_or(|held_as| claim.admits(held_as)));
        Ok(claimants)
    }

    /// What is in force, and the instant as of which it decides.
    pub(crate) fn stand(&self) -> (&'s Validity<'s>, Instant) {
        (self.filled.rows.validity, self.filled.rows.as_of)
    }

    /// The first touchpoint that says that the visit of a stream takes place, and the subjects it names.
    ///
    /// # Errors
    /// If a state cannot be read.
    pub fn taken_place(&self, stream: &str) -> Result<Option<(HistoryKey, Names)>, StateError> {
        let first = self.filled.rows.first(stream, takes_place)?;
        Ok(first.map(|Named { key, names }| (key, names)))
    }

    /// The kind of every touchpoint in force of a one-matter stream, by number, in history order.
    ///
    /// # Errors
    /// If a state cannot be read.
    pub(crate) fn kinds(&self, stream: &str) -> Result<BTreeMap<HistoryKey, u32>, StateError> {
        self.filled.rows.kinds(stream)
    }

    /// Whether the touchpoints of a one-matter stream belong to the same, and are filled in alike, here and there, where
    /// the same persons hold the same vehicles.
    ///
    /// # Errors
    /// If a state cannot be read.
    pub(crate) fn is_alike(
        &mut self,
        other: &mut Whose<'_>,
        stream: &str,
    ) -> Result<bool, StateError> {
        Ok(self.filled.is_alike(&mut other.filled, stream)?
            && self.bearer(stream)? == other.bearer(stream)?)
    }

    /// The owner of the touchpoints of a one-matter stream that name nobody themselves.
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
        // A case belongs to who held the car when it was opened.
        let kinds = self.filled.kinds;
        let opening = match category {
            Some(Category::Case) => self.filled.rows.first(stream, |kind| kinds.opens(kind))?,
            _ => None,
        };
        let began = match opening {
            Some(opening) => Some(opening),
            None => self.filled.rows.first(stream, |kind| kinds.tells(kind))?,
        };
        let Some(began) = began else {
            return self.of_which_nothing_counts(stream, category);
        };
        let at = began.key.occurred_at;
        // Feedback may begin before anybody is known to hold the car, with an invitation for example.
        if category == Some(Category::Feedback) && self.held(&names.vin, at)?.is_empty() {
            return Ok(Bearer::HeldThen);
        }
        Ok(Bearer::HeldAt(names.vin, at))
    }

    /// The owner of a matter of which nothing counts. Feedback that was corrected or retracted is still shown, with what
    /// took it back, to who held its car when it began: not to who bought the car before the retraction.
    fn of_which_nothing_counts(
        &mut self,
        stream: &str,
        category: Option<Category>,
    ) -> Result<Bearer, StateError> {
        if category != Some(Category::Feedback) {
            return Ok(Bearer::Nobody);
        }
        let kinds = self.filled.kinds;
        let rows = self.filled.rows;
        let began = rows.first_ever_of_a_vehicle(stream, |kind| kinds.tells(kind))?;
        if let Some(Named { key, names }) = began
            && !self.held(&names.vin, key.occurred_at)?.is_empty()
        {
            return Ok(Bearer::HeldAt(names.vin, key.occurred_at));
        }
        Ok(Bearer::HeldThen)
    }

    /// The owner of a visit: who brought the car.
    fn brought(&mut self, stream: &str) -> Result<Bearer, StateError> {
        let kinds = self.filled.kinds;
        let names = self.filled.first(stream)?.clone();
        let came = self.filled.rows.first(stream, |kind| kinds.brings(kind))?;
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
            (None, None) => match self.filled.rows.first(stream, |kind| kinds.tells(kind))? {
                Some(began) if !self.held(&names.vin, began.key.occurred_at)?.is_empty() => {
                    Bearer::HeldAt(names.vin, began.key.occurred_at)
                }
                _ => Bearer::Nobody,
            },
        };
        // If nobody is known to hold the car, the first owner that the visit names has to do.
        Ok(match bearer {
            Bearer::Nobody if !names.owner_id.is_empty() => Bearer::Named(names.owner_id),
            bearer => bearer,
        })
    }

    /// The owner named by the first booking before the car came that names one.
    fn booked_by(&self, stream: &str, came: Option<&Named>) -> Result<Option<String>, StateError> {
        let kinds = self.filled.kinds;
        let mut booked_by = None;
        self.filled.rows.named(stream, |Named { key, names }| {
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

    fn named(&self, owner_id: &str) -> Result<Vec<Claimant>, StateError> {
        Ok(vec![Claimant {
            owner_id: owner_id.to_owned(),
            person: self.persons.person(owner_id)?,
            held_as: None,
        }])
    }

    fn held(&self, vin: &str, at: i64) -> Result<Vec<Claimant>, StateError> {
        if vin.is_empty() {
            return Ok(Vec::new());
        }
        let (state, validity) = (self.ownership, self.filled.rows.validity);
        let holding = holders(state, validity, self.persons, vin, at)?;
        Ok(holding.into_iter().map(Claimant::from).collect())
    }
}

impl From<Holding> for Claimant {
    fn from(holding: Holding) -> Self {
        Self {
            owner_id: holding.owner_id,
            person: holding.person,
            held_as: Some(holding.held_as),
        }
    }
}
