//! The calendar month of an instant in a zone, looked up once a month and zone.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::Date};

/// Per zone: the first instant of a month, and its end with the name.
#[derive(Debug, Default)]
pub(crate) struct Months {
    zones: BTreeMap<String, Zone>,
}

#[derive(Debug)]
struct Zone {
    zone: TimeZone,
    months: BTreeMap<i64, (i64, String)>,
}

impl Months {
    /// The month of an instant (nanoseconds since the Unix epoch), as `2014-01`. A zone that is not known
    /// is UTC.
    pub(crate) fn name(&mut self, zone: &str, at: i64) -> &str {
        if !self.zones.contains_key(zone) {
            let known = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
            let known = Zone {
                zone: known,
                months: BTreeMap::new(),
            };
            self.zones.insert(zone.to_owned(), known);
        }
        self.zones.get_mut(zone).map_or("", |zone| zone.name(at))
    }
}

impl Zone {
    fn name(&mut self, at: i64) -> &str {
        let known = self.months.range(..=at).next_back();
        let from = match known {
            Some((from, (until, _))) if at < *until => *from,
            _ => {
                let (from, until, name) = self.month(at);
                self.months.insert(from, (until, name));
                from
            }
        };
        self.months.get(&from).map_or("", |(_, name)| name)
    }

    fn month(&self, at: i64) -> (i64, i64, String) {
        let instant = Timestamp::from_nanosecond(at.into()).unwrap_or_default();
        let day = self.zone.to_datetime(instant).date();
        let first = day.first_of_month();
        let from = self.begins(first).unwrap_or(i64::MIN);
        let next = day.last_of_month().tomorrow().ok();
        let until = next.and_then(|next| self.begins(next)).unwrap_or(i64::MAX);
        (from, until, format!("{:04}-{:02}", day.year(), day.month()))
    }

    /// The first instant of a day; `None` beyond what nanoseconds hold.
    fn begins(&self, day: Date) -> Option<i64> {
        let begins = day.to_zoned(self.zone.clone()).ok()?;
        i64::try_from(begins.timestamp().as_nanosecond()).ok()
    }
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
        let mut months = Months::default();
        let before = at("2025-03-31T22:59:59.999999999Z");
        assert_eq!(months.name("Europe/London", before), "2025-03");
        assert_eq!(months.name("Europe/London", before + 1), "2025-04");
        assert_eq!(months.name("", at("2025-03-31T23:59:59Z")), "2025-03");
        assert_eq!(
            months.name("Asia/Tokyo", at("2025-03-31T15:00:00Z")),
            "2025-04"
        );
        assert_eq!(
            months.name("no zone", at("2025-04-01T00:00:00Z")),
            "2025-04"
        );
    }

    #[test]
    fn the_ends_of_the_line_of_time_have_months() {
        let mut months = Months::default();
        assert_eq!(months.name("Europe/London", i64::MIN), "1677-09");
        assert_eq!(months.name("Europe/London", i64::MAX), "2262-04");
        assert_eq!(months.name("Europe/London", i64::MIN), "1677-09");
    }
}
