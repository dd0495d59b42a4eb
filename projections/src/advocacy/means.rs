//! The brand means, towards which scores with little evidence are pulled.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::model::Component;

/// The means of all owners at the start of a month, as known then. They never change and may be cached by (model,
/// month). 72 bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Means {
    /// The start of a month in UTC, in nanoseconds since the Unix epoch; `None` before the first touchpoint, when every
    /// mean is 0.
    pub month: Option<i64>,
    means: [f64; 5],
    weights: [f64; 5],
}

impl Means {
    /// The means before anything was recorded, which are 0.
    #[must_use]
    pub fn none() -> Self {
        Self {
            month: None,
            means: [0.0; 5],
            weights: [0.0; 5],
        }
    }

    pub(super) fn new(month: i64, means: [f64; 5], weights: [f64; 5]) -> Self {
        Self {
            month: Some(month),
            means,
            weights,
        }
    }

    /// The mean of a component, between -1 and 1; 0 if nothing was recorded about it.
    #[must_use]
    pub fn of(&self, component: Component) -> f64 {
        *component.of(&self.means)
    }

    /// The weight of the evidence behind a mean.
    #[must_use]
    pub fn weight(&self, component: Component) -> f64 {
        *component.of(&self.weights)
    }
}

/// Returns the latest start of a month in UTC at or before an instant, in nanoseconds since the Unix epoch; `None`
/// outside the calendar.
#[must_use]
pub fn month_start(instant: i64) -> Option<i64> {
    let then = Timestamp::from_nanosecond(instant.into()).ok()?;
    let month = then.to_zoned(TimeZone::UTC).date().first_of_month();
    let start = month.to_zoned(TimeZone::UTC).ok()?.timestamp();
    i64::try_from(start.as_nanosecond()).ok()
}
