//! Counts the items of the view of feedback: by the first replies that the view keeps, where they may be used, else by
//! items folded on read. Both give the same counts.

use std::ops::ControlFlow;

use super::{Counted, Counter, One, Question};
use crate::Validity;
use crate::feedback::{
    Part, items_of_dealer, items_of_part, load, summaries_of_dealer, summaries_of_part,
};
use crate::fold::state::{StateError, StateRead};
use crate::obligation::{FirstReply, Item, segments};

/// Looks up whether the owner of an item booked work soon after it was received at the given instant; `None` if that is
/// not known, or the time is not over.
pub type Booked<'b> = dyn Fn(&Item, i64) -> Result<Option<bool>, StateError> + 'b;

/// The states to count, and how.
#[derive(Clone, Copy)]
pub struct Reading<'r> {
    /// The state of [`feedback`](crate::feedback).
    pub feedback: &'r dyn StateRead,
    /// The touchpoints in force, as known at a position.
    pub validity: &'r Validity<'r>,
    /// The question that every item is counted for.
    pub question: Question<'r>,
    /// The kept first replies may be used, because `validity` and the state are at the same position. They are fast unless
    /// `as_of` is long before the last touchpoints.
    pub from_summaries: bool,
    /// Looks up bookings; then every item is folded.
    pub booked: Option<&'r Booked<'r>>,
    /// Called before each item: whether nobody waits for the answer any more.
    pub is_over: &'r dyn Fn() -> bool,
}

/// Counts one part of the items. Those of one dealer are few, and all in one part.
///
/// # Errors
/// If a state cannot be read.
pub fn count(reading: Reading<'_>, part: Part) -> Result<Counted, StateError> {
    let Reading {
        feedback,
        validity,
        question,
        ..
    } = reading;
    let scope = question.scope;
    let starts = scope.period.reach();
    let dealer_id = scope.dealer_id.as_deref();
    let mut counting = Counting {
        reading,
        counter: Counter::new(question),
        failed: None,
    };
    let as_of = question.as_of;
    if reading.from_summaries && reading.booked.is_none() {
        let mut visit = |item: crate::feedback::ItemSummary<'_>| {
            let one = One {
                names: item.names,
                summary: item.summary,
                segments: None,
                booked: None,
            };
            counting.takes(one, item.feedback_id)
        };
        match dealer_id {
            Some(dealer_id) => {
                summaries_of_dealer(feedback, validity, dealer_id, starts, as_of, &mut visit)
            }
            None => summaries_of_part(feedback, validity, as_of, part, &mut visit),
        }?;
    } else {
        let mut visit = |item: Item| counting.folds(&item);
        match dealer_id {
            Some(dealer_id) => items_of_dealer(feedback, validity, dealer_id, starts, &mut visit),
            None => items_of_part(feedback, validity, part, &mut visit),
        }?;
    }
    counting
        .failed
        .map_or_else(|| Ok(counting.counter.finish()), Err)
}

struct Counting<'r> {
    reading: Reading<'r>,
    counter: Counter<'r>,
    failed: Option<StateError>,
}

impl Counting<'_> {
    fn takes(&mut self, one: One<'_>, feedback_id: &str) -> ControlFlow<()> {
        let as_of = self.reading.question.as_of;
        if !self.counter.needs_segments(&one) {
            self.counter.add(&one);
            return self.goes_on();
        }
        match load(self.reading.feedback, self.reading.validity, feedback_id) {
            Ok(item) => {
                let segments = item.map(|item| segments(&item, as_of));
                self.counter.add(&One {
                    segments: segments.as_deref(),
                    ..one
                });
            }
            Err(error) => self.failed = Some(error),
        }
        self.goes_on()
    }

    fn folds(&mut self, item: &Item) -> ControlFlow<()> {
        let as_of = self.reading.question.as_of;
        let Some(summary) = FirstReply::of(item, as_of) else {
            return self.goes_on();
        };
        let mut one = One {
            names: item.names(),
            summary: &summary,
            segments: None,
            booked: None,
        };
        let booked = self
            .reading
            .booked
            .filter(|_| self.counter.is_asked_for(&one));
        let booked = booked.map(|booked| booked(item, summary.start));
        match booked.transpose() {
            Ok(booked) => one.booked = booked.flatten(),
            Err(error) => self.failed = Some(error),
        }
        let needed = self.counter.needs_segments(&one);
        let found = needed.then(|| segments(item, as_of));
        one.segments = found.as_deref();
        self.counter.add(&one);
        self.goes_on()
    }

    fn goes_on(&self) -> ControlFlow<()> {
        if self.failed.is_some() || (self.reading.is_over)() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}
