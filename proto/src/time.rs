//! Instants: nanoseconds since the Unix epoch, and their protobuf form.
//!
//! The server accepts `occurred_at` and `received_at` only from the year 1800 to now, and reads `recorded_at` from its
//! clock, so those are stored as 64-bit nanoseconds, which hold the years 1678 to 2261. All other instants (due dates,
//! reveals, appointments, the start of a policy, `as_of`) may be in any year from 1 to 9999 and are an [`Instant`],
//! which holds all of them exactly.

use jiff::fmt::temporal::Pieces;
use pbjson_types::Timestamp;

pub use crate::instant::Instant;
use crate::instant::{NANOS_PER_SECOND, SECONDS};

/// The description of a timestamp that is not valid.
pub const NOT_IN_RANGE: &str =
    "must be a timestamp of the years 1 to 9999 with 0 to 999,999,999 nanos";
/// The description of a text that is not a time.
pub(crate) const NOT_RFC_3339: &str = "must be an RFC 3339 time like 2014-01-04T09:30:00Z";

/// Whether this is a timestamp of the years 1 to 9999.
#[must_use]
pub fn is_valid(timestamp: &Timestamp) -> bool {
    SECONDS.contains(&timestamp.seconds)
        && (0..NANOS_PER_SECOND).contains(&i64::from(timestamp.nanos))
}

/// The seconds of the longest google.protobuf.Duration, about 10,000 years.
pub const LONGEST_DURATION_SECONDS: i64 = 315_576_000_000;

/// Whether this is a duration of protobuf: at most 315,576,000,000 s either way, with nanos of the same sign.
#[must_use]
pub fn is_valid_duration(duration: &pbjson_types::Duration) -> bool {
    let pbjson_types::Duration { seconds, nanos } = duration;
    let longest = -LONGEST_DURATION_SECONDS..=LONGEST_DURATION_SECONDS;
    let nanos = i64::from(*nanos);
    longest.contains(seconds)
        && (1 - NANOS_PER_SECOND..NANOS_PER_SECOND).contains(&nanos)
        && seconds.signum() * nanos.signum() >= 0
        && (seconds.abs() < LONGEST_DURATION_SECONDS || nanos == 0)
}

/// Reads the exact instant of an RFC 3339 text.
///
/// # Errors
/// A description of what is wrong with it. A leap second and decimals beyond nanoseconds are errors too; other readers
/// change them silently.
pub fn read(text: &str) -> Result<Timestamp, &'static str> {
    let (local, offset) = split_offset(text).ok_or(NOT_RFC_3339)?;
    let (seconds, decimals) = match local.split_once('.') {
        Some((seconds, decimals)) => (seconds, Some(decimals)),
        None => (local, None),
    };
    if !has_shape(seconds, "dddd-dd-ddTdd:dd:dd") || !(offset == "Z" || is_offset(offset)) {
        return Err(NOT_RFC_3339);
    }
    if let Some(decimals) = decimals {
        if decimals.is_empty() || !decimals.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NOT_RFC_3339);
        }
        if decimals.len() > 9 {
            return Err("must have at most nine decimals of a second");
        }
    }
    if seconds.ends_with(":60") {
        return Err("must not be in a second 60: a leap second has no instant of its own here");
    }
    // In pieces, because a timestamp of jiff ends a day before the year 9999 does.
    let upper = text.to_ascii_uppercase();
    let pieces = Pieces::parse(&upper).map_err(|_| NOT_RFC_3339)?;
    let (Some(time), Some(offset)) = (pieces.time(), pieces.to_numeric_offset()) else {
        return Err(NOT_RFC_3339);
    };
    let wall = crate::civil::instant(pieces.date().to_datetime(time));
    let exact = wall.plus(-i64::from(offset.seconds()) * NANOS_PER_SECOND);
    let instant = Timestamp::from(exact);
    if Instant::from(&instant) != exact {
        return Err("must be in the years 1 to 9999");
    }
    if is_valid(&instant) {
        Ok(instant)
    } else {
        Err("must be in the years 1 to 9999")
    }
}

/// Returns the local time and the offset of an RFC 3339 text, letters in upper case.
fn split_offset(text: &str) -> Option<(&str, &str)> {
    if !text.is_ascii() {
        return None;
    }
    if let Some(local) = text.strip_suffix(['Z', 'z']) {
        return Some((local, "Z"));
    }
    text.split_at_checked(text.len().checked_sub(6)?)
}

