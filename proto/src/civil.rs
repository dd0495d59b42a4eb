//! Civil time in UTC of any instant from the year 1 to the year 9999. (A zoned time of jiff ends a day earlier.)

use jiff::SignedDuration;
use jiff::civil::DateTime;
use pbjson_types::Timestamp;

use crate::instant::Instant;

/// 1970-01-01T00:00:00, the epoch.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// Returns the civil time of an instant; `None` outside the years that the calendar supports.
#[must_use]
pub fn of(instant: Instant) -> Option<DateTime> {
    let Timestamp { seconds, nanos } = instant.into();
    of_timestamp(seconds, nanos)
}

/// Returns the civil time this many seconds and nanoseconds after the epoch; `None` as for [`of`].
#[must_use]
pub fn of_timestamp(seconds: i64, nanos: i32) -> Option<DateTime> {
    let whole = SignedDuration::from_secs(seconds);
    let since = whole.checked_add(SignedDuration::from_nanos(nanos.into()))?;
    EPOCH.checked_add(since).ok()
}

/// Returns the instant of a civil time.
#[must_use]
pub fn instant(civil: DateTime) -> Instant {
    let since = civil.duration_since(EPOCH);
    Instant::from(&Timestamp {
        seconds: since.as_secs(),
        nanos: since.subsec_nanos(),
    })
}
