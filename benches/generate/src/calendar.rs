//! When things happen: business hours and evenings in a dealer's time zone, weekdays, seasons, arrivals.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::chance::Chance;

/// The seconds of an hour.
pub(crate) const HOUR: i64 = 3_600;
/// The seconds of a day.
pub(crate) const DAY: i64 = 24 * HOUR;
/// The seconds of an average year.
pub(crate) const YEAR: i64 = 31_557_600;

/// The number of cars ordered in each month, January first, relative to the busiest.
const BUYING: [f64; 12] = [0.6, 0.6, 1.0, 0.9, 0.9, 0.8, 0.6, 0.5, 0.9, 0.8, 0.7, 0.7];
/// The number of cars in a workshop in each month, relative to the busiest: wheels are changed in spring and autumn.
const REPAIRING: [f64; 12] = [0.7, 0.6, 0.8, 1.0, 0.8, 0.7, 0.6, 0.5, 0.7, 1.0, 1.0, 0.6];

/// The seasonal pattern of arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Season {
    /// That of car orders.
    Buying,
    /// That of repairs.
    Repairing,
    /// None: all months are alike.
    Even,
}

/// The local time and business hours of a place.
#[derive(Debug, Clone)]
pub(crate) struct Locality(TimeZone);

impl Locality {
    /// The local time of an IANA zone. Zones are those compiled in, never those of the machine.
    pub(crate) fn new(zone: &str) -> Self {
        Self(
            TimeZoneDatabase::bundled()
                .get(zone)
                .unwrap_or(TimeZone::UTC),
        )
    }

    fn offset(&self, at: i64) -> i64 {
        let instant = Timestamp::from_second(at).unwrap_or_default();
        i64::from(self.0.to_offset(instant).seconds())
    }

    /// The instant of a second of a local day (in days since 1970-01-01).
    fn instant(&self, day: i64, second: i64) -> i64 {
        let local = day * DAY + second;
        let guess = local - self.offset(local);
        local - self.offset(guess)
    }

    /// The local day of an instant, in days since 1970-01-01.
    pub(crate) fn day(&self, at: i64) -> i64 {
        (at + self.offset(at)).div_euclid(DAY)
    }

    /// The local date of an instant.
    pub(crate) fn date(&self, at: i64) -> String {
        date(self.day(at))
    }

    /// The opening hours of a local day, in seconds of that day; `None` on a closed day.
    fn hours(day: i64) -> Option<(i64, i64)> {
        match weekday(day) {
            0 => None,
            6 => Some((9 * HOUR, 13 * HOUR)),
            _ => Some((8 * HOUR, 18 * HOUR)),
        }
    }

    /// The first instant from `at` on at which somebody works: `at` itself in business hours, else a while after
    /// the dealer opens again.
    pub(crate) fn open(&self, chance: &mut Chance, at: i64) -> i64 {
        let mut day = self.day(at);
        loop {
            if let Some((opens, closes)) = Self::hours(day) {
                let (from, until) = (self.instant(day, opens), self.instant(day, closes));
                if at < from {
                    return from + chance.exponential(50 * 60).min(3 * HOUR);
                }
                if at <= until {
                    return at;
                }
            }
            day += 1;
        }
    }

    /// A time in business hours on the day of `at`, or on the next working day.
    pub(crate) fn working(&self, chance: &mut Chance, at: i64) -> i64 {
        let mut day = self.day(at).max(self.day(at + 12 * HOUR));
        loop {
            if let Some((opens, closes)) = Self::hours(day) {
                // Mornings are busier.
                let width = closes - opens;
                let second = opens + chance.between(0, width).min(chance.between(0, width));
                return self.instant(day, second).max(at);
            }
            day += 1;
        }
    }

    /// A time within a day from `at` at which owners look after their own affairs.
    pub(crate) fn leisure(&self, chance: &mut Chance, at: i64) -> i64 {
        let day = self.day(at);
        let (from, until) = match weekday(day) {
            0 | 6 => (9, 22),
            _ => chance.weighted(&[(3, (12, 13)), (6, (18, 22)), (1, (6, 8))]),
        };
        let drawn = self.instant(day, chance.between(from * HOUR, until * HOUR));
        if drawn > at {
            drawn
        } else {
            at + chance.between(60, 2 * HOUR)
        }
    }

