//! View `vehicles`: what was told about each car and about each order of one, as it was and as it was known.
//! Field by field the last in history order that says something wins.
//!
//! | table | key | value |
//! |---|---|---|
//! | `v` | vehicle, history key | what a registration says about the car |
//! | `o` | order, history key | what a touchpoint says about the order, if it says any of it |
//!
//! Readings of odometers stand beside them: see [`odometer`].

use std::ops::ControlFlow;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::ProductionStage;
use ownerline_proto::v1::order_placed::SaleType;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use crate::fold::corrections::{Inherited, Inherits, fill};
use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::state::{ScanOrder, StateError, StateMap, StateRead, try_scan};
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::{Recorded, Validity};

pub mod odometer;

const VEHICLES: u8 = b'v';
const ORDERS: u8 = b'o';

/// The view. See the [module documentation](self).
pub const VIEW: ViewDef = ViewDef {
    name: "vehicles",
    version: 2,
    kinds: Kinds::Named(&[
        "order_placed",
        "vin_assigned",
        "delivery_date_promised",
        "delivery_date_revised",
        "production_stage_reached",
        "handover_completed",
        "order_cancelled",
        "vehicle_registered",
        "odometer_read",
        "vehicle_dropped_off",
        "vehicle_picked_up",
    ]),
    apply: &apply,
};

/// A car. A text that nobody said is empty.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Vehicle {
    /// Its make.
    #[prost(string, tag = "1")]
    pub brand: String,
    /// Its model.
    #[prost(string, tag = "2")]
    pub model: String,
}

/// A car being bought. A text that nobody said is empty.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Order {
    /// Of which make.
    #[prost(string, tag = "1")]
    pub brand: String,
    /// Of which model.
    #[prost(string, tag = "2")]
    pub model: String,
    /// New or used.
    #[prost(enumeration = "SaleType", tag = "3")]
    pub sale_type: i32,
    /// For how much, in minor units.
    #[prost(sint64, tag = "4")]
    pub minor_units: i64,
    /// ISO 4217; empty: no amount is known.
    #[prost(string, tag = "5")]
    pub currency: String,
    /// The car that was assigned to it, or handed over, last.
    #[prost(string, tag = "6")]
    pub vin: String,
    /// Whom the handover names; empty: whoever its stream names first.
    #[prost(string, tag = "7")]
    pub owner_id: String,
    /// When it was placed (nanoseconds since the Unix epoch).
    #[prost(sfixed64, optional, tag = "8")]
    pub placed_at: Option<i64>,
    /// When the car was handed over.
    #[prost(sfixed64, optional, tag = "9")]
    pub handed_over_at: Option<i64>,
    /// When it was cancelled last.
    #[prost(sfixed64, optional, tag = "10")]
    pub cancelled_at: Option<i64>,
    /// A date of delivery was promised or revised: an order that was cancelled goes on.
    #[prost(bool, tag = "11")]
    goes_on: bool,
    /// It was cancelled and did not go on since (law/orders 1).
    #[prost(bool, tag = "12")]
    pub is_cancelled: bool,
    /// A car was assigned to it.
    #[prost(bool, tag = "13")]
    is_assigned: bool,
}

impl Inherits for Vehicle {
    fn inherit(&mut self, _: &Inherited) {}
}

impl Inherits for Order {
    fn inherit(&mut self, inherited: &Inherited) {
        fill(&mut self.vin, &inherited.subjects.vin);
        fill(&mut self.owner_id, &inherited.subjects.owner_id);
    }
}

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    odometer::apply(recorded, state)?;
    let Some(subjects) = recorded.touchpoint.subjects.as_ref() else {
        return Ok(());
    };
    if let Some(Payload::VehicleRegistered(it)) = &recorded.touchpoint.payload {
        let vehicle = Vehicle {
            brand: it.brand.clone(),
            model: it.model.clone(),
        };
        let tail = history_tail(recorded, &[&subjects.vin])?;
        let key = KeyWriter::table(VEHICLES).text(&subjects.vin).raw(&tail);
        state.put(key.finish(), vehicle.encode_to_vec());
    }
    if let Some(order) = said_of_order(recorded) {
        let tail = history_tail(recorded, &[&subjects.order_id])?;
        let key = KeyWriter::table(ORDERS).text(&subjects.order_id).raw(&tail);
        state.put(key.finish(), order.encode_to_vec());
    }
    Ok(())
}

/// What a touchpoint says about its order; `None` if it is no event of an order or says nothing of it.
fn said_of_order(recorded: &Recorded) -> Option<Order> {
    let at = Some(recorded.occurred_at);
    let mut order = match recorded.touchpoint.payload.as_ref()? {
        Payload::OrderPlaced(it) => Order {
            brand: it.brand.clone(),
            model: it.model.clone(),
            sale_type: it.sale_type,
            minor_units: it.amount.as_ref().map_or(0, |it| it.minor_units),
            currency: it
                .amount
                .as_ref()
                .map_or_else(String::new, |it| it.currency.clone()),
            placed_at: at,
            ..Order::default()
        },
        Payload::VinAssigned(_) => Order {
            is_assigned: true,
            ..Order::default()
        },
        Payload::HandoverCompleted(_) => Order {
            handed_over_at: at,
            ..Order::default()
        },
        Payload::OrderCancelled(_) => Order {
            cancelled_at: at,
            ..Order::default()
        },
        Payload::ProductionStageReached(it) if it.stage() == ProductionStage::Cancelled => Order {
            cancelled_at: at,
            ..Order::default()
        },
        Payload::DeliveryDatePromised(_) | Payload::DeliveryDateRevised(_) => Order {
            goes_on: true,
            ..Order::default()
        },
        _ => return None,
    };
    // The door made the payload's identifiers agree with these.
    let subjects = recorded.touchpoint.subjects.as_ref()?;
    order.vin.clone_from(&subjects.vin);
    order.owner_id.clone_from(&subjects.owner_id);
    Some(order)
}

