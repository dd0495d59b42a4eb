//! The rule for follow-ups: which proactive contacts about a visit made no sense, by what was known then.
//!
//! What was known then is what the log held before the contact was reported, of what had occurred by the time it began.
//! What is reported later about the visit makes nobody look foolish afterwards.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::schema::Schema;

use super::visit::{ended_in_refusal, is_still_in};
use crate::bookings::{self, BookingStates};
use crate::fold::state::{StateError, StateRead};
use crate::person::identity::everyone_linked;
use crate::person::{Claim, PersonLookup, Whose, takes_place};
use crate::{HistoryKey, Position, Validity};

/// Why a follow-up made no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Irrelevance {
    /// Nothing but an appointment was known of the visit, and none that was still ahead.
    NeverHappened,
    /// The vehicle had been dropped off and not picked up.
    StillGoingOn,
    /// Help had been declined last.
    Refused,
    /// Another visit was the person's last.
    NotLast,
}

/// The judgement of a follow-up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FollowUp {
    /// Why it made no sense; empty if it made sense.
    pub irrelevant: BTreeSet<Irrelevance>,
    /// The person's last visit, if that is another.
    pub last_visit_id: String,
}

/// The states that follow-ups are judged by.
#[derive(Clone, Copy)]
pub(super) struct FollowUpStates<'s> {
    pub(super) bookings: BookingStates<'s>,
    pub(super) identity: &'s dyn StateRead,
    pub(super) corrections: &'s dyn StateRead,
}

/// A follow-up to judge.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) owner_id: &'a str,
    pub(super) visit_id: &'a str,
    /// When the contact began, in nanoseconds since the Unix epoch.
    pub(super) at: i64,
    /// The position at which it was first reported.
    pub(super) reported: Position,
}

/// Judges a follow-up.
pub(super) fn follow_up(
    states: FollowUpStates<'_>,
    asked: Asked<'_>,
) -> Result<FollowUp, StateError> {
    let validity = Validity::new(states.corrections, asked.reported)?;
    let persons = PersonLookup::new(states.identity, &validity);
    let as_of = asked.at.into();
    let mut whose = Whose::new(states.bookings.whose, &validity, &persons, as_of);
    let mut judged = FollowUp::default();
    let named = Course::of(&whose, asked.visit_id)?;
    if named.last.is_none() {
        let bookings = states.bookings.bookings;
        if !bookings::is_ahead(bookings, &validity, asked.visit_id, as_of)? {
            judged.irrelevant.insert(Irrelevance::NeverHappened);
        }
        return Ok(judged);
    }
    if named.is_still_in() {
        judged.irrelevant.insert(Irrelevance::StillGoingOn);
    }
    if named.ended_in_refusal() {
        judged.irrelevant.insert(Irrelevance::Refused);
    }
    let owner_ids = everyone_linked(states.identity, &validity, asked.owner_id)?;
    let last = last_visit(states.bookings, &mut whose, &owner_ids)?;
    if let Some(last) = last.filter(|last| last != asked.visit_id) {
        judged.irrelevant.insert(Irrelevance::NotLast);
        judged.last_visit_id = last;
    }
    Ok(judged)
}

/// The visit of a person in which something happened last.
fn last_visit(
    states: BookingStates<'_>,
    whose: &mut Whose<'_>,
    owner_ids: &BTreeSet<String>,
) -> Result<Option<String>, StateError> {
    let mut last: Option<(HistoryKey, String)> = None;
    for visit_id in bookings::visits(states, owner_ids)? {
        let stream = format!("visit-{visit_id}");
        let Some((key, names)) = whose.taken_place(&stream)? else {
            continue;
        };
        let claimants = whose.of(&stream, key.occurred_at, &names, Claim::AnyHolder)?;
        if !claimants.iter().any(|it| owner_ids.contains(&it.person)) {
            continue;
        }
        let Some(newest) = Course::of(whose, &visit_id)?.last else {
            continue;
        };
        if last
            .as_ref()
            .is_none_or(|(known, _)| known.is_before(&newest))
        {
            last = Some((newest, visit_id));
        }
    }
    Ok(last.map(|(_, visit_id)| visit_id))
}

/// The touchpoints by which a visit is judged: the last of each.
#[derive(Debug, Default)]
struct Course {
    /// The last that says that the visit takes place.
    last: Option<HistoryKey>,
    dropped_off: Option<HistoryKey>,
    picked_up: Option<HistoryKey>,
    declined: Option<HistoryKey>,
    tried: Option<HistoryKey>,
    elsewhere: Option<HistoryKey>,
}

impl Course {
    fn of(whose: &Whose<'_>, visit_id: &str) -> Result<Self, StateError> {
        let mut course = Self::default();
        let kinds: BTreeMap<HistoryKey, u32> = whose.kinds(&format!("visit-{visit_id}"))?;
        for (key, number) in kinds {
            if !takes_place(number) {
                continue;
            }
            let kind = Schema::get().kind_by_number(number);
            let of_kind = match kind.map_or("", |kind| &*kind.name) {
                "vehicle_dropped_off" => &mut course.dropped_off,
                "vehicle_picked_up" => &mut course.picked_up,
                "assistance_declined" => &mut course.declined,
                "repair_attempted" => &mut course.tried,
                "resolved_elsewhere" => &mut course.elsewhere,
                _ => &mut None,
            };
            *of_kind = Some(key.clone());
            course.last = Some(key);
        }
        Ok(course)
    }

    fn is_still_in(&self) -> bool {
        let at = |key: &Option<HistoryKey>| key.as_ref().map(|key| key.occurred_at);
        is_still_in(at(&self.dropped_off), at(&self.picked_up))
    }

    fn ended_in_refusal(&self) -> bool {
        let [declined, tried, elsewhere] =
            [&self.declined, &self.tried, &self.elsewhere].map(Option::as_ref);
        ended_in_refusal(declined, tried, elsewhere)
    }
}