fn is_offset(offset: &str) -> bool {
    let parts = offset.get(1..3).zip(offset.get(4..6));
    (has_shape(offset, "+dd:dd") || has_shape(offset, "-dd:dd"))
        && parts.is_some_and(|(hours, minutes)| hours <= "23" && minutes <= "59")
}

/// Whether a text has a digit wherever the shape has `d`, and elsewhere the shape's characters, in either case.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(given, wanted)| match wanted {
                b'd' => given.is_ascii_digit(),
                _ => given.eq_ignore_ascii_case(&wanted),
            })
}

/// Returns the 64-bit nanoseconds since the Unix epoch; `None` outside 1677-09-21 to 2262-04-11 or if malformed.
#[must_use]
pub fn nanos(timestamp: &Timestamp) -> Option<i64> {
    if !(0..NANOS_PER_SECOND).contains(&i64::from(timestamp.nanos)) {
        return None;
    }
    i64::try_from(Instant::from(timestamp).nanos()).ok()
}

/// Returns the nearest instant of 64-bit nanoseconds. [`Instant::nearest`] says when that is exact.
#[must_use]
pub fn nanos_clamped(timestamp: &Timestamp) -> i64 {
    Instant::from(timestamp).nearest()
}

/// Returns the protobuf form of an instant.
#[must_use]
pub fn timestamp(instant: impl Into<Instant>) -> Timestamp {
    instant.into().into()
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    const FIRST: Timestamp = Timestamp {
        seconds: -62_135_596_800,
        nanos: 0,
    };
    const LAST: Timestamp = Timestamp {
        seconds: 253_402_300_799,
        nanos: 999_999_999,
    };

    #[test]
    fn every_instant_that_can_be_told_is_read_back_from_its_row_and_from_its_timestamp() {
        let ordinary = Timestamp {
            seconds: 1_700_000_000,
            nanos: 250_000_000,
        };
        let epoch = Timestamp::default();
        let before = Timestamp {
            seconds: -1,
            nanos: 750_000_000,
        };
        let all = [FIRST, before, epoch, ordinary, LAST];
        for timestamp in &all {
            let instant = Instant::from(timestamp);
            assert_eq!(Timestamp::from(instant), *timestamp);
            let row = instant.encode_to_vec();
            assert_eq!(row.len(), instant.encoded_len());
            assert_eq!(Instant::decode(row.as_slice()).unwrap(), instant);
        }
        assert!(all.map(|timestamp| Instant::from(&timestamp)).is_sorted());
    }

    #[test]
    fn a_row_of_a_whole_second_is_small() {
        assert!(Instant::from(1_700_000_000_000_000_000).encoded_len() <= 6);
    }

    #[test]
    fn what_no_timestamp_says_is_the_nearest_that_one_does() {
        assert_eq!(timestamp(Instant::MIN).seconds, FIRST.seconds);
        assert_eq!(timestamp(Instant::MAX).seconds, LAST.seconds);
        assert_eq!(Instant::MAX.nearest(), i64::MAX);
        assert_eq!(Instant::from(&FIRST).nearest(), i64::MIN);
        assert_eq!(Instant::from(-7).nearest(), -7);
        assert!(Instant::from(&LAST) > i64::MAX && i64::MIN > Instant::from(&FIRST));
    }

    #[test]
    fn a_time_is_read_exactly() {
        let read = |text: &str| read(text).map(|timestamp| (timestamp.seconds, timestamp.nanos));
        assert_eq!(read("1970-01-01T00:00:01.000000001Z"), Ok((1, 1)));
        assert_eq!(read("1969-12-31t23:59:59.5z"), Ok((-1, 500_000_000)));
        assert_eq!(read("1970-01-01T02:00:00+02:00"), Ok((0, 0)));
        assert_eq!(read("1970-01-01T00:00:00-00:00"), Ok((0, 0)));
        assert_eq!(read("0001-01-01T00:00:00Z"), Ok((-62_135_596_800, 0)));
    }

    #[test]
    fn what_has_no_instant_is_refused_and_not_rounded() {
        for text in [
            "2016-12-31T23:59:60Z",
            "2016-12-31T23:59:60.5Z",
            "2024-05-01T10:00:00.1234567891Z",
            "2024-05-01T10:00:00.Z",
            "2024-05-01 10:00:00Z",
            "2024-05-01T10:00:00",
            "2024-05-01T10:00Z",
            "2024-05-01",
            "2024-02-30T10:00:00Z",
            "2024-05-01T24:00:00Z",
            "2024-05-01T10:00:00+24:00",
            "2024-05-01T10:00:00[UTC]",
            "0000-05-01T10:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "1714557600",
            "",
            "ä",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
