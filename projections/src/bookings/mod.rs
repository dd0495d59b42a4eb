//! View `bookings`: the appointments at workshops that each person booked and cancelled, as they were and as they were
//! known.
//!
//! | table | key | value |
//! |---|---|---|
//! | `v` | visit, history key | `Row`: the owner that a touchpoint of the visit names, and whether it is a booking or a cancellation |
//! | `o` | owner, visit | empty: a touchpoint of the visit names this owner |
//!
//! A booking that names no owner belongs to the person who brought the car, as [`Whose`] resolves it. A cancelled
//! appointment was booked all the same.

mod answer;
mod soon;

pub use answer::{
    BOOKING_VIEWS, Booking, BookingPlace, BookingState, BookingsPage, BookingsQuestion, answer,
};
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
use crate::timeline::visits_of_vehicle;
use crate::{HistoryKey, Recorded, Validity};

static VISITS: HistoryTable<Row> = HistoryTable::new(VIEW.name, b'v');
const OWNERS: PairTable = PairTable::new(b'o');

/// The view. See the [module documentation](self).
pub const VIEW: ViewDef = ViewDef {
    name: "bookings",
    version: 4,
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
    /// The start that it books.
    #[prost(message, optional, tag = "3")]
    starts_at: Option<Instant>,
    #[prost(bool, tag = "4")]
    cancels: bool,
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
    let mut row = Row {
        owner_id: subjects.map_or_else(String::new, |it| it.owner_id.clone()),
        ..Row::default()
    };
    match &touchpoint.payload {
        Some(Payload::AppointmentBooked(booked)) => {
            row.books = true;
            row.starts_at = booked.starts_at.as_ref().map(Instant::from);
        }
        Some(Payload::AppointmentCancelled(_)) => row.cancels = true,
        _ => {}
    }
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

/// The effect of a touchpoint on an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Books it, for this start if one is told.
    Booked(Option<Instant>),
    /// Cancels it.
    Cancelled,
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
    let mut whose = Whose::new(states.whose, validity, persons, as_of);
    let mut booked = Vec::new();
    for visit_id in visits(states, owner_ids)? {
        let books = |key: HistoryKey, _, step| {
            if step != Step::Cancelled {
                booked.push(key.occurred_at);
            }
        };
        steps(states.bookings, &mut whose, owner_ids, &visit_id, books)?;
    }
    booked.sort_unstable();
    Ok(booked)
}

/// Whether the appointment of a visit is ahead at an instant: it was booked, not cancelled since, and its start is not
/// known or has not passed.
///
/// # Errors
/// If the state cannot be read.
pub(crate) fn is_ahead(
    bookings: &dyn StateRead,
    validity: &Validity<'_>,
    visit_id: &str,
    as_of: Instant,
) -> Result<bool, StateError> {
    let (mut is_booked, mut start) = (false, None);
    let rows = VISITS.up_to([visit_id], as_of);
    rows.counted(bookings, validity, |_, entry| {
        let row = entry.row()?;
        if row.books {
            (is_booked, start) = (true, row.starts_at.or(start));
        } else if row.cancels {
            is_booked = false;
        }
        Ok(())
    })?;
    Ok(is_booked && start.is_none_or(|start| start >= as_of))
}

/// The visits that may be a person's: those that name an id of theirs, and those of vehicles they ever held.
pub(crate) fn visits(
    states: BookingStates<'_>,
    owner_ids: &BTreeSet<String>,
) -> Result<BTreeSet<String>, StateError> {
    let mut visits = BTreeSet::new();
    for owner_id in owner_ids {
        OWNERS.seconds_of(states.bookings, owner_id, |visit_id| {
            visits.insert(visit_id.to_owned());
        })?;
    }
    for vin in ownership::vehicles(states.whose.ownership, owner_ids)? {
        let streams = visits_of_vehicle(states.whose.timeline, &vin)?;
        let of_visits = streams.iter().filter_map(|it| it.strip_prefix("visit-"));
        visits.extend(of_visits.map(str::to_owned));
    }
    Ok(visits)
}

/// Visits the touchpoints of a visit that book or cancel its appointment and belong to the person with these ids, in history
/// order, with the subjects that they name themselves.
fn steps(
    bookings: &dyn StateRead,
    whose: &mut Whose<'_>,
    owner_ids: &BTreeSet<String>,
    visit_id: &str,
    mut visit: impl FnMut(HistoryKey, Names, Step),
) -> Result<(), StateError> {
    let stream = format!("visit-{visit_id}");
    let (validity, as_of) = whose.stand();
    let rows = VISITS.up_to([visit_id], as_of);
    rows.counted(bookings, validity, |key, entry| {
        let row = entry.row()?;
        let step = match (row.books, row.cancels) {
            (true, _) => Step::Booked(row.starts_at),
            (false, true) => Step::Cancelled,
            (false, false) => return Ok(()),
        };
        let mut names = Names {
            owner_id: row.owner_id,
            ..Names::default()
        };
        validity.inherit(&key, &mut names)?;
        let belongs = whose.of(&stream, key.occurred_at, &names, Claim::AnyHolder)?;
        if belongs.iter().any(|it| owner_ids.contains(&it.person)) {
            visit(key, names, step);
        }
        Ok(())
    })
}
