//! The appointments of one person: what was booked for when, and what became of it.

use ownerline_proto::time::Instant;
use prost::Message;

use super::{BookingStates, Step, VIEW, steps, visits};
use crate::fold::key::is_plain;
use crate::person::identity::{self, person_ids};
use crate::person::{Names, PersonLookup, Whose, ownership};
use crate::timeline::{self, TimelineQuestion, TimelineStates};
use crate::{AnswerError, HistoryKey, Snapshots, Vantage, corrections, vehicles};

/// The views that appointments are listed from.
pub const BOOKING_VIEWS: [&str; 6] = [
    VIEW.name,
    timeline::VIEW.name,
    corrections::VIEW.name,
    identity::VIEW.name,
    ownership::VIEW.name,
    vehicles::VIEW.name,
];

/// At most this many touchpoints of one appointment are listed, the newest.
const MAX_FACTS: usize = 100;

/// A question about the appointments of a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BookingsQuestion {
    /// Any id of the person.
    pub owner_id: String,
    /// Only those with this dealer, as named or filled in.
    pub dealer_id: Option<String>,
    /// Only those that start at or after this instant.
    pub starts_from: Option<Instant>,
    /// Only those that start before this instant.
    pub starts_until: Option<Instant>,
    /// The place of the last appointment of the page before.
    pub after: Option<BookingPlace>,
    /// Appointments of the page at most.
    pub limit: usize,
}

/// The place of an appointment in a list: by its start, without one at the end; then by visit.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct BookingPlace {
    /// The start.
    #[prost(message, optional, tag = "1")]
    pub starts_at: Option<Instant>,
    /// The visit.
    #[prost(string, tag = "2")]
    pub visit_id: String,
}

/// The state of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookingState {
    /// It is ahead, or no start is known.
    Booked,
    /// Its start has passed, and nothing of the visit is known.
    Passed,
    /// It was cancelled.
    Cancelled,
    /// The visit takes or took place.
    Attended,
}

/// The appointment of one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// The start that was booked last, and the visit.
    pub place: BookingPlace,
    /// The vehicle; empty if not known.
    pub vin: String,
    /// The dealer; empty if not known.
    pub dealer_id: String,
    /// The start that was booked first.
    pub first_starts_at: Option<Instant>,
    /// The number of times that it was moved to another start.
    pub moves: u32,
    /// Its state.
    pub state: BookingState,
    /// The places of the touchpoints that this follows from, oldest first: the newest 100.
    pub facts: Vec<HistoryKey>,
}

/// One page of appointments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BookingsPage {
    /// In the order of their places.
    pub bookings: Vec<Booking>,
    /// There are more.
    pub more: bool,
}

impl BookingPlace {
    fn rank(&self) -> (bool, Option<Instant>, &str) {
        (self.starts_at.is_none(), self.starts_at, &self.visit_id)
    }
}

/// Answers one page of the appointments of a person.
///
/// # Errors
/// If no touchpoint that the viewer may see names the owner, too many ids are linked to theirs, or a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &BookingsQuestion,
) -> Result<BookingsPage, AnswerError> {
    let mut bookings = match is_plain(&question.owner_id) {
        true => of_person(snapshots, vantage, &question.owner_id)?,
        false => Vec::new(),
    };
    if bookings.is_empty() {
        // An owner without appointments is known if there is anything on their timeline.
        let anything = TimelineQuestion {
            owner_id: question.owner_id.clone(),
            limit: 1,
            ..TimelineQuestion::default()
        };
        timeline::answer(snapshots, vantage, anything)?;
    }
    bookings.retain(|it| question.selects(it));
    bookings.sort_by(|a, b| a.place.rank().cmp(&b.place.rank()));
    let more = bookings.len() > question.limit;
    bookings.truncate(question.limit);
    Ok(BookingsPage { bookings, more })
}

