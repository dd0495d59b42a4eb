//! The type of instants, and its protobuf forms.

use std::cmp::Ordering;

use pbjson_types::Timestamp;
use prost::DecodeError;
use prost::bytes::{Buf, BufMut};
use prost::encoding::{self, DecodeContext, WireType};

pub(crate) const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// The range of google.protobuf.Timestamp: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
pub(crate) const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// An instant of any year from 1 to 9999. It compares with 64-bit nanoseconds directly.
///
/// As a message it is seconds (`sint64`, 1) and nanoseconds (`uint32`, 2): eight bytes in a row for a whole second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i128);

impl Instant {
    /// Before every instant.
    pub const MIN: Self = Self(i128::MIN);
    /// After every instant.
    pub const MAX: Self = Self(i128::MAX);

    /// Returns the instant this many nanoseconds after the Unix epoch.
    #[must_use]
    pub const fn from_nanos(nanos: i128) -> Self {
        Self(nanos)
    }

    /// Returns the nanoseconds since the Unix epoch.
    #[must_use]
    pub fn nanos(self) -> i128 {
        self.0
    }

    /// Returns the nearest instant of 64-bit nanoseconds. It is exact only for comparisons with `occurred_at`,
    /// `received_at` and `recorded_at`, which are all within that range.
    #[must_use]
    pub fn nearest(self) -> i64 {
        let ends = i128::from(i64::MIN)..=i128::from(i64::MAX);
        let nearest = self.0.clamp(*ends.start(), *ends.end());
        i64::try_from(nearest).unwrap_or_default()
    }

    /// Returns the nanoseconds from another instant to this one; negative if the other is later.
    #[must_use]
    pub fn since(self, other: impl Into<Self>) -> i128 {
        self.0.saturating_sub(other.into().0)
    }

    /// Returns the instant this many nanoseconds later.
    #[must_use]
    pub fn plus(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos.into()))
    }

    fn seconds(self) -> i64 {
        let seconds = self.0.div_euclid(NANOS_PER_SECOND.into());
        let ends = i128::from(*SECONDS.start())..=i128::from(*SECONDS.end());
        i64::try_from(seconds.clamp(*ends.start(), *ends.end())).unwrap_or_default()
    }

    fn nanos_of_second(self) -> u32 {
        // The remainder is below 10^9 and fits.
        u32::try_from(self.0.rem_euclid(NANOS_PER_SECOND.into())).unwrap_or_default()
    }
}

impl From<i64> for Instant {
    fn from(nanos: i64) -> Self {
        Self(nanos.into())
    }
}

impl From<&Timestamp> for Instant {
    fn from(timestamp: &Timestamp) -> Self {
        Self(
            i128::from(timestamp.seconds) * i128::from(NANOS_PER_SECOND)
                + i128::from(timestamp.nanos),
        )
    }
}

impl From<Instant> for Timestamp {
    /// Converts to the protobuf form. An instant outside its range becomes its first or last timestamp.
    fn from(instant: Instant) -> Self {
        Self {
            seconds: instant.seconds(),
            nanos: i32::try_from(instant.nanos_of_second()).unwrap_or_default(),
        }
    }
}

impl PartialEq<i64> for Instant {
    fn eq(&self, other: &i64) -> bool {
        *self == Self::from(*other)
    }
}

impl PartialOrd<i64> for Instant {
    fn partial_cmp(&self, other: &i64) -> Option<Ordering> {
        Some(self.cmp(&Self::from(*other)))
    }
}

impl PartialEq<Instant> for i64 {
    fn eq(&self, other: &Instant) -> bool {
        Instant::from(*self) == *other
    }
}

impl PartialOrd<Instant> for i64 {
    fn partial_cmp(&self, other: &Instant) -> Option<Ordering> {
        Some(Instant::from(*self).cmp(other))
    }
}

impl prost::Message for Instant {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        let (seconds, nanos) = (self.seconds(), self.nanos_of_second());
        if seconds != 0 {
            encoding::sint64::encode(1, &seconds, buf);
        }
        if nanos != 0 {
            encoding::uint32::encode(2, &nanos, buf);
        }
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), DecodeError> {
        let (mut seconds, mut nanos) = (self.seconds(), self.nanos_of_second());
        match tag {
            1 => encoding::sint64::merge(wire_type, &mut seconds, buf, ctx)?,
            2 => encoding::uint32::merge(wire_type, &mut nanos, buf, ctx)?,
            _ => encoding::skip_field(wire_type, tag, buf, ctx)?,
        }
        self.0 = i128::from(seconds) * i128::from(NANOS_PER_SECOND) + i128::from(nanos);
        Ok(())
    }

    fn encoded_len(&self) -> usize {
        let (seconds, nanos) = (self.seconds(), self.nanos_of_second());
        let mut length = 0;
        if seconds != 0 {
            length += encoding::sint64::encoded_len(1, &seconds);
        }
        if nanos != 0 {
            length += encoding::uint32::encoded_len(2, &nanos);
        }
        length
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}
