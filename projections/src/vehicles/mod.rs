//! View `vehicles`: cars and the orders of cars, as they were and as they were known. For each field, the last touchpoint
//! in history order that sets it wins.
//!
//! | table | key | value |
//! |---|---|---|
//! | `v` | vehicle, history key | [`Vehicle`]: the fields that a registration sets |
//! | `o` | order, history key | `OrderRow`: the fields that a touchpoint sets, if any |
//!
//! The view also has the readings of odometers (see [`odometer`]) and the links between defects (see [`same_defect`]).

use ownerline_proto::time::Instant;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use crate::fold::corrections::{Inherited, Inherits};
use crate::fold::state::{StateError, StateMap, StateRead};
use crate::fold::table::HistoryTable;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::{HistoryKey, Position, Recorded, Validity};

pub mod odometer;
mod order;
pub mod same_defect;

pub use order::Order;
use order::{Course, OrderRow, replace};

static VEHICLES: HistoryTable<Vehicle> = HistoryTable::new(VIEW.name, b'v');
static ORDERS: HistoryTable<OrderRow> = HistoryTable::new(VIEW.name, b'o');

/// The view. See the [module documentation](self).
pub const VIEW: ViewDef = ViewDef {
    name: "vehicles",
    version: 4,
    kinds: Kinds::Named(&[
        "order_placed",
        "vin_assigned",
        "vin_withdrawn",
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

impl Inherits for Vehicle {
    fn inherit(&mut self, _: &Inherited) {}
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
    if let Some(order) = OrderRow::of(recorded) {
        let tail = history_tail(recorded, &[&subjects.order_id])?;
        ORDERS.put(state, [&subjects.order_id], &tail, &order);
    }
    Ok(())
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
    let course = merged(state, validity, &ORDERS, order_id, as_of, Course::merge)?;
    Ok(course.map(Course::finish))
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
    mut visit: impl FnMut(&str, Order) -> Result<(), StateError>,
) -> Result<(), StateError> {
    every(
        state,
        validity,
        &ORDERS,
        as_of,
        Course::merge,
        |id, course| visit(id, course.finish()),
    )
}

impl Vehicle {
    /// Takes each field that a later row sets.
    fn merge(&mut self, later: Self) {
        replace(&mut self.brand, later.brand);
        replace(&mut self.model, later.model);
    }
}

/// Visits every car or order that has rows in force, with these merged.
fn every<R: Message + Default + Inherits, M: Default>(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    table: &HistoryTable<R>,
    as_of: Instant,
    merge: fn(&mut M, R),
    mut visit: impl FnMut(&str, M) -> Result<(), StateError>,
) -> Result<(), StateError> {
    let mut id = String::new();
    let mut merged: Option<M> = None;
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
fn merged<R: Message + Default + Inherits, M: Default>(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    table: &HistoryTable<R>,
    id: &str,
    as_of: Instant,
    merge: fn(&mut M, R),
) -> Result<Option<M>, StateError> {
    let mut merged: Option<M> = None;
    let rows = table.up_to([id], as_of);
    rows.counted(state, validity, |key, entry| {
        let row = entry.inherited(validity, &key)?;
        merge(merged.get_or_insert_default(), row);
        Ok(())
    })?;
    Ok(merged)
}