impl BookingsQuestion {
    fn selects(&self, booking: &Booking) -> bool {
        let starts_at = booking.place.starts_at;
        let after = self.after.as_ref();
        after.is_none_or(|after| after.rank() < booking.place.rank())
            && self
                .dealer_id
                .as_ref()
                .is_none_or(|it| *it == booking.dealer_id)
            && self.starts_from.is_none_or(|from| starts_at >= Some(from))
            && self
                .starts_until
                .is_none_or(|until| starts_at.is_some_and(|at| at < until))
    }
}

/// Every appointment of the person that the viewer may see.
fn of_person(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    owner_id: &str,
) -> Result<Vec<Booking>, AnswerError> {
    let validity = vantage.validity()?;
    let identity = snapshots.state(identity::VIEW.name);
    let owner_ids = person_ids(identity, &validity, owner_id)?;
    let states = BookingStates {
        bookings: snapshots.state(VIEW.name),
        whose: TimelineStates::of(snapshots).whose(),
    };
    let persons = PersonLookup::new(identity, &validity);
    let mut whose = Whose::new(states.whose, &validity, &persons, vantage.as_of);
    let mut bookings = Vec::new();
    for visit_id in visits(states, &owner_ids)? {
        let stream = format!("visit-{visit_id}");
        let mut seen = Visit::default();
        let mut of_visit = Vec::new();
        let add = |key, names, step| of_visit.push((key, names, step));
        steps(states.bookings, &mut whose, &owner_ids, &visit_id, add)?;
        for (key, names, step) in of_visit {
            let names = whose.filled().fill(&stream, key.occurred_at, names)?;
            if vantage.viewer.sees_dealer(&names.dealer_id) {
                seen.steps.push((key, step));
                seen.names = names;
            }
        }
        if let Some((key, names)) = whose.taken_place(&stream)? {
            let names = whose.filled().fill(&stream, key.occurred_at, names)?;
            seen.taken_place = Some(key).filter(|_| vantage.viewer.sees_dealer(&names.dealer_id));
        }
        bookings.extend(seen.booking(visit_id, vantage.as_of));
    }
    Ok(bookings)
}

/// The part of the appointment of one visit that the viewer may see.
#[derive(Default)]
struct Visit {
    steps: Vec<(HistoryKey, Step)>,
    /// The subjects of the last step.
    names: Names,
    taken_place: Option<HistoryKey>,
}

impl Visit {
    /// The appointment; `None` if nothing books it.
    fn booking(self, visit_id: String, as_of: Instant) -> Option<Booking> {
        let last = self.steps.iter().rev().map(|(_, step)| *step).next()?;
        let is_booked = self.steps.iter().any(|(_, step)| *step != Step::Cancelled);
        let mut starts: Vec<Instant> = Vec::new();
        for (_, step) in &self.steps {
            match step {
                Step::Booked(Some(start)) if starts.last() != Some(start) => starts.push(*start),
                Step::Booked(_) | Step::Cancelled => {}
            }
        }
        let starts_at = starts.last().copied();
        let state = match (&self.taken_place, last) {
            (Some(_), _) => BookingState::Attended,
            (None, Step::Cancelled) => BookingState::Cancelled,
            (None, Step::Booked(_)) if starts_at.is_some_and(|at| at < as_of) => {
                BookingState::Passed
            }
            (None, Step::Booked(_)) => BookingState::Booked,
        };
        let steps = self.steps.into_iter().map(|(key, _)| key);
        let mut facts: Vec<HistoryKey> = steps.chain(self.taken_place).collect();
        facts.sort();
        facts.drain(..facts.len().saturating_sub(MAX_FACTS));
        is_booked.then(|| Booking {
            place: BookingPlace {
                starts_at,
                visit_id,
            },
            vin: self.names.vin,
            dealer_id: self.names.dealer_id,
            first_starts_at: starts.first().copied(),
            moves: u32::try_from(starts.len().saturating_sub(1)).unwrap_or(u32::MAX),
            state,
            facts,
        })
    }
}
