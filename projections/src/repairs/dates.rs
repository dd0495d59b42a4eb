//! Spans of local dates.

use jiff::ToSpan as _;
use jiff::civil::Date;

/// A span of dates, both ends included.
pub(super) type Span = (Date, Date);

/// The dates in any of some spans.
#[derive(Debug, Clone, Default)]
pub(super) struct Days {
    /// Ascending, without overlaps.
    spans: Vec<Span>,
}

impl Days {
    pub(super) fn united(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut spans: Vec<Span> = spans
            .into_iter()
            .filter(|(from, until)| from <= until)
            .collect();
        spans.sort();
        let mut united: Vec<Span> = Vec::new();
        for (from, until) in spans {
            match united.last_mut() {
                Some((_, last)) if from <= *last => *last = until.max(*last),
                _ => united.push((from, until)),
            }
        }
        Self { spans: united }
    }

    pub(super) fn count(&self) -> u32 {
        let counts = self.spans.iter().map(|(from, until)| days(*from, *until));
        counts.fold(0, u32::saturating_add)
    }
}

/// The days of a span.
pub(super) fn days(from: Date, until: Date) -> u32 {
    u32::try_from(gone_by(from, until)).map_or(0, |days| days.saturating_add(1))
}

/// The days gone by from one date to another; negative if that is earlier.
pub(super) fn gone_by(from: Date, until: Date) -> i32 {
    from.until(until).map_or(0, |span| span.get_days())
}

/// The date this many days later, or the last there is.
pub(super) fn plus_days(date: Date, days: u32) -> Date {
    date.saturating_add(i64::from(days).days())
}

/// The date this many calendar months later, clamped to the end of the month.
pub(super) fn plus_months(date: Date, months: i32) -> Date {
    // Some 10,000 years of months; more are no date.
    date.saturating_add(months.clamp(0, 119_988).months())
}

/// A stated date; `None` if it is none.
pub(super) fn stated(text: &str) -> Option<Date> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        stated(text).unwrap()
    }

    #[test]
    fn overlapping_spans_count_once_and_touching_ones_each() {
        let span = |from, until| (date(from), date(until));
        let united = Days::united([
            span("2024-03-12", "2024-03-14"),
            span("2024-03-01", "2024-03-10"),
            span("2024-03-08", "2024-03-12"),
            span("2024-04-02", "2024-04-01"),
        ]);
        assert_eq!(united.count(), 14);
        assert_eq!(Days::united([span("2024-02-28", "2024-03-01")]).count(), 3);
    }

    #[test]
    fn months_end_with_the_month() {
        assert_eq!(plus_months(date("2024-02-29"), 24), date("2026-02-28"));
        assert_eq!(plus_months(date("2024-01-31"), 1), date("2024-02-29"));
        assert_eq!(plus_months(date("2024-01-15"), i32::MAX), Date::MAX);
    }
}