    /// When the next nightly upload after an instant arrives.
    pub(crate) fn night(&self, chance: &mut Chance, at: i64) -> i64 {
        let second = 2 * HOUR + chance.between(0, 1_800);
        self.instant(self.day(at) + 1, second).max(at)
    }

    /// Whether an instant is in the last ten days of a quarter.
    pub(crate) fn ends_quarter(&self, at: i64) -> bool {
        let day = self.day(at);
        month(day) % 3 == 0 && month(day + 10) != month(day)
    }
}

/// The day of the week, 0 on Sundays.
fn weekday(day: i64) -> i64 {
    (day + 4).rem_euclid(7)
}

fn civil(day: i64) -> jiff::civil::Date {
    let midnight = Timestamp::from_second(day * DAY).unwrap_or_default();
    midnight.to_zoned(TimeZone::UTC).date()
}

/// The month, 1 to 12.
fn month(day: i64) -> i8 {
    civil(day).month()
}

/// A day as an ISO date.
pub(crate) fn date(day: i64) -> String {
    civil(day).to_string()
}

/// The year of an instant, in UTC.
pub(crate) fn year(at: i64) -> i32 {
    i32::from(civil(at.div_euclid(DAY)).year())
}

/// The rate of arrivals at an instant, relative to the busiest month.
fn seasonal_rate(season: Season, at: i64) -> f64 {
    let rates = match season {
        Season::Buying => &BUYING,
        Season::Repairing => &REPAIRING,
        Season::Even => return 1.0,
    };
    let index = usize::try_from(month(at.div_euclid(DAY)) - 1).unwrap_or_default();
    rates.get(index).copied().unwrap_or(1.0)
}

/// An instant of a period, more likely in a busy month.
pub(crate) fn some_time(chance: &mut Chance, (from, until): (i64, i64), season: Season) -> i64 {
    let mut at = chance.between(from, until);
    for _ in 0..8 {
        if chance.happens(seasonal_rate(season, at)) {
            break;
        }
        at = chance.between(from, until);
    }
    at
}

/// Independent arrivals within a period, at a rate per year that holds in the busiest month.
pub(crate) fn arrivals(
    chance: &mut Chance,
    (from, until): (i64, i64),
    per_year: f64,
    season: Season,
) -> Vec<i64> {
    let mean = (YEAR as f64 / per_year) as i64;
    let mut at = from;
    let mut arrivals = Vec::new();
    loop {
        at += chance.exponential(mean).max(60);
        if at >= until {
            return arrivals;
        }
        if chance.happens(seasonal_rate(season, at)) {
            arrivals.push(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(at: i64, zone: &str) -> String {
        let instant = Timestamp::from_second(at).unwrap();
        let zoned = instant.in_tz(zone).unwrap();
        zoned.strftime("%a %H").to_string()
    }

    #[test]
    fn work_is_done_in_the_hours_of_the_place() {
        for zone in ["America/Los_Angeles", "Asia/Tokyo", "Europe/London"] {
            let place = Locality::new(zone);
            let mut chance = Chance::new(1, 1);
            for day in 0..400 {
                let at = 1_700_000_000 + day * DAY + day * 977;
                for drawn in [place.working(&mut chance, at), place.open(&mut chance, at)] {
                    let text = local(drawn, zone);
                    let hour: i64 = text[4..].parse().unwrap();
                    assert!(drawn >= at && !text.starts_with("Sun"), "{text}");
                    assert!((8..=18).contains(&hour), "{text} in {zone}");
                }
                assert!(place.leisure(&mut chance, at) > at);
            }
        }
    }

    #[test]
    fn the_last_ten_days_of_a_quarter_are_known() {
        let place = Locality::new("Europe/Berlin");
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
        assert!(place.ends_quarter(at("2025-03-22T12:00:00Z")));
        assert!(place.ends_quarter(at("2025-12-31T12:00:00Z")));
        assert!(!place.ends_quarter(at("2025-03-21T12:00:00Z")));
        assert!(!place.ends_quarter(at("2025-02-25T12:00:00Z")));
        assert!(!place.ends_quarter(at("2025-04-01T12:00:00Z")));
    }

    #[test]
    fn arrivals_come_at_about_their_rate() {
        let mut chance = Chance::new(1, 1);
        let found = arrivals(&mut chance, (0, 100 * YEAR), 5.0, Season::Even);
        assert!((430..570).contains(&found.len()), "{}", found.len());
        assert!(found.is_sorted());
    }
}
