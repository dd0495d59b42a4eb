//! Readings of odometers, stored by the view [`vehicles`](super), and whether one is less than the previous reading. Any
//! fall is reported, without tolerance. The previous reading is not reported, because it may be from the time of a former
//! owner.
//!
//! | table | key | value |
//! |---|---|---|
//! | `r` | vehicle, or the stream of a touchpoint that names none; history key | `Reading` |

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use ownerline_proto::schema::Schema;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use crate::fold::state::{StateError, StateMap, StateRead};
use crate::fold::table::HistoryTable;
use crate::fold::{FoldError, history_tail};
use crate::person::names_vehicle;
use crate::timeline::visits_of_vehicle;
use crate::{HistoryKey, Position, Recorded, Validity};

static READINGS: HistoryTable<Reading> = HistoryTable::new("vehicles", b'r');

/// The reading of an odometer.
#[derive(Clone, PartialEq, Eq, Message)]
struct Reading {
    #[prost(sint64, tag = "1")]
    metres: i64,
}

/// Whether touchpoints of this kind (by number) may have an odometer reading.
#[must_use]
pub fn may_read(kind: u32) -> bool {
    let kind = Schema::get().kind_by_number(kind);
    kind.is_some_and(|kind| {
        matches!(
            &*kind.name,
            "odometer_read" | "vehicle_dropped_off" | "vehicle_picked_up"
        )
    })
}

fn metres(payload: &Payload) -> Option<i64> {
    match payload {
        Payload::OdometerRead(it) => Some(it.distance_metres),
        Payload::VehicleDroppedOff(it) => it.odometer_metres,
        Payload::VehiclePickedUp(it) => it.odometer_metres,
        _ => None,
    }
}

/// Stores the reading of a touchpoint, if it has one.
pub(super) fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let Some(metres) = recorded.touchpoint.payload.as_ref().and_then(metres) else {
        return Ok(());
    };
    let subjects = recorded.touchpoint.subjects.as_ref();
    let vin = subjects.map_or("", |subjects| &*subjects.vin);
    let place = if vin.is_empty() {
        &*recorded.stream
    } else {
        vin
    };
    let tail = history_tail(recorded, &[place])?;
    READINGS.put(state, [place], &tail, &Reading { metres });
    Ok(())
}

/// Compares readings with the last one in force before them. Remembers for the length of one question where the readings
/// of each vehicle are.
pub struct PreviousReadings<'s> {
    vehicles: &'s dyn StateRead,
    timeline: &'s dyn StateRead,
    validity: &'s Validity<'s>,
    /// By vehicle.
    places: BTreeMap<String, Vec<String>>,
}

impl<'s> PreviousReadings<'s> {
    /// Compares by `vehicles` and `timeline`, the states of those views.
    #[must_use]
    pub fn new(
        vehicles: &'s dyn StateRead,
        timeline: &'s dyn StateRead,
        validity: &'s Validity<'s>,
    ) -> Self {
        Self {
            vehicles,
            timeline,
            validity,
            places: BTreeMap::new(),
        }
    }

    /// Whether the touchpoint with this key has a lower reading of this car than the last reading in force before it.
    ///
    /// # Errors
    /// If a state cannot be read.
    pub fn fell(&mut self, vin: &str, key: &HistoryKey) -> Result<bool, StateError> {
        if vin.is_empty() {
            return Ok(false);
        }
        if !self.places.contains_key(vin) {
            let places = places(self.vehicles, self.timeline, self.validity, vin)?;
            self.places.insert(vin.to_owned(), places);
        }
        let (mut own, mut before) = (None, None);
        for place in self.places.get(vin).into_iter().flatten() {
            if let Some(reading) = READINGS.get(self.vehicles, [place], key)? {
                own = Some(reading.metres);
            }
            let mut earlier = READINGS.under(&[place]).newest_first();
            earlier.skip_past(READINGS.key([place], key));
            earlier.counted_until_break(self.vehicles, self.validity, |key, entry| {
                before = before.take().max(Some((key, entry.row()?.metres)));
                Ok(ControlFlow::Break(()))
            })?;
        }
        Ok(matches!((own, before), (Some(own), Some((_, before))) if own < before))
    }
}

