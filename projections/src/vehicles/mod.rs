//! View `vehicles`: cars and the orders of cars, as they were and as they were known. For each field, the last touchpoint
//! in history order that sets it wins.
//!
//! | table | key | value |
//! |---|---|---|
//! | `v` | vehicle, history key | [`Vehicle`]: the fields that a registration sets |
//! | `o` | order, history key | [`Order`]: the fields that a touchpoint sets, if any |
//!
//! The view also has the readings of odometers (see [`odometer`]) and the links between defects (see [`same_defect`]).

use ownerline_proto::time::Instant;
use ownerline_proto::v1::ProductionStage;
use ownerline_proto::v1::order_placed::SaleType;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use crate::fold::corrections::{Inherited, Inherits, fill};
use crate::fold::state::{StateError, StateMap, StateRead};
use crate::fold::table::HistoryTable;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::{HistoryKey, Position, Recorded, Validity};

pub mod odometer;
pub mod same_defect;

static VEHICLES: HistoryTable<Vehicle> = HistoryTable::new(VIEW.name, b'v');
static ORDERS: HistoryTable<Order> = HistoryTable::new(VIEW.name, b'o');

/// The view. See the [module documentation](self).
pub const VIEW: ViewDef = ViewDef {
    name: "vehicles",
    version: 3,
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
        "defect_linked",
        "defect_unlinked",
    ]),
    apply: &apply,
};

/// A car. Unknown texts are empty.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Vehicle {
    /// Its make.
    #[prost(string, tag = "1")]
    pub brand: String,
    /// Its model.
    #[prost(string, tag = "2")]
    pub model: String,
}

/// An order of a car. Unknown texts are empty.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Order {
    /// The make.
    #[prost(string, tag = "1")]
    pub brand: String,
    /// The model.
    #[prost(string, tag = "2")]
    pub model: String,
    /// New or used.
    #[prost(enumeration = "SaleType", tag = "3")]
    pub sale_type: i32,
    /// The price, in minor units.
    #[prost(sint64, tag = "4")]
    pub minor_units: i64,
    /// ISO 4217; empty if no amount is known.
    #[prost(string, tag = "5")]
    pub currency: String,
    /// The last car that was assigned or handed over.
    #[prost(string, tag = "6")]
    pub vin: String,
    /// The owner that the handover names; empty for the first owner that the stream names.
    #[prost(string, tag = "7")]
    pub owner_id: String,
    /// When it was placed (nanoseconds since the Unix epoch).
    #[prost(sfixed64, optional, tag = "8")]
    pub placed_at: Option<i64>,
    /// When the car was handed over.
    #[prost(sfixed64, optional, tag = "9")]
    pub handed_over_at: Option<i64>,
    /// When it was last cancelled.
    #[prost(sfixed64, optional, tag = "10")]
    pub cancelled_at: Option<i64>,
    /// Whether a date of delivery was promised or revised, so that a cancelled order goes on.
    #[prost(bool, tag = "11")]
    goes_on: bool,
    /// Whether it was cancelled and has not gone on since (law/orders 1).
    #[prost(bool, tag = "12")]
    pub is_cancelled: bool,
    /// Whether a car was assigned to it.
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
    same_defect::apply(recorded, state)?;
    let Some(subjects) = recorded.touchpoint.subjects.as_ref() else {
        return Ok(());
    };
    if let Some(Payload::VehicleRegistered(it)) = &recorded.touchpoint.payload {
        let vehicle = Vehicle {
            brand: it.brand.clone(),
            model: it.model.clone(),
        };
        let tail = history_tail(recorded, &[&subjects.vin])?;
        VEHICLES.put(state, [&subjects.vin], &tail, &vehicle);
    }
    if let Some(order) = order_row(recorded) {
        let tail = history_tail(recorded, &[&subjects.order_id])?;
        ORDERS.put(state, [&subjects.order_id], &tail, &order);
    }
    Ok(())
}

/// Returns the fields of an order that a touchpoint sets; `None` if it sets none.
fn order_row(recorded: &Recorded) -> Option<Order> {
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
    // Validation made sure that the payload's identifiers agree with these.
    let subjects = recorded.touchpoint.subjects.as_ref()?;
    order.vin.clone_from(&subjects.vin);
    order.owner_id.clone_from(&subjects.owner_id);
    Some(order)
}

/// Returns a car, by the touchpoints in force that occurred at or before `as_of`; `None` if there are none.
///
/// # Errors
/// If the state cannot be read.
pub fn vehicle(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    vin: &str,
    as_of: Instant,
) -> Result<Option<Vehicle>, StateError> {
    merged(state, validity, &VEHICLES, vin, as_of, Vehicle::merge)
}

