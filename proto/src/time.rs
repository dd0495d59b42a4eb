//! Between protobuf timestamps and nanoseconds since the Unix epoch, the one instant of the core.

use pbjson_types::Timestamp;

const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, the range of google.protobuf.Timestamp.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// What is said of a text that is no time.
pub(crate) const NOT_RFC_3339: &str = "must be an RFC 3339 time like 2014-01-04T09:30:00Z";

/// Whether this is a timestamp of the years 1 to 9999.
#[must_use]
pub fn is_valid(timestamp: &Timestamp) -> bool {
    SECONDS.contains(&timestamp.seconds)
        && (0..NANOS_PER_SECOND).contains(&i64::from(timestamp.nanos))
}

/// The instant of an RFC 3339 text, exactly.
///
/// # Errors
/// What is wrong with it, in words: also a leap second and decimals beyond nanoseconds, which other readers
/// change in silence.
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
    let instant: jiff::Timestamp = text
        .to_ascii_uppercase()
        .parse()
        .map_err(|_| NOT_RFC_3339)?;
    let instant = Timestamp {
        // Protobuf counts nanoseconds forwards from the second below; both parts fit.
        seconds: instant.as_nanosecond().div_euclid(NANOS_PER_SECOND.into()) as i64,
        nanos: instant.as_nanosecond().rem_euclid(NANOS_PER_SECOND.into()) as i32,
    };
    if is_valid(&instant) {
        Ok(instant)
    } else {
        Err("must be in the years 1 to 9999")
    }
}

/// The local time and the offset of an RFC 3339 text, in upper case where it is a letter.
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

/// Whether a text has digits where the shape has `d`, and elsewhere its characters, in either case.
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

/// Nanoseconds since the Unix epoch; `None` outside 1677-09-21 to 2262-04-11 or if malformed.
#[must_use]
pub fn nanos(timestamp: &Timestamp) -> Option<i64> {
    if !(0..NANOS_PER_SECOND).contains(&i64::from(timestamp.nanos)) {
        return None;
    }
    let whole = timestamp.seconds.checked_mul(NANOS_PER_SECOND)?;
    whole.checked_add(i64::from(timestamp.nanos))
}

/// Nanoseconds since the Unix epoch, clamped to what they can express: for questions, not for facts.
#[must_use]
pub fn nanos_clamped(timestamp: &Timestamp) -> i64 {
    timestamp
        .seconds
        .saturating_mul(NANOS_PER_SECOND)
        .saturating_add(i64::from(timestamp.nanos))
}

/// The protobuf form of nanoseconds since the Unix epoch.
#[must_use]
pub fn timestamp(nanos: i64) -> Timestamp {
    Timestamp {
        seconds: nanos.div_euclid(NANOS_PER_SECOND),
        // The remainder is below 10^9 and fits.
        nanos: i32::try_from(nanos.rem_euclid(NANOS_PER_SECOND)).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_exactly() {
        let read = |text: &str| read(text).map(|it| (it.seconds, it.nanos));
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
