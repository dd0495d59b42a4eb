//! View `ownership`: who held which vehicle when, as it was and as it was known.
//!
//! A vehicle is held from the instant somebody acquires it, as its owner or as its driver, until the
//! instant they release it; a new owner ends the time of the former one, but nobody else's. At one instant a release
//! ends what was held before it (so that whoever buys the car on the day on which the lease ends has it), and only
//! if nothing was, what begins at that instant.
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

use crate::key::{KeyReader, KeyWriter, prefix_end};
use crate::state::{ScanOrder, StateError, StateMap, StateRead, try_scan};
use crate::view::{FoldError, View, history_tail};
use crate::{Recorded, Validity};

const CHANGES: u8 = b'h';
const VEHICLES: u8 = b'v';

/// The fold of ownership. See the [module documentation](self).
#[derive(Debug, Clone, Copy, Default)]
pub struct Ownership;

impl Ownership {
    /// The name of the view.
    pub const NAME: &'static str = "ownership";
}

/// As what a vehicle is held. The owner comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldAs {
    /// It is theirs.
    Owner,
    /// They drive it.
    Driver,
}

/// A time in which somebody held a vehicle. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    /// The vehicle.
    pub vin: String,
    /// From this instant on, in nanoseconds since the Unix epoch.
    pub from: i64,
    /// Until just before this instant; `None` if it has not ended.
    pub until: Option<i64>,
    /// Who.
    pub owner_id: String,
    /// As what.
    pub held_as: HeldAs,
}

impl Holding {
    /// Whether an instant is in it.
    #[must_use]
    pub fn includes(&self, instant: i64) -> bool {
        self.from <= instant && self.until.is_none_or(|until| instant < until)
    }
}

#[derive(Clone, PartialEq, Message)]
struct Change {
    #[prost(string, tag = "1")]
    owner_id: String,
    /// The role in which it was acquired; absent: it was released.
    #[prost(enumeration = "Role", optional, tag = "2")]
    role: Option<i32>,
}

impl View for Ownership {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> u32 {
        2
    }

