//! Instants as people type and read them.

use std::ffi::OsString;
use std::sync::OnceLock;
use std::time::Duration;

use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};
use ownerline_proto::time::Instant;
use ownerline_proto::v1::{KnownAt, known_at};
use pbjson_types::Timestamp;

/// Characters of a log position: `00000001-00000000000000ff`.
const POSITION_LENGTH: usize = 25;

/// Characters of a date: `2014-01-04`.
const DATE_LENGTH: usize = 10;

static ZONE: OnceLock<TimeZone> = OnceLock::new();

/// The time zone of dates and times without an offset.
fn zone() -> TimeZone {
    ZONE.get().cloned().unwrap_or(TimeZone::UTC)
}

/// Accepts the name of a time zone of the database, or a POSIX time zone.
pub(super) fn named_zone(text: &str) -> Result<String, String> {
    let known = TimeZone::get(text).is_ok() || TimeZone::posix(text).is_ok();
    match known {
        true => Ok(text.to_owned()),
        false => Err("must be a time zone such as Europe/Berlin or America/New_York".to_owned()),
    }
}

/// Reads `--tz` before clap does: the parsers of the other arguments need it, and clap shows them one argument each.
pub(super) fn read_zone(arguments: impl Iterator<Item = OsString>) {
    // One that is not UTF-8 is a path, not the name of a zone.
    let arguments = arguments.map(|it| it.into_string().unwrap_or_default());
    let mut arguments = arguments.take_while(|it| it != "--");
    while let Some(argument) = arguments.next() {
        let name = match argument.strip_prefix("--tz") {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        let zone = name.and_then(|name| {
            let posix = || TimeZone::posix(&name);
            TimeZone::get(&name).or_else(|_| posix()).ok()
        });
        if let Some(zone) = zone {
            // The first one counts; clap refuses a second one.
            let _ = ZONE.set(zone);
        }
    }
}

/// Parses a duration such as `30s` or `5m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let refused = || "must be a duration such as 30s or 5m".to_owned();
    let duration: jiff::SignedDuration = text.parse().map_err(|_| refused())?;
    Duration::try_from(duration).map_err(|_| refused())
}

/// Parses an instant: RFC 3339; a time without an offset, or a date (its midnight), in the zone of `--tz` or else UTC;
/// or a span before now such as `-7d`.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    instant_at(text, &jiff::Timestamp::now().to_zoned(zone()))
}

/// Parses an instant; `now` also carries the zone of dates and times without an offset.
fn instant_at(text: &str, now: &Zoned) -> Result<Timestamp, String> {
    let refused = || {
        "must be a time such as 2014-01-04T09:30:00Z, a date such as 2014-01-04, or a span before now such as -7d"
            .to_owned()
    };
    let instant = if text == "now" {
        of_calendar(now.timestamp())
    } else if let Some(instant) = with_offset(text) {
        instant
    } else if let Ok(civil) = text.parse::<DateTime>() {
        in_zone(civil, now.time_zone()).ok_or_else(refused)?
    } else {
        // A span without a sign could point either way.
        let signed = text.starts_with(['-', '+']) || text.ends_with("ago");
        let span = text
            .parse::<Span>()
            .ok()
            .filter(|_| signed)
            .ok_or_else(refused)?;
        of_calendar(now.checked_add(span).map_err(|_| refused())?.timestamp())
    };
    let timestamp = Timestamp::from(instant);
    // There are no timestamps outside the years 1 to 9999.
    match Instant::from(&timestamp) == instant {
        true => Ok(timestamp),
        false => Err(refused()),
    }
}

/// Parses RFC 3339, in pieces because the timestamps of jiff end a day before the year 9999 does.
fn with_offset(text: &str) -> Option<Instant> {
    let pieces = Pieces::parse(text).ok()?;
    let (time, offset) = (pieces.time()?, pieces.to_numeric_offset()?);
    let wall = ownerline_proto::civil::instant(pieces.date().to_datetime(time));
    Some(wall.plus(-i64::from(offset.seconds()) * 1_000_000_000))
}

