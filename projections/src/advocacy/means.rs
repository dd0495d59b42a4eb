//! The mean of the brand, towards which little evidence is pulled.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::everybody::{Audience, Piece, read};
use super::ledger::Ledger;
use super::model::{Component, Model};
use super::query::AdvocacyStates;
use super::rows::Row;
use crate::HistoryKey;
use crate::fold::state::StateError;

/// The means of all owners at the start of a month, as known then: they never change, and may be kept under
/// (model, month). 72 bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Means {
    /// The start of a month in UTC, in nanoseconds since the Unix epoch; `None`: before the first
    /// touchpoint, every mean is 0.
    pub month: Option<i64>,
    means: [f64; 5],
    weights: [f64; 5],
}

impl Means {
    /// The means before anything was recorded: 0.
    #[must_use]
    pub fn none() -> Self {
        Self {
            month: None,
            means: [0.0; 5],
            weights: [0.0; 5],
        }
    }

    /// The mean of a component, between -1 and 1; 0 if nothing was recorded about it.
    #[must_use]
    pub fn of(&self, component: Component) -> f64 {
        *component.of(&self.means)
    }

    /// The weight of the evidence behind it.
    #[must_use]
    pub fn weight(&self, component: Component) -> f64 {
        *component.of(&self.weights)
    }
}

/// The latest start of a month in UTC at or before an instant, in nanoseconds since the Unix epoch.
/// `None` where there is none that can be told.
#[must_use]
pub fn month_start(instant: i64) -> Option<i64> {
    let then = Timestamp::from_nanosecond(instant.into()).ok()?;
    let month = then.to_zoned(TimeZone::UTC).date().first_of_month();
    let start = month.to_zoned(TimeZone::UTC).ok()?.timestamp();
    i64::try_from(start.as_nanosecond()).ok()
}

/// Everybody's evidence, as if it were one person's.
struct Sum<'m>(Ledger<'m>);

impl Audience for Sum<'_> {
    const PERSONS: bool = false;

    fn row(&mut self, _: &HistoryKey, _: &Row, _: &str, _: &[u32]) {}

    fn piece(&mut self, piece: &Piece<'_>, _: &[u32]) {
        self.0.add(piece, &[0]);
    }
}

/// The means at `month`, the start of a month in UTC, from what was recorded by then: at or before position
/// `known_at`, the last one that the log recorded at or before that instant. Every touchpoint counts once,
/// whoever it belongs to, if it belongs to anybody. Reads all evidence once.
///
/// # Errors
/// If a state cannot be read.
pub fn means(
    states: AdvocacyStates<'_>,
    model: &Model,
    month: i64,
    known_at: u64,
) -> Result<Means, StateError> {
    if known_at == 0 {
        return Ok(Means::none());
    }
    let mut sum = Sum(Ledger::new(model, month.into()));
    read(states, model, known_at, month.into(), &mut sum)?;
    let totals = sum.0.totals(1).pop().unwrap_or_default();
    let mut means = totals.values;
    for (mean, weight) in means.iter_mut().zip(totals.weights) {
        *mean = if weight > 0.0 { *mean / weight } else { 0.0 };
    }
    Ok(Means {
        month: Some(month),
        means,
        weights: totals.weights,
    })
}
