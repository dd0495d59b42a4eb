//! View `bookings`: the bookings of work at a workshop by each person, as they were and as they were known.
//!
//! | table | key | value |
//! |---|---|---|
//! | `v` | visit, history key | `Row`: the owner that a touchpoint of the visit names, and whether it is a booking |
//! | `o` | owner, visit | empty: a touchpoint of the visit names this owner |
//!
//! A booking that names no owner belongs to the person who brought the car, as [`Whose`] resolves it. A cancelled
//! appointment was booked all the same.

mod soon;

pub use soon::BookedSoon;

use std::collections::BTreeSet;

use ownerline_proto::kind::Category;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use crate::fold::pairs::PairTable;
use crate::fold::state::{StateError, StateMap, StateRead};
use crate::fold::table::HistoryTable;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::person::ownership;
use crate::person::{Claim, Names, PersonLookup, Whose, WhoseStates};
use crate::timeline::streams_of_vehicle;
use crate::{Recorded, Validity};

static VISITS: HistoryTable<Row> = HistoryTable::new(VIEW.name, b'v');
const OWNERS: PairTable = PairTable::new(b'o');

/// The view. See the [module documentation](self).
pub const VIEW: ViewDef = ViewDef {
    name: "bookings",
    version: 2,
    kinds: Kinds::InStreams(&[Category::Visit]),
    apply: &apply,
};

/// A touchpoint of a visit.
#[derive(Clone, PartialEq, Eq, Message)]
struct Row {
    #[prost(string, tag = "1")]
    owner_id: String,
    #[prost(bool, tag = "2")]
    books: bool,
}

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let Some((category, visit_id)) = recorded.stream.split_once('-') else {
        return Ok(());
    };
    if Category::from_name(category) != Some(Category::Visit) {
        return Ok(());
    }
    let touchpoint = &recorded.touchpoint;
    let subjects = touchpoint.subjects.as_ref();
    let row = Row {
        owner_id: subjects.map_or_else(String::new, |it| it.owner_id.clone()),
        books: matches!(touchpoint.payload, Some(Payload::AppointmentBooked(_))),
    };
    if row == Row::default() {
        return Ok(());
    }
    let tail = history_tail(recorded, &[visit_id, &row.owner_id])?;
    if !row.owner_id.is_empty() {
        OWNERS.put(state, &row.owner_id, visit_id);
    }
    VISITS.put(state, [visit_id], &tail, &row);
    Ok(())
}

/// The view states that bookings are read from, all as of one commit.
#[derive(Clone, Copy)]
pub struct BookingStates<'s> {
    /// The state of this view.
    pub bookings: &'s dyn StateRead,
    /// The states that resolve the owner of a visit.
    pub whose: WhoseStates<'s>,
}

/// Returns when the person with these ids booked work: instants (nanoseconds since the Unix epoch) at or before `as_of`,
/// ascending. A booking that names no owner belongs to the person who brought the car.
///
/// # Errors
/// If a state cannot be read.
pub fn bookings_of_person(
    states: BookingStates<'_>,
    validity: &Validity<'_>,
    persons: &PersonLookup<'_>,
    owner_ids: &BTreeSet<String>,
    as_of: Instant,
) -> Result<Vec<i64>, StateError> {
    let mut visits = BTreeSet::new();
    for owner_id in owner_ids {
        OWNERS.seconds_of(states.bookings, owner_id, |visit_id| {
            visits.insert(visit_id.to_owned());
        })?;
    }
    for vin in ownership::vehicles(states.whose.ownership, owner_ids)? {
        let streams = streams_of_vehicle(states.whose.timeline, &vin)?;
        let of_visits = streams
            .iter()
            .filter_map(|stream| stream.strip_prefix("visit-"));
        visits.extend(of_visits.map(str::to_owned));
    }
    let mut whose = Whose::new(states.whose, validity, persons, as_of);
    let mut instants = Vec::new();
    for visit_id in &visits {
        for (at, names) in bookings_of_visit(states.bookings, validity, visit_id, as_of)? {
            let claimants = whose.of(&format!("visit-{visit_id}"), at, &names, Claim::AnyHolder)?;
            if claimants
                .iter()
                .any(|claimant| owner_ids.contains(&claimant.person))
            {
                instants.push(at);
            }
        }
    }
    instants.sort_unstable();
    Ok(instants)
}

/// Returns the bookings of a visit: when, and the subjects that each names.
fn bookings_of_visit(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    visit_id: &str,
    as_of: Instant,
) -> Result<Vec<(i64, Names)>, StateError> {
    let mut bookings = Vec::new();
    let rows = VISITS.up_to([visit_id], as_of);
    rows.counted(state, validity, |key, entry| {
        let row = entry.row()?;
        if row.books {
            let mut names = Names {
                owner_id: row.owner_id,
                ..Names::default()
            };
            validity.inherit(&key, &mut names)?;
            bookings.push((key.occurred_at, names));
        }
        Ok(())
    })?;
    Ok(bookings)
}
