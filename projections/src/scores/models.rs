//! The model of the car that a feedback is about.

use std::collections::BTreeMap;

use crate::Validity;
use crate::fold::state::{StateError, StateRead};
use crate::obligation::{Invitation, Item};
use crate::vehicles::{order, vehicle};
use ownerline_proto::time::Instant;

/// The most cached names: a car is mostly looked up a few times in a row or never again.
const REMEMBERED: usize = 100_000;

/// Looks up models. Each car is read once.
pub(super) struct Models<'r> {
    vehicles: &'r dyn StateRead,
    validity: &'r Validity<'r>,
    as_of: Instant,
    of_cars: BTreeMap<String, String>,
    of_orders: BTreeMap<String, String>,
}

impl<'r> Models<'r> {
    pub(super) fn new(
        vehicles: &'r dyn StateRead,
        validity: &'r Validity<'r>,
        as_of: Instant,
    ) -> Self {
        Self {
            vehicles,
            validity,
            as_of,
            of_cars: BTreeMap::new(),
            of_orders: BTreeMap::new(),
        }
    }

    /// The model of the vehicle that the feedback is about, else that of the first order that its stream names; empty
    /// if neither is known.
    pub(super) fn of(
        &mut self,
        item: &Item,
        invitation: &Invitation<'_>,
    ) -> Result<&str, StateError> {
        let (vehicles, validity, as_of) = (self.vehicles, self.validity, self.as_of);
        let of_car = remembered(&mut self.of_cars, item.subjects(as_of).vin, |vin| {
            let found = vehicle(vehicles, validity, vin, as_of)?;
            Ok(found.map_or_else(String::new, |it| it.model))
        })?;
        if !of_car.is_empty() {
            return Ok(of_car);
        }
        remembered(
            &mut self.of_orders,
            item.text(invitation.order),
            |order_id| {
                let found = order(vehicles, validity, order_id, as_of)?;
                Ok(found.map_or_else(String::new, |it| it.model))
            },
        )
    }
}

fn remembered<'k>(
    known: &'k mut BTreeMap<String, String>,
    id: &str,
    look: impl FnOnce(&str) -> Result<String, StateError>,
) -> Result<&'k str, StateError> {
    if id.is_empty() {
        return Ok("");
    }
    if !known.contains_key(id) {
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(id.to_owned(), look(id)?);
    }
    Ok(known.get(id).map_or("", String::as_str))
}