/// The instant of a civil time in a zone; in UTC there is one for every civil time.
fn in_zone(civil: DateTime, zone: &TimeZone) -> Option<Instant> {
    match zone == &TimeZone::UTC {
        true => Some(ownerline_proto::civil::instant(civil)),
        false => Some(of_calendar(civil.to_zoned(zone.clone()).ok()?.timestamp())),
    }
}

fn of_calendar(timestamp: jiff::Timestamp) -> Instant {
    Instant::from_nanos(timestamp.as_nanosecond())
}

/// One end of a period: an instant, or a date that is read in the time zone of each item's dealer.
#[derive(Debug, Clone, PartialEq)]
pub struct PeriodEnd {
    text: String,
    instant: Option<Timestamp>,
}

impl PeriodEnd {
    /// The instant, if it is one.
    pub(super) fn instant(&self) -> Option<Timestamp> {
        self.instant
    }

    /// The date, or an empty text if it is an instant.
    pub(super) fn date(&self) -> String {
        match self.instant {
            Some(_) => String::new(),
            None => self.text.clone(),
        }
    }

    /// The date, or the instant as RFC 3339.
    pub(super) fn words(&self) -> String {
        match &self.instant {
            Some(instant) => rfc3339(instant),
            None => self.text.clone(),
        }
    }
}

/// Parses one end of a period.
pub(super) fn period_end(text: &str) -> Result<PeriodEnd, String> {
    let instant = instant(text)?;
    // With --tz, a date is read in that zone; otherwise in the zone of each item.
    let is_date = text.len() == DATE_LENGTH && text.parse::<Date>().is_ok();
    Ok(match is_date && ZONE.get().is_none() {
        true => PeriodEnd {
            text: text.to_owned(),
            instant: None,
        },
        false => PeriodEnd {
            text: rfc3339(&instant),
            instant: Some(instant),
        },
    })
}

/// Parses an instant in the years 1900 to 2199, in which journeys can be generated.
pub(super) fn within_reach(text: &str) -> Result<Timestamp, String> {
    let instant = instant(text)?;
    match civil(&instant).map(|civil| civil.year()) {
        Some(1900..=2199) => Ok(instant),
        _ => Err("must be in the years 1900 to 2199".to_owned()),
    }
}

/// Parses a position of the log, or an instant.
pub(super) fn known_at(text: &str) -> Result<KnownAt, String> {
    let is_position = text.len() == POSITION_LENGTH
        && text.as_bytes().get(8) == Some(&b'-')
        && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
    let at = if is_position {
        known_at::At::Position(text.to_owned())
    } else {
        known_at::At::Instant(
            instant(text).map_err(|refused| format!("{refused}, or a position of the log"))?,
        )
    };
    Ok(KnownAt { at: Some(at) })
}

/// The civil time in UTC; `None` if no calendar reaches the instant.
pub(super) fn civil(instant: &Timestamp) -> Option<jiff::civil::DateTime> {
    ownerline_proto::civil::of_timestamp(instant.seconds, instant.nanos)
}

