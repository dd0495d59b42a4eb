//! Between protobuf timestamps and nanoseconds since the Unix epoch, the one instant of the core.

use pbjson_types::Timestamp;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

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