/// Returns the places of the registrations of a car in force that occurred at or before `as_of`, in history order.
///
/// # Errors
/// If the state cannot be read.
pub(crate) fn registrations(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    vin: &str,
    as_of: Instant,
) -> Result<Vec<HistoryKey>, StateError> {
    let mut keys = Vec::new();
    let rows = VEHICLES.up_to([vin], as_of);
    rows.counted(state, validity, |key, _| {
        keys.push(key);
        Ok(())
    })?;
    Ok(keys)
}

/// Whether a registration or a reading known at a position names the car, whether it counts or not.
pub(crate) fn is_named(
    state: &dyn StateRead,
    vin: &str,
    known_at: Position,
) -> Result<bool, StateError> {
    let rows = VEHICLES.under(&[vin]).known_at(known_at);
    Ok(!rows.is_empty(state)? || odometer::is_read(state, vin, known_at)?)
}

/// Returns an order, like [`vehicle`].
///
/// # Errors
/// If the state cannot be read.
pub fn order(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    order_id: &str,
    as_of: Instant,
) -> Result<Option<Order>, StateError> {
    merged(state, validity, &ORDERS, order_id, as_of, Order::merge)
}

/// Visits every car, like [`vehicle`], sorted by VIN. Reads every registration once.
///
/// # Errors
/// If the state cannot be read, or the visitor fails.
pub fn every_vehicle(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    visit: impl FnMut(&str, Vehicle) -> Result<(), StateError>,
) -> Result<(), StateError> {
    every(state, validity, &VEHICLES, as_of, Vehicle::merge, visit)
}

/// Visits every order, like [`order`], sorted by id. Reads every row about an order once.
///
/// # Errors
/// If the state cannot be read, or the visitor fails.
pub fn every_order(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    visit: impl FnMut(&str, Order) -> Result<(), StateError>,
) -> Result<(), StateError> {
    every(state, validity, &ORDERS, as_of, Order::merge, visit)
}

impl Vehicle {
    /// Takes each field that a later row sets.
    fn merge(&mut self, later: Self) {
        replace(&mut self.brand, later.brand);
        replace(&mut self.model, later.model);
    }
}

impl Order {
    /// Takes each field that a later row sets.
    fn merge(&mut self, later: Self) {
        if later.placed_at.is_some() {
            if later.sale_type != 0 {
                self.sale_type = later.sale_type;
            }
            if !later.currency.is_empty() {
                self.minor_units = later.minor_units;
            }
        }
        replace(&mut self.brand, later.brand);
        replace(&mut self.model, later.model);
        replace(&mut self.currency, later.currency);
        let goes_on = later.goes_on || later.placed_at.is_some() || later.handed_over_at.is_some();
        if later.is_assigned || later.handed_over_at.is_some() {
            replace(&mut self.vin, later.vin);
        }
        self.placed_at = later.placed_at.or(self.placed_at);
        // A second handover counts only if the order was cancelled in between.
        let is_final = |at: i64| self.cancelled_at.is_none_or(|cancelled| cancelled < at);
        if later.handed_over_at.is_some() && !self.handed_over_at.is_some_and(is_final) {
            self.handed_over_at = later.handed_over_at;
            self.owner_id = later.owner_id;
        }
        self.cancelled_at = later.cancelled_at.or(self.cancelled_at);
        self.is_cancelled = later.cancelled_at.is_some() || self.is_cancelled && !goes_on;
    }
}

/// Visits every car or order that has rows in force, with these merged.
fn every<R: Message + Default + Inherits>(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    table: &HistoryTable<R>,
    as_of: Instant,
    merge: fn(&mut R, R),
    mut visit: impl FnMut(&str, R) -> Result<(), StateError>,
) -> Result<(), StateError> {
    let mut id = String::new();
    let mut merged: Option<R> = None;
    let rows = table.all().occurred_by(as_of);
    rows.counted(state, validity, |key, entry| {
        let [next] = entry.texts;
        if next != id {
            if let Some(merged) = merged.take() {
                visit(&id, merged)?;
            }
            next.clone_into(&mut id);
        }
        let row = entry.inherited(validity, &key)?;
        merge(merged.get_or_insert_default(), row);
        Ok(())
    })?;
    merged.map_or(Ok(()), |merged| visit(&id, merged))
}

/// Merges the rows in force of a car or an order; `None` if there are none.
fn merged<R: Message + Default + Inherits>(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    table: &HistoryTable<R>,
    id: &str,
    as_of: Instant,
    merge: fn(&mut R, R),
) -> Result<Option<R>, StateError> {
    let mut merged: Option<R> = None;
    let rows = table.up_to([id], as_of);
    rows.counted(state, validity, |key, entry| {
        let row = entry.inherited(validity, &key)?;
        merge(merged.get_or_insert_default(), row);
        Ok(())
    })?;
    Ok(merged)
}

fn replace(text: &mut String, later: String) {
    if !later.is_empty() {
        *text = later;
    }
}