/// `2026-03-01 09:30`, in UTC.
pub(super) fn minute(instant: &Timestamp) -> String {
    let civil = civil(instant);
    civil.map_or_else(
        || rfc3339(instant),
        |civil| civil.strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

/// `1 Mar 2026`, in UTC.
pub(super) fn day(instant: &Timestamp) -> String {
    civil(instant).map_or_else(
        || rfc3339(instant),
        |civil| civil.strftime("%-d %b %Y").to_string(),
    )
}

/// `1 Mar 2026, 09:30`, in UTC.
pub(super) fn day_and_time(instant: &Timestamp) -> String {
    civil(instant).map_or_else(
        || rfc3339(instant),
        |civil| civil.strftime("%-d %b %Y, %H:%M").to_string(),
    )
}

/// RFC 3339 in UTC.
pub(super) fn rfc3339(instant: &Timestamp) -> String {
    civil(instant).map_or_else(
        || "beyond all calendars".to_owned(),
        |civil| format!("{civil}Z"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_midnight_in_utc() {
        assert_eq!(instant("2014-01-04"), instant("2014-01-04T00:00:00Z"));
        assert_eq!(instant("2014-01-04").unwrap().seconds, 1_388_793_600);
    }

    #[test]
    fn a_span_before_now_follows_the_calendar_of_the_zone() {
        let now: Zoned = "2026-03-30T12:00[Europe/Berlin]".parse().unwrap();
        let at = |text: &str| rfc3339(&instant_at(text, &now).unwrap());
        // Clocks went forward on the 29th: a day is still a day.
        assert_eq!(at("-7d"), "2026-03-23T11:00:00Z");
        assert_eq!(at("-1 day"), "2026-03-29T10:00:00Z");
        assert_eq!(at("2 weeks ago"), "2026-03-16T11:00:00Z");
        assert_eq!(at("-1mo"), "2026-02-28T11:00:00Z");
        assert_eq!(at("now"), "2026-03-30T10:00:00Z");
        assert_eq!(at("2026-03-01"), "2026-02-28T23:00:00Z");
        assert_eq!(at("2026-03-01T09:30"), "2026-03-01T08:30:00Z");
        assert_eq!(at("2026-03-01T09:30:00Z"), "2026-03-01T09:30:00Z");
        assert!(instant_at("7d", &now).is_err());
    }

    #[test]
    fn the_end_of_a_period_is_a_date_or_an_instant() {
        let date = period_end("2014-01-04").unwrap();
        assert_eq!(
            (date.instant(), date.date()),
            (None, "2014-01-04".to_owned())
        );
        let at = period_end("2014-01-04T00:00:00Z").unwrap();
        assert_eq!(at.instant(), Some(instant("2014-01-04").unwrap()));
        assert_eq!(
            (at.date(), at.words()),
            (String::new(), "2014-01-04T00:00:00Z".to_owned())
        );
        assert!(period_end("2014-02-30").is_err());
    }

    #[test]
    fn an_offset_and_a_fraction_count() {
        let instant = instant("2014-01-04T01:00:00.25+01:00").unwrap();
        assert_eq!(
            (instant.seconds, instant.nanos),
            (1_388_793_600, 250_000_000)
        );
    }

    #[test]
    fn before_1970_nanoseconds_count_forwards() {
        let instant = instant("1969-12-31T23:59:59.75Z").unwrap();
        assert_eq!((instant.seconds, instant.nanos), (-1, 750_000_000));
        assert_eq!(rfc3339(&instant), "1969-12-31T23:59:59.75Z");
    }

    #[test]
    fn the_first_and_the_last_instant_of_the_contract_are_read_and_shown() {
        for text in ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"] {
            assert_eq!(rfc3339(&instant(text).unwrap()), text);
        }
        assert_eq!(instant("9999-12-31").unwrap().seconds, 253_402_214_400);
        assert!(instant("0001-01-01T00:00:00+00:01").is_err());
        assert!(instant("9999-12-31T23:59:59-00:01").is_err());
    }

    #[test]
    fn text_that_is_not_a_time_is_refused() {
        for text in ["", "yesterday", "2014-02-30", "04.01.2014"] {
            assert!(instant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn journeys_are_generated_within_three_centuries() {
        assert!(within_reach("2026-01-01").is_ok());
        assert!(within_reach("1899-12-31").is_err());
        assert!(within_reach("2200-01-01").is_err());
    }

    #[test]
    fn known_at_takes_a_position_or_a_time() {
        let at = |text| known_at(text).unwrap().at.unwrap();
        assert_eq!(
            at("00000001-00000000000000ff"),
            known_at::At::Position("00000001-00000000000000ff".to_owned())
        );
        assert!(matches!(at("2014-01-04"), known_at::At::Instant(_)));
        assert!(known_at("255").is_err());
    }
}
