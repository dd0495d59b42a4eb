//! The epoch that a restore begins.
//!
//! Its eight hexadecimal digits serve two purposes. *Later sorts later*: the upper bits hold the week, so that
//! the epoch of a later restore is greater even if it starts from an older backup and does not know of the
//! restores in between. *Two restores of one backup differ*: 20 random bits make those of one week collide once
//! in a million, and those of different weeks practically never.

use super::error::BackupError;
use crate::store::Epoch;

/// 2020-01-01T00:00:00Z.
const BEGIN_NANOS: i64 = 1_577_836_800_000_000_000;
const WEEK_NANOS: i64 = 7 * 86_400 * 1_000_000_000;
const RANDOM_BITS: u32 = 20;
/// Later weeks (from the year 2098 on) are taken for a wrong clock, which would use up the remaining epochs.
const WEEKS: u32 = 4_095;

/// A random epoch after `current`.
pub(super) fn after(current: Epoch, now: i64) -> Result<Epoch, BackupError> {
    let mut random = [0; 4];
    getrandom::fill(&mut random).map_err(|error| BackupError::Read {
        after: crate::store::Position::START,
        reason: format!("no random numbers: {error}"),
    })?;
    at(current, now, u32::from_le_bytes(random)).ok_or(BackupError::NoEpochLeft { current })
}

/// The greater of `current` and the first epoch of the week, plus 1 to 2^20.
fn at(current: Epoch, now: i64, random: u32) -> Option<Epoch> {
    let week = now.saturating_sub(BEGIN_NANOS).div_euclid(WEEK_NANOS);
    let week = u32::try_from(week).ok().filter(|week| *week < WEEKS);
    let week = week.unwrap_or_default() << RANDOM_BITS;
    let step = 1 + (random & ((1 << RANDOM_BITS) - 1));
    current.0.max(week).checked_add(step).map(Epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = BEGIN_NANOS + 300 * WEEK_NANOS;

    #[test]
    fn a_later_week_sorts_later_whatever_it_starts_from() {
        let first = Epoch(0x0001_ffff);
        let restored = at(first, NOW, u32::MAX).unwrap();
        let again = at(first, NOW + 2 * WEEK_NANOS, 0).unwrap();
        assert!(first < restored && restored < again);
    }

    #[test]
    fn an_epoch_is_greater_than_the_one_before_whatever_the_clock_says() {
        for now in [NOW, 0, i64::MIN, i64::MAX, BEGIN_NANOS - 1] {
            for current in [0, 0x0001_0000, 0x12c0_0000, 0x7fff_ffff] {
                let next = at(Epoch(current), now, 0).unwrap();
                assert!(next.0 > current, "{now} {current}");
            }
        }
        assert!(
            at(Epoch(1), i64::MAX, 0).unwrap().0 < 1 << 29,
            "a wrong clock uses nothing up"
        );
    }

    #[test]
    fn two_restores_of_one_week_differ_by_chance() {
        let of = |random| at(Epoch(7), NOW, random).unwrap();
        assert_ne!(of(1), of(2));
        assert_eq!(at(Epoch(u32::MAX), NOW, 0), None);
    }
}