/// The readings in force of a car that occurred at or before `as_of`, in history order, each with the greatest up to it, in
/// whole metres. `vehicles` and `timeline` are the states of those views.
///
/// # Errors
/// If a state cannot be read.
pub(crate) fn greatest_readings(
    vehicles: &dyn StateRead,
    timeline: &dyn StateRead,
    validity: &Validity<'_>,
    vin: &str,
    as_of: Instant,
) -> Result<Vec<(HistoryKey, i64)>, StateError> {
    let mut readings = Vec::new();
    for place in places(vehicles, timeline, validity, vin)? {
        let of_place = READINGS.up_to([&place], as_of);
        of_place.counted(vehicles, validity, |key, entry| {
            readings.push((key, entry.row()?.metres));
            Ok(())
        })?;
    }
    readings.sort();
    let mut greatest = i64::MIN;
    for (_, metres) in &mut readings {
        greatest = greatest.max(*metres);
        *metres = greatest;
    }
    Ok(readings)
}

/// Whether more readings in force name a car than so many. Reads no more of them.
///
/// # Errors
/// If the state cannot be read.
pub(crate) fn is_read_more_often(
    vehicles: &dyn StateRead,
    validity: &Validity<'_>,
    vin: &str,
    most: usize,
) -> Result<bool, StateError> {
    let mut left = Some(most);
    let readings = READINGS.under(&[vin]);
    readings.counted_until_break(vehicles, validity, |_, _| {
        left = left.and_then(|left| left.checked_sub(1));
        Ok(match left {
            Some(_) => ControlFlow::Continue(()),
            None => ControlFlow::Break(()),
        })
    })?;
    Ok(left.is_none())
}

/// Whether any reading known at a position names the car.
pub(super) fn is_read(
    vehicles: &dyn StateRead,
    vin: &str,
    known_at: Position,
) -> Result<bool, StateError> {
    Ok(!READINGS
        .under(&[vin])
        .known_at(known_at)
        .is_empty(vehicles)?)
}

/// The first reading in force of a car after the touchpoint with this key. `vehicles` and `timeline` are the states of
/// those views.
///
/// # Errors
/// If a state cannot be read.
pub(crate) fn next_reading(
    vehicles: &dyn StateRead,
    timeline: &dyn StateRead,
    validity: &Validity<'_>,
    vin: &str,
    key: &HistoryKey,
) -> Result<Option<HistoryKey>, StateError> {
    let mut next: Option<HistoryKey> = None;
    for place in places(vehicles, timeline, validity, vin)? {
        let mut later = READINGS.under(&[&place]);
        later.skip_past(READINGS.key([&place], key));
        later.counted_until_break(vehicles, validity, |key, _| {
            next = Some(match next.take() {
                Some(next) => next.min(key),
                None => key,
            });
            Ok(ControlFlow::Break(()))
        })?;
    }
    Ok(next)
}

/// The readings of the touchpoints of a visit that name no car.
///
/// # Errors
/// If the state cannot be read.
pub(crate) fn readings_of_visit(
    vehicles: &dyn StateRead,
    stream: &str,
) -> Result<Vec<HistoryKey>, StateError> {
    let mut readings = Vec::new();
    READINGS.under(&[stream]).each(vehicles, |entry| {
        readings.push(entry.key()?);
        Ok(())
    })?;
    Ok(readings)
}

/// The places of the readings of a car: itself, and the visits with readings that are known to name it.
fn places(
    vehicles: &dyn StateRead,
    timeline: &dyn StateRead,
    validity: &Validity<'_>,
    vin: &str,
) -> Result<Vec<String>, StateError> {
    let mut places = vec![vin.to_owned()];
    for stream in visits_of_vehicle(timeline, vin)? {
        if !READINGS.under(&[&stream]).is_empty(vehicles)?
            && names_vehicle(timeline, &stream, vin, validity.known_at())?
        {
            places.push(stream);
        }
    }
    Ok(places)
}
