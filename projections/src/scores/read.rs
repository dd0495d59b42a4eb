//! Counts the items of the view of feedback. Every item is folded on read.

use std::ops::ControlFlow;

use super::counter::Counter;
use super::models::Models;
use super::{Counted, Question};
use crate::Validity;
use crate::feedback::{Part, invited_items_of_dealer, items_of_part};
use crate::fold::state::{StateError, StateRead};
use crate::obligation::Item;

/// The states to count, and how.
#[derive(Clone, Copy)]
pub struct Reading<'r> {
    /// The state of [`feedback`](crate::feedback).
    pub feedback: &'r dyn StateRead,
    /// The state of [`vehicles`](crate::vehicles).
    pub vehicles: &'r dyn StateRead,
    /// The touchpoints in force, as known at a position.
    pub validity: &'r Validity<'r>,
    /// The question that every item is counted for.
    pub question: Question<'r>,
    /// Called before each item: whether nobody waits for the answer any more.
    pub is_over: &'r dyn Fn() -> bool,
}

/// Counts a part of the items.
///
/// # Errors
/// If a state cannot be read.
pub fn count(reading: Reading<'_>, part: Part) -> Result<Counted, StateError> {
    let Reading {
        feedback,
        vehicles,
        validity,
        question,
        is_over,
    } = reading;
    let scope = question.scope;
    let models = Models::new(vehicles, validity, question.as_of);
    let mut counter = Counter::new(question, models);
    let mut failed = None;
    let mut visit = |item: Item| {
        failed = counter.add(&item).err();
        if failed.is_some() || is_over() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let dealer_id = scope.dealer_id.as_deref();
    match dealer_id.filter(|_| scope.is_of_one_dealer(question.group_by)) {
        Some(dealer_id) => {
            let period = scope.period.reach();
            invited_items_of_dealer(feedback, validity, dealer_id, period, &mut visit)
        }
        None => items_of_part(feedback, validity, part, &mut visit),
    }?;
    failed.map_or_else(|| Ok(counter.finish()), Err)
}
