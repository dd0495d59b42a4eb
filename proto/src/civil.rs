//! Civil time in UTC of any instant from the year 1 to the year 9999: a zoned time ends a day earlier.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use pbjson_types::Timestamp;

use crate::time::Instant;

/// 1970-01-01T00:00:00, the epoch.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The civil time of an instant; `None` beyond the years that calendars know.
#[must_use]
pub fn of(instant: Instant) -> Option<DateTime> {
    let Timestamp { seconds, nanos } = instant.into();
    of_timestamp(seconds, nanos)
}

/// The civil time so many seconds and nanoseconds after the epoch.
#[must_use]
pub fn of_timestamp(seconds: i64, nanos: i32) -> Option<DateTime> {
    let whole = SignedDuration::from_secs(seconds);
    let since = whole.checked_add(SignedDuration::from_nanos(nanos.into()))?;
    EPOCH.checked_add(since).ok()
}

/// The instant of a civil time.
#[must_use]
pub fn instant(civil: DateTime) -> Instant {
    let since = civil.duration_since(EPOCH);
    Instant::from(&Timestamp {
        seconds: since.as_secs(),
        nanos: since.subsec_nanos(),
    })
}