/// A car, by what is in force and occurred at or before `as_of` (nanoseconds since the Unix epoch); `None` if
/// nothing was told about it.
///
/// # Errors
/// If the state cannot be read.
pub fn vehicle(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    vin: &str,
    as_of: Instant,
) -> Result<Option<Vehicle>, StateError> {
    let mut found: Option<Vehicle> = None;
    told(state, validity, VEHICLES, vin, as_of, |said| {
        found.get_or_insert_default().hears(said);
    })?;
    Ok(found)
}

/// An order, as [`vehicle`].
///
/// # Errors
/// If the state cannot be read.
pub fn order(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    order_id: &str,
    as_of: Instant,
) -> Result<Option<Order>, StateError> {
    let mut found: Option<Order> = None;
    told(state, validity, ORDERS, order_id, as_of, |said| {
        found.get_or_insert_default().hears(said);
    })?;
    Ok(found)
}

/// Every car, as [`vehicle`], in the order of their numbers. Reads every registration once.
///
/// # Errors
/// If the state cannot be read, or the visitor fails.
pub fn every_vehicle(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    visit: impl FnMut(&str, Vehicle) -> Result<(), StateError>,
) -> Result<(), StateError> {
    every(state, validity, VEHICLES, as_of, Vehicle::hears, visit)
}

/// Every order, as [`order`], in the order of their ids. Reads everything told about orders once.
///
/// # Errors
/// If the state cannot be read, or the visitor fails.
pub fn every_order(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    visit: impl FnMut(&str, Order) -> Result<(), StateError>,
) -> Result<(), StateError> {
    every(state, validity, ORDERS, as_of, Order::hears, visit)
}

impl Vehicle {
    /// What was told later in history order wins, field by field.
    fn hears(&mut self, said: Self) {
        last(&mut self.brand, said.brand);
        last(&mut self.model, said.model);
    }
}

impl Order {
    /// What was told later in history order wins, field by field.
    fn hears(&mut self, said: Self) {
        if said.placed_at.is_some() {
            if said.sale_type != 0 {
                self.sale_type = said.sale_type;
            }
            if !said.currency.is_empty() {
                self.minor_units = said.minor_units;
            }
        }
        last(&mut self.brand, said.brand);
        last(&mut self.model, said.model);
        last(&mut self.currency, said.currency);
        let goes_on = said.goes_on || said.placed_at.is_some() || said.handed_over_at.is_some();
        if said.is_assigned || said.handed_over_at.is_some() {
            last(&mut self.vin, said.vin);
        }
        self.placed_at = said.placed_at.or(self.placed_at);
        // Told again it is no other handover, unless the car was given back in between.
        let has_it = |at: i64| self.cancelled_at.is_none_or(|cancelled| cancelled < at);
        if said.handed_over_at.is_some() && !self.handed_over_at.is_some_and(has_it) {
            self.handed_over_at = said.handed_over_at;
            self.owner_id = said.owner_id;
        }
        self.cancelled_at = said.cancelled_at.or(self.cancelled_at);
        self.is_cancelled = said.cancelled_at.is_some() || self.is_cancelled && !goes_on;
    }
}

/// Visits everything in a table of which something counts, put together.
fn every<M: Message + Default + Inherits>(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    table: u8,
    as_of: Instant,
    hears: fn(&mut M, M),
    mut visit: impl FnMut(&str, M) -> Result<(), StateError>,
) -> Result<(), StateError> {
    let (start, end): (&[u8], &[u8]) = (&[table], &[table + 1]);
    let mut id = String::new();
    let mut found: Option<M> = None;
    try_scan(state, start..end, ScanOrder::Ascending, |key, value| {
        let mut reader = KeyReader::table(key, table)?;
        let next = reader.text()?;
        if next != id {
            if let Some(found) = found.take() {
                visit(&id, found)?;
            }
            next.clone_into(&mut id);
        }
        let key = reader.history()?;
        if key.occurred_at <= as_of && validity.counts(&key)? {
            let mut said: M = decode(value)?;
            validity.inherit(&key, &mut said)?;
            hears(found.get_or_insert_default(), said);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    found.map_or(Ok(()), |found| visit(&id, found))
}

/// Visits what was told and counts, in history order.
fn told<M: Message + Default + Inherits>(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    table: u8,
    id: &str,
    as_of: Instant,
    mut visit: impl FnMut(M),
) -> Result<(), StateError> {
    let start = KeyWriter::table(table).text(id).finish();
    let end = prefix_end(&start);
    try_scan(state, &*start..&*end, ScanOrder::Ascending, |key, value| {
        let mut reader = KeyReader::table(key, table)?;
        reader.text()?;
        let key = reader.history()?;
        if key.occurred_at > as_of {
            return Ok(ControlFlow::Break(()));
        }
        if validity.counts(&key)? {
            let mut said: M = decode(value)?;
            validity.inherit(&key, &mut said)?;
            visit(said);
        }
        Ok(ControlFlow::Continue(()))
    })
}

fn last(known: &mut String, said: String) {
    if !said.is_empty() {
        *known = said;
    }
}

fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, StateError> {
    M::decode(bytes).map_err(|error| StateError::Damaged {
        reason: format!("row of vehicles: {error}"),
    })
}
