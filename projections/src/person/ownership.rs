//! View `ownership`: who held which vehicle when, as it was and as it was known.
//!
//! The view keeps acquisitions and releases. [`crate::person::holding`] is the rule by which holdings follow from them.
//!
//! | table | key | value |
//! |---|---|---|
//! | `h` | VIN, history key | who acquired it as what, or released it |
//! | `v` | owner, VIN | empty: a change of the vehicle names the owner |

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use prost::Message;

use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::state::{ScanOrder, StateError, StateMap, StateRead, try_scan};
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::person::PersonLookup;
use crate::person::holding::{Change as HolderChange, HeldAs, Holders, Holding};
use crate::{Recorded, Validity};

const CHANGES: u8 = b'h';
const VEHICLES: u8 = b'v';

/// The view. See the [module documentation](self).
pub const VIEW: ViewDef = ViewDef {
    name: "ownership",
    version: 2,
    kinds: Kinds::Named(&["vehicle_acquired", "vehicle_released"]),
    apply: &apply,
};

#[derive(Clone, PartialEq, Message)]
struct Change {
    #[prost(string, tag = "1")]
    owner_id: String,
    /// The role in which it was acquired; absent for a release.
    #[prost(enumeration = "Role", optional, tag = "2")]
    role: Option<i32>,
}

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let touchpoint = &recorded.touchpoint;
    let (owner_id, role) = match &touchpoint.payload {
        Some(Payload::VehicleAcquired(acquired)) => (&acquired.owner_id, Some(acquired.role)),
        Some(Payload::VehicleReleased(released)) => (&released.owner_id, None),
        _ => return Ok(()),
    };
    let subjects = touchpoint.subjects.as_ref();
    let vin = subjects.map_or("", |subjects| &subjects.vin);
    let tail = history_tail(recorded, &[vin, owner_id])?;
    let change = Change {
        owner_id: owner_id.clone(),
        role,
    };
    let key = KeyWriter::table(CHANGES).text(vin).raw(&tail).finish();
    state.put(key, change.encode_to_vec());
    let key = KeyWriter::table(VEHICLES).text(owner_id).text(vin).finish();
    state.put(key, Vec::new());
    Ok(())
}

/// The holdings of a vehicle by what is in force and occurred at or before `as_of`, in the order in which they began.
///
/// # Errors
/// If a state cannot be read.
pub fn holdings(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    persons: &PersonLookup<'_>,
    vin: &str,
    as_of: Instant,
) -> Result<Vec<Holding>, StateError> {
    let start = KeyWriter::table(CHANGES).text(vin);
    let end = match as_of.nearest().checked_add(1) {
        Some(behind) => start.clone().instant(behind).finish(),
        None => prefix_end(&start.clone().finish()),
    };
    let mut held = Holders::default();
    let range = &*start.finish()..&*end;
    try_scan(state, range, ScanOrder::Ascending, |key, value| {
        let mut reader = KeyReader::table(key, CHANGES)?;
        reader.text()?;
        let key = reader.history()?;
        if validity.counts(&key)? {
            held.change(change(value, persons)?, key.occurred_at);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(held.finish(vin))
}

/// The holdings of every vehicle, as [`holdings`], in the order of the VINs. Reads every change once.
///
/// # Errors
/// If a state cannot be read, or the visitor fails.
pub fn every_holding(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    persons: &PersonLookup<'_>,
    as_of: Instant,
    mut visit: impl FnMut(&str, Vec<Holding>) -> Result<(), StateError>,
) -> Result<(), StateError> {
    let (start, end): (&[u8], &[u8]) = (&[CHANGES], &[CHANGES + 1]);
    let mut vin = String::new();
    let mut held = Holders::default();
    try_scan(state, start..end, ScanOrder::Ascending, |key, value| {
        let mut reader = KeyReader::table(key, CHANGES)?;
        let next = reader.text()?;
        if next != vin {
            let before = std::mem::take(&mut held).finish(&vin);
            if !before.is_empty() {
                visit(&vin, before)?;
            }
            next.clone_into(&mut vin);
        }
        let key = reader.history()?;
        if key.occurred_at <= as_of && validity.counts(&key)? {
            held.change(change(value, persons)?, key.occurred_at);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let last = held.finish(&vin);
    if last.is_empty() {
        return Ok(());
    }
    visit(&vin, last)
}

/// The holders of a vehicle at an instant (nanoseconds since the Unix epoch): owners first, then co-owners, then drivers,
/// each sorted by id. Nothing that occurred later changes the answer.
///
/// # Errors
/// If a state cannot be read.
pub fn holders(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    persons: &PersonLookup<'_>,
    vin: &str,
    instant: i64,
) -> Result<Vec<Holding>, StateError> {
    let mut then = holdings(state, validity, persons, vin, instant.into())?;
    then.retain(|holding| holding.includes(instant));
    then.sort_by(|a, b| (a.held_as, &a.owner_id).cmp(&(b.held_as, &b.owner_id)));
    Ok(then)
}

/// The holdings of the person with these ids, as [`holdings`], by vehicle.
///
/// # Errors
/// If a state cannot be read.
pub fn held_by(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    persons: &PersonLookup<'_>,
    owner_ids: &BTreeSet<String>,
    as_of: Instant,
) -> Result<BTreeMap<String, Vec<Holding>>, StateError> {
    let mut found = BTreeMap::new();
    for vin in vehicles(state, owner_ids)? {
        let mut holdings = holdings(state, validity, persons, &vin, as_of)?;
        holdings.retain(|holding| owner_ids.contains(&holding.person));
        if !holdings.is_empty() {
            found.insert(vin, holdings);
        }
    }
    Ok(found)
}

/// Every id that any touchpoint ever named as a holder of the vehicle, whether that counts or not.
///
/// # Errors
/// If the state cannot be read.
pub fn ever_named(state: &dyn StateRead, vin: &str) -> Result<BTreeSet<String>, StateError> {
    let prefix = KeyWriter::table(CHANGES).text(vin).finish();
    let end = prefix_end(&prefix);
    let mut found = BTreeSet::new();
    try_scan(state, &*prefix..&*end, ScanOrder::Ascending, |_, value| {
        found.insert(decode(value)?.owner_id);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// Every vehicle of which any touchpoint ever named one of these ids as a holder, whether that counts or not.
///
/// # Errors
/// If the state cannot be read.
pub fn vehicles(
    state: &dyn StateRead,
    owner_ids: &BTreeSet<String>,
) -> Result<BTreeSet<String>, StateError> {
    let mut vins = BTreeSet::new();
    for owner_id in owner_ids {
        let prefix = KeyWriter::table(VEHICLES).text(owner_id).finish();
        let end = prefix_end(&prefix);
        try_scan(state, &*prefix..&*end, ScanOrder::Ascending, |key, _| {
            let mut reader = KeyReader::table(key, VEHICLES)?;
            reader.text()?;
            vins.insert(reader.text()?.to_owned());
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(vins)
}

/// A change with the person of its owner.
fn change(value: &[u8], persons: &PersonLookup<'_>) -> Result<HolderChange, StateError> {
    let Change { owner_id, role } = decode(value)?;
    Ok(HolderChange {
        person: persons.person(&owner_id)?,
        owner_id,
        acquired_as: role.map(HeldAs::of_role),
    })
}

fn decode(value: &[u8]) -> Result<Change, StateError> {
    Change::decode(value).map_err(|error| StateError::Damaged {
        reason: format!("row of ownership: {error}"),
    })
}