    fn apply(&self, recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
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
}

/// Who held a vehicle when: by what is in force and occurred at or before `as_of` (nanoseconds since
/// the Unix epoch), in the order in which they began.
///
/// # Errors
/// If the state cannot be read.
pub fn holdings(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    vin: &str,
    as_of: Instant,
) -> Result<Vec<Holding>, StateError> {
    let start = KeyWriter::table(CHANGES).text(vin);
    let end = match as_of.nearest().checked_add(1) {
        Some(behind) => start.clone().instant(behind).finish(),
        None => prefix_end(&start.clone().finish()),
    };
    let mut held = Held::default();
    let range = &*start.finish()..&*end;
    try_scan(state, range, ScanOrder::Ascending, |key, value| {
        let mut reader = KeyReader::table(key, CHANGES)?;
        reader.text()?;
        let key = reader.history()?;
        if validity.counts(&key)? {
            held.change(decode(value)?, key.occurred_at);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(held.finish(vin))
}

/// Which person held each vehicle when, as [`holdings`], vehicle by vehicle in the order of their numbers; `person`
/// says whose an id is, so that a person may go on, and end, under another id. Reads every change once.
///
/// # Errors
/// If the state cannot be read, or the visitor fails.
pub fn every_holding(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    person: impl Fn(String) -> String,
    mut visit: impl FnMut(&str, Vec<Holding>) -> Result<(), StateError>,
) -> Result<(), StateError> {
    let (start, end): (&[u8], &[u8]) = (&[CHANGES], &[CHANGES + 1]);
    let mut vin = String::new();
    let mut held = Held::default();
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
            let Change { owner_id, role } = decode(value)?;
            let owner_id = person(owner_id);
            held.change(Change { owner_id, role }, key.occurred_at);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let last = held.finish(&vin);
    if last.is_empty() {
        return Ok(());
    }
    visit(&vin, last)
}

/// Who held a vehicle at an instant (nanoseconds since the Unix epoch), owners first: what happened
/// after it changes nothing about it.
///
/// # Errors
/// If the state cannot be read.
pub fn holders(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    vin: &str,
    instant: i64,
) -> Result<BTreeSet<(HeldAs, String)>, StateError> {
    let holdings = holdings(state, validity, vin, instant.into())?.into_iter();
    let then = holdings.filter(|holding| holding.includes(instant));
    Ok(then
        .map(|holding| (holding.held_as, holding.owner_id))
        .collect())
}

/// Which vehicles any of these held when, as [`holdings`], by vehicle.
///
/// # Errors
/// If the state cannot be read.
pub fn held_by(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    owner_ids: &BTreeSet<String>,
    as_of: Instant,
) -> Result<BTreeMap<String, Vec<Holding>>, StateError> {
    let mut found = BTreeMap::new();
    for vin in vehicles(state, owner_ids)? {
        let mut holdings = holdings(state, validity, &vin, as_of)?;
        holdings.retain(|holding| owner_ids.contains(&holding.owner_id));
        if !holdings.is_empty() {
            found.insert(vin, holdings);
        }
    }
    Ok(found)
}

/// Every vehicle that any of these was ever said to hold or to have held, whether that counts or not.
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

fn decode(value: &[u8]) -> Result<Change, StateError> {
    Change::decode(value).map_err(|error| StateError::Damaged {
        reason: format!("row of ownership: {error}"),
    })
}

/// Who holds a vehicle while its history is read.
#[derive(Default)]
struct Held {
    now: BTreeMap<(HeldAs, String), i64>,
    ended: Vec<(i64, Option<i64>, String, HeldAs)>,
    /// The instant of the last change.
    at: i64,
    /// Who released the vehicle at that instant, and whether they held it before.
    released: BTreeMap<String, bool>,
}

impl Held {
    fn change(&mut self, change: Change, at: i64) {
        if at != self.at {
            self.settle();
            self.at = at;
        }
        let Change { owner_id, role } = change;
        let Some(role) = role else {
            self.release(owner_id, at);
            return;
        };
        // A role that is not said claims the least.
        let held_as = match Role::try_from(role) {
            Ok(Role::Owner) => HeldAs::Owner,
            Ok(Role::Driver | Role::Unspecified) | Err(_) => HeldAs::Driver,
        };
        if held_as == HeldAs::Owner {
            self.end(at, |held_as, holder| {
                held_as == HeldAs::Owner && *holder != owner_id
            });
        }
        self.now.entry((held_as, owner_id)).or_insert(at);
    }

    /// By the order of kinds, releases come before the acquisitions of their instant: what is held now was held before.
    /// A release told twice is one release.
    fn release(&mut self, owner_id: String, at: i64) {
        let held = self.now.keys().any(|(_, holder)| *holder == owner_id);
        if held {
            self.end(at, |_, holder| *holder == owner_id);
        }
        *self.released.entry(owner_id).or_default() |= held;
    }

    /// When everything of an instant was heard, releases of those who held nothing before it end what began at it.
    fn settle(&mut self) {
        let at = self.at;
        for (owner_id, held_before) in std::mem::take(&mut self.released) {
            if !held_before {
                self.now
                    .retain(|(_, holder), from| *holder != owner_id || *from != at);
            }
        }
    }

    fn end(&mut self, at: i64, whose: impl Fn(HeldAs, &String) -> bool) {
        let ended = &mut self.ended;
        self.now.retain(|(held_as, owner_id), from| {
            let ends = whose(*held_as, owner_id);
            if ends && *from < at {
                ended.push((*from, Some(at), owner_id.clone(), *held_as));
            }
            !ends
        });
    }

    fn finish(mut self, vin: &str) -> Vec<Holding> {
        self.settle();
        for ((held_as, owner_id), from) in self.now {
            self.ended.push((from, None, owner_id, held_as));
        }
        let mut holdings: Vec<Holding> = self
            .ended
            .into_iter()
            .map(|(from, until, owner_id, held_as)| Holding {
                vin: vin.to_owned(),
                from,
                until,
                owner_id,
                held_as,
            })
            .collect();
        holdings.sort();
        holdings
    }
}
