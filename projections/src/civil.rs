//! Civil dates: the day and the month of an instant in a zone, and periods that are given by dates.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// An upper bound of the distance of any zone from UTC, in nanoseconds.
const FURTHEST_ZONE: i64 = 26 * 3_600 * 1_000_000_000;

/// A cache of zones and of names of months. Dates are not cached: where clocks are set back across midnight, the instants
/// of a day or month are not one stretch of time.
#[derive(Debug, Default)]
pub(crate) struct CivilCalendar {
    zones: BTreeMap<String, TimeZone>,
    months: BTreeMap<(i16, i8), String>,
}

impl CivilCalendar {
    /// The date of an instant (nanoseconds since the Unix epoch). An unknown zone counts as UTC.
    pub(crate) fn date(&mut self, zone: &str, at: i64) -> Date {
        if !self.zones.contains_key(zone) {
            let known = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
            self.zones.insert(zone.to_owned(), known);
        }
        let zone = self.zones.get(zone).unwrap_or(const { &TimeZone::UTC });
        let instant = Timestamp::from_nanosecond(at.into()).unwrap_or_default();
        zone.to_datetime(instant).date()
    }

    /// The month of an instant (nanoseconds since the Unix epoch), as `2014-01`. An unknown zone counts as UTC.
    pub(crate) fn month(&mut self, zone: &str, at: i64) -> &str {
        let date = self.date(zone, at);
        let (year, month) = (date.year(), date.month());
        let name = self.months.entry((year, month));
        name.or_insert_with(|| format!("{year:04}-{month:02}"))
    }
}

/// A period of instants, of dates, or of both. Every condition that is set must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    /// At or after this instant (nanoseconds since the Unix epoch).
    pub from: Option<i64>,
    /// Before this instant (nanoseconds since the Unix epoch).
    pub until: Option<i64>,
    /// On or after this date, in the zone of the item.
    pub from_date: Option<Date>,
    /// Before this date, in the zone of the item.
    pub until_date: Option<Date>,
}

impl Period {
    /// Whether it is given by dates, so that the zone matters.
    #[must_use]
    pub fn is_by_date(&self) -> bool {
        self.from_date.is_some() || self.until_date.is_some()
    }

    /// Whether an instant is in it in any zone.
    pub(crate) fn may_hold(&self, at: i64) -> bool {
        let reach = self.reach();
        // The last instant of all has no end after it.
        reach.start <= at && (at < reach.end || reach.end == i64::MAX)
    }

    /// Whether an instant is in it, in a zone.
    pub(crate) fn holds<'z>(
        &self,
        at: i64,
        calendar: &mut CivilCalendar,
        zone: impl FnOnce() -> &'z str,
    ) -> bool {
        let is_between =
            self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until);
        if !is_between || !self.is_by_date() {
            return is_between;
        }
        let date = calendar.date(zone(), at);
        self.from_date.is_none_or(|from| from <= date)
            && self.until_date.is_none_or(|until| date < until)
    }

    /// The range of instants (nanoseconds since the Unix epoch) that are in it in any zone.
    pub(crate) fn reach(&self) -> Range<i64> {
        let from = self.from_date.map_or(i64::MIN, |date| {
            midnight(date).saturating_sub(FURTHEST_ZONE)
        });
        let until = self.until_date.map_or(i64::MAX, |date| {
            midnight(date).saturating_add(FURTHEST_ZONE)
        });
        from.max(self.from.unwrap_or(i64::MIN))..until.min(self.until.unwrap_or(i64::MAX))
    }
}

/// The beginning of a date in UTC, or the nearest instant that 64 bits hold, in nanoseconds since the Unix epoch.
fn midnight(date: Date) -> i64 {
    let midnight = date.to_zoned(TimeZone::UTC).ok();
    let nanos = midnight.map(|midnight| midnight.timestamp().as_nanosecond());
    let nearest = if date.year() < 1970 {
        i64::MIN
    } else {
        i64::MAX
    };
    let nanos = nanos.and_then(|nanos| i64::try_from(nanos).ok());
    nanos.unwrap_or(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        let instant: Timestamp = text.parse().unwrap();
        instant.as_nanosecond().try_into().unwrap()
    }

    #[test]
    fn a_month_begins_at_midnight_in_its_zone() {
        let mut calendar = CivilCalendar::default();
        let before = at("2025-03-31T22:59:59.999999999Z");
        assert_eq!(calendar.month("Europe/London", before), "2025-03");
        assert_eq!(calendar.month("Europe/London", before + 1), "2025-04");
        assert_eq!(calendar.month("", at("2025-03-31T23:59:59Z")), "2025-03");
        assert_eq!(
            calendar.month("Asia/Tokyo", at("2025-03-31T15:00:00Z")),
            "2025-04"
        );
        assert_eq!(
            calendar.month("no zone", at("2025-04-01T00:00:00Z")),
            "2025-04"
        );
    }

    #[test]
    fn the_ends_of_the_line_of_time_have_months() {
        let mut calendar = CivilCalendar::default();
        assert_eq!(calendar.month("Europe/London", i64::MIN), "1677-09");
        assert_eq!(calendar.month("Europe/London", i64::MAX), "2262-04");
        assert_eq!(calendar.month("Europe/London", i64::MIN), "1677-09");
    }

    #[test]
    fn a_month_that_is_interrupted_does_not_depend_on_what_was_asked_before() {
        // Until 2011 clocks in St John's were set back at one minute past midnight, to 23:01 of the day before.
        let zone = "America/St_Johns";
        let first_minute = at("2009-11-01T02:30:30Z");
        let october_again = at("2009-11-01T02:45:00Z");
        for order in [[first_minute, october_again], [october_again, first_minute]] {
            let mut calendar = CivilCalendar::default();
            for at in order {
                calendar.month(zone, at);
            }
            assert_eq!(calendar.month(zone, first_minute), "2009-11");
            assert_eq!(calendar.month(zone, october_again), "2009-10");
        }
    }

    #[test]
    fn dates_are_read_in_the_zone_of_what_is_asked_about() {
        let april = Period {
            from_date: Some(Date::constant(2025, 4, 1)),
            until_date: Some(Date::constant(2025, 5, 1)),
            ..Period::default()
        };
        let holds = |zone: &'static str, text: &str| {
            let is_reached = april.may_hold(at(text));
            let holds = april.holds(at(text), &mut CivilCalendar::default(), || zone);
            assert!(is_reached || !holds);
            holds
        };
        assert!(holds("Asia/Kolkata", "2025-03-31T19:00:00Z"));
        assert!(!holds("Asia/Kolkata", "2025-04-30T19:00:00Z"));
        assert!(!holds("", "2025-03-31T19:00:00Z"));
        assert!(holds("", "2025-04-30T19:00:00Z"));
        assert!(holds("Pacific/Kiritimati", "2025-03-31T10:00:00Z"));
        assert!(holds("Pacific/Niue", "2025-05-01T10:59:59Z"));
    }

    #[test]
    fn far_dates_reach_to_the_ends_of_the_line_of_time() {
        let far = Period {
            from_date: Some(Date::MIN),
            until_date: Some(Date::MAX),
            ..Period::default()
        };
        assert!(far.may_hold(i64::MIN) && far.may_hold(i64::MAX));
    }
}
