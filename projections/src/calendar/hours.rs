//! Open time on the wall clock: weekly intervals and dated exceptions, without any zone.

/// Seconds of a day on the wall clock.
pub(super) const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;
/// 1970-01-01 was a Thursday: the week that holds it began three days before.
const MONDAY_BEFORE_EPOCH: i64 = -3 * DAY;

/// Intervals in seconds from the beginning of a day or week: ordered, not touching each other, each with the open seconds
/// before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Intervals {
    parts: Vec<Part>,
    total: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    from: i64,
    until: i64,
    before: i64,
}

impl Intervals {
    /// Takes pairs of seconds that are ordered and do not overlap.
    pub(super) fn new(ordered: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let mut intervals = Self::default();
        for (from, until) in ordered {
            let before = intervals.total;
            intervals.parts.push(Part {
                from,
                until,
                before,
            });
            intervals.total += until - from;
        }
        intervals
    }

    /// Open seconds before a second, and whether it is open.
    fn open(&self, at: i64) -> (i64, bool) {
        let begun = self.parts.partition_point(|part| part.from <= at);
        let last = begun.checked_sub(1).and_then(|last| self.parts.get(last));
        last.map_or((0, false), |part| {
            (
                part.before + at.min(part.until) - part.from,
                at < part.until,
            )
        })
    }

    /// The open second that has this many open ones before it.
    fn second(&self, before: i64) -> Option<i64> {
        let begun = self.parts.partition_point(|part| part.before <= before);
        let part = self.parts.get(begun.checked_sub(1)?)?;
        let second = part.from + before - part.before;
        (second < part.until).then_some(second)
    }

    fn between(&self, from: i64, until: i64) -> i64 {
        self.open(until).0 - self.open(from).0
    }
}

/// A date with its own hours.
#[derive(Debug, Clone)]
struct Exception {
    /// First second of the date, on the wall clock.
    begins: i64,
    intervals: Intervals,
    /// Open seconds before it, exceptions included.
    before: i64,
    /// The open seconds that it and the exceptions before it add to plain weeks; may be negative.
    added_after: i64,
}

/// When business is open on the wall clock. Seconds count from 1970-01-01T00:00 of the wall clock; open
/// seconds count from an arbitrary origin, so that only differences mean anything.
#[derive(Debug, Clone)]
pub(super) struct Hours {
    weekly: Intervals,
    exceptions: Vec<Exception>,
}

impl Hours {
    /// Takes the hours of a week that begins on Monday, and those of dates (days since 1970-01-01, ordered,
    /// each once).
    pub(super) fn new(
        weekly: Intervals,
        dates: impl IntoIterator<Item = (i64, Intervals)>,
    ) -> Self {
        let mut hours = Self {
            weekly,
            exceptions: Vec::new(),
        };
        let mut added = 0;
        for (day, intervals) in dates {
            let begins = day * DAY;
            let of_week = (begins - MONDAY_BEFORE_EPOCH).rem_euclid(WEEK);
            let before = hours.weeks(begins).0 + added;
            added += intervals.total - hours.weekly.between(of_week, of_week + DAY);
            hours.exceptions.push(Exception {
                begins,
                intervals,
                before,
                added_after: added,
            });
        }
        hours
    }

    /// Open seconds before a second of the wall clock, and whether it is open.
    pub(super) fn open(&self, wall: i64) -> (i64, bool) {
        let begun = self.exceptions.partition_point(|it| it.begins <= wall);
        let last = begun.checked_sub(1).and_then(|it| self.exceptions.get(it));
        match last {
            Some(day) if wall < day.begins + DAY => {
                let (open, is_open) = day.intervals.open(wall - day.begins);
                (day.before + open, is_open)
            }
            Some(day) => {
                let (open, is_open) = self.weeks(wall);
                (open + day.added_after, is_open)
            }
            None => self.weeks(wall),
        }
    }

    /// The open second that has this many open ones before it; none if business never opens again.
    pub(super) fn second(&self, before: i64) -> Option<i64> {
        let begun = self.exceptions.partition_point(|it| it.before <= before);
        let last = begun.checked_sub(1).and_then(|it| self.exceptions.get(it));
        let Some(day) = last else {
            return self.second_of_weeks(before);
        };
        match day.intervals.second(before - day.before) {
            Some(second) => Some(day.begins + second),
            None => self.second_of_weeks(before - day.added_after),
        }
    }

    fn weeks(&self, wall: i64) -> (i64, bool) {
        let since = wall - MONDAY_BEFORE_EPOCH;
        let (open, is_open) = self.weekly.open(since.rem_euclid(WEEK));
        (since.div_euclid(WEEK) * self.weekly.total + open, is_open)
    }

    fn second_of_weeks(&self, before: i64) -> Option<i64> {
        let weeks = before.checked_div_euclid(self.weekly.total)?;
        let second = self.weekly.second(before.rem_euclid(self.weekly.total))?;
        Some(MONDAY_BEFORE_EPOCH + weeks * WEEK + second)
    }
}
