//! The visits of a car: when it was in, and which days count.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::car::Car;
use super::dates::{Days, Span};
use super::facts::{Event, VisitFacts};
use super::status::{Flag, Visit};
use crate::HistoryKey;

/// The stays of one visit while its events are read.
#[derive(Default)]
struct Stays<'e> {
    /// The drop-off of the stay that has not ended.
    open: Option<&'e HistoryKey>,
    ended: Vec<(&'e HistoryKey, &'e HistoryKey)>,
    dropped_off: Option<&'e HistoryKey>,
    picked_up: Option<&'e HistoryKey>,
    /// The reading at the first drop-off.
    metres: Option<i64>,
    goodwill: bool,
    /// The first and the last report or repair.
    work: Option<(&'e HistoryKey, &'e HistoryKey)>,
    is_unmatched: bool,
}

impl<'e> Stays<'e> {
    fn of(facts: &'e VisitFacts) -> Self {
        let mut stays = Self::default();
        for (key, event) in &facts.events {
            stays.take(key, event);
        }
        stays
    }

    fn take(&mut self, key: &'e HistoryKey, event: &Event) {
        match event {
            Event::DroppedOff { metres, goodwill } => {
                self.goodwill |= goodwill;
                if self.dropped_off.is_none() {
                    (self.dropped_off, self.metres) = (Some(key), *metres);
                }
                match self.open {
                    Some(_) => self.is_unmatched = true,
                    None => self.open = Some(key),
                }
            }
            Event::PickedUp => {
                self.picked_up = Some(key);
                if let Some(from) = self.open.take() {
                    self.ended.push((from, key));
                } else if self.dropped_off.is_some() || self.work.is_none() {
                    self.is_unmatched = true;
                }
            }
            Event::Reported { .. } | Event::Attempted { .. } => {
                let first = self.work.map_or(key, |(first, _)| first);
                self.work = Some((first, key));
            }
        }
    }

    /// When the visit began: with the drop-off, else the first report or repair, else the pick-up.
    fn began(&self) -> Option<&'e HistoryKey> {
        let worked = self.work.map(|(first, _)| first);
        self.dropped_off.or(worked).or(self.picked_up)
    }
}

/// The visits by their beginning, and what is odd about them.
pub(super) fn visits<'f>(
    facts: impl Iterator<Item = (&'f String, &'f VisitFacts)>,
    car: &mut Car<'_>,
) -> (Vec<Visit>, BTreeSet<Flag>) {
    let mut visits = Vec::new();
    let mut flags = BTreeSet::new();
    for (visit_id, facts) in facts {
        visits.extend(visit(visit_id, facts, car, &mut flags));
    }
    visits.sort_by(|a, b| a.began.cmp(&b.began));
    (visits, flags)
}

fn visit(
    visit_id: &str,
    facts: &VisitFacts,
    car: &mut Car<'_>,
    flags: &mut BTreeSet<Flag>,
) -> Option<Visit> {
    let stays = Stays::of(facts);
    let began = stays.began()?;
    let zone = car.zone(&facts.dealer_id, began.occurred_at);
    if zone.is_empty() {
        flags.insert(Flag::ZoneUnknown);
    }
    let (today, greatest_reading) = (car.today(&zone), car.greatest_reading(began.occurred_at));
    let mut date = |at: i64| car.date(&zone, at);
    let mut spans: Vec<Span> = stays
        .ended
        .iter()
        .map(|(from, until)| (date(from.occurred_at), date(until.occurred_at)))
        .collect();
    if let Some(from) = stays.open {
        spans.push((date(from.occurred_at), today));
    }
    if spans.is_empty() {
        // Without a drop-off nobody says that the car stayed longer than what is told of it.
        let last = stays.work.map_or(began, |(_, last)| last);
        let until = stays
            .picked_up
            .map_or(last, |picked_up| picked_up.max(last));
        spans.push((date(began.occurred_at), date(until.occurred_at)));
        if stays.work.is_some() {
            flags.insert(Flag::NoDropOff);
        }
    }
    if stays.is_unmatched {
        flags.insert(Flag::UnmatchedStay);
    }
    let from = date(began.occurred_at);
    let until = spans.iter().map(|(_, until)| *until).max();
    let metres = stays.metres.or(greatest_reading);
    if metres.is_none() && stays.work.is_some() {
        flags.insert(Flag::OdometerUnknown);
    }
    Some(Visit {
        visit_id: visit_id.to_owned(),
        dealer_id: facts.dealer_id.clone(),
        began: began.clone(),
        days: Days::united(spans.iter().copied()).count(),
        stays: spans,
        from,
        until: until.unwrap_or(from),
        counts: stays.work.is_some(),
        still_in: stays.open.is_some(),
        goodwill: stays.goodwill,
        odometer_metres: metres,
    })
}

/// The days out of service in some of the visits, up to a last day for each.
pub(super) fn days_out<'v>(visits: impl Iterator<Item = (&'v Visit, Option<Date>)>) -> Days {
    let spans = visits.flat_map(|(visit, last)| {
        let clip =
            move |(from, until): &Span| (*from, last.map_or(*until, |last| last.min(*until)));
        visit.stays.iter().map(clip)
    });
    Days::united(spans)
}
