//! View `ownership`: who held which vehicle when, as it was and as it was known.
//!
//! The view keeps acquisitions and releases. [`crate::person::holding`] is the rule by which holdings follow from them.
//!
//! | table | key | value |
//! |---|---|---|
//! | `h` | VIN, history key | who acquired it as what, or released it |
//! | `v` | owner, VIN | empty: a change of the vehicle names the owner |

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::time::Instant;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use prost::Message;

use crate::fold::pairs::PairTable;
use crate::fold::state::{StateError, StateMap, StateRead};
use crate::fold::table::HistoryTable;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::person::PersonLookup;
use crate::person::holding::{Change as HolderChange, HeldAs, Holders, Holding};
use crate::{HistoryKey, Position, Recorded, Validity};

static CHANGES: HistoryTable<Change> = HistoryTable::new(VIEW.name, b'h');
const VEHICLES: PairTable = PairTable::new(b'v');

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
    CHANGES.put(state, [vin], &tail, &change);
    VEHICLES.put(state, owner_id, vin);
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
    let mut held = Holders::default();
    let changes = CHANGES.up_to([vin], as_of);
    changes.counted(state, validity, |key, entry| {
        held.change(change(entry.row()?, persons)?, key.occurred_at);
        Ok(())
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
    let mut vin = String::new();
    let mut held = Holders::default();
    let changes = CHANGES.all().occurred_by(as_of);
    changes.counted(state, validity, |key, entry| {
        let [next] = entry.texts;
        if next != vin {
            let before = std::mem::take(&mut held).finish(&vin);
            if !before.is_empty() {
                visit(&vin, before)?;
            }
            next.clone_into(&mut vin);
        }
        held.change(change(entry.row()?, persons)?, key.occurred_at);
        Ok(())
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

/// The acquisitions and releases of a vehicle that occurred after an instant, whether they count or not.
///
/// # Errors
/// If the state cannot be read.
pub(crate) fn changes_after(
    state: &dyn StateRead,
    vin: &str,
    instant: Instant,
) -> Result<Vec<HistoryKey>, StateError> {
    let mut keys = Vec::new();
    let Some(after) = instant.nearest().checked_add(1) else {
        return Ok(keys);
    };
    CHANGES.between([vin], after, None).each(state, |entry| {
        keys.push(entry.key()?);
        Ok(())
    })?;
    Ok(keys)
}

/// Every id that any touchpoint ever named as a holder of the vehicle, whether that counts or not.
///
/// # Errors
/// If the state cannot be read.
pub fn ever_named(state: &dyn StateRead, vin: &str) -> Result<BTreeSet<String>, StateError> {
    let mut found = BTreeSet::new();
    CHANGES.under(&[vin]).each(state, |entry| {
        found.insert(entry.row()?.owner_id);
        Ok(())
    })?;
    Ok(found)
}

/// Whether an acquisition or a release known at a position names the vehicle, whether it counts or not.
///
/// # Errors
/// If the state cannot be read.
pub(crate) fn is_named(
    state: &dyn StateRead,
    vin: &str,
    known_at: Position,
) -> Result<bool, StateError> {
    let changes = CHANGES.under(&[vin]).known_at(known_at);
    Ok(!changes.is_empty(state)?)
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
        VEHICLES.seconds_of(state, owner_id, |vin| {
            vins.insert(vin.to_owned());
        })?;
    }
    Ok(vins)
}

/// A change with the person of its owner.
fn change(change: Change, persons: &PersonLookup<'_>) -> Result<HolderChange, StateError> {
    let Change { owner_id, role } = change;
    Ok(HolderChange {
        person: persons.person(&owner_id)?,
        owner_id,
        acquired_as: role.map(HeldAs::of_role),
    })
}
