//! The two years that earned growth compares.

use jiff::Span;
use ownerline_proto::civil;
use ownerline_proto::time::Instant;

/// The 12 months up to an instant, and the 12 months before; starts are exclusive, ends inclusive. They are calendar
/// years in UTC: a year before 29 February is 28 February.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Years {
    pub before_from: Instant,
    pub from: Instant,
    until: Instant,
}

impl Years {
    /// Returns the years that end with an instant.
    pub(super) fn until(until: Instant) -> Self {
        let back = |years: i8| years_before(until, years).unwrap_or(Instant::MIN);
        Self {
            before_from: back(2),
            from: back(1),
            until,
        }
    }

    /// Whether an instant is in the 12 months before.
    pub(super) fn is_before(self, at: i64) -> bool {
        self.before_from < at && at <= self.from
    }

    /// Whether an instant is in the 12 months up to the end.
    pub(super) fn is_now(self, at: i64) -> bool {
        self.from < at && at <= self.until
    }
}

/// Returns the instant some years before; `None` outside the calendar.
fn years_before(until: Instant, years: i8) -> Option<Instant> {
    let span = Span::new().try_years(years).ok()?;
    let start = civil::of(until)?.checked_sub(span).ok()?;
    Some(civil::instant(start))
}
