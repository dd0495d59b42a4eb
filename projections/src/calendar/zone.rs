//! Open time on the line of time: the wall clock of a zone between the changes of its offset.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::hours::Hours;

/// Nanoseconds of a second.
pub(super) const SECOND: i64 = 1_000_000_000;

/// The seconds that hold the first and the last instant of 64-bit nanoseconds.
const FIRST: i64 = i64::MIN.div_euclid(SECOND);
const LAST: i64 = i64::MAX.div_euclid(SECOND);

/// A stretch of time in which the wall clock keeps its distance from UTC. It ends where the next begins.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// The first second of it, since the Unix epoch.
    begins: i64,
    /// The seconds by which the wall clock is ahead of UTC.
    offset: i64,
    /// The open seconds on the line before it.
    before: i64,
    /// Open seconds on the wall clock before its first one.
    wall_before: i64,
}

/// The open time of a zone by its hours.
#[derive(Debug, Clone)]
pub(super) struct Line {
    hours: Hours,
    stretches: Vec<Stretch>,
}

impl Line {
    pub(super) fn new(zone: &TimeZone, hours: Hours) -> Self {
        let mut stretches: Vec<Stretch> = Vec::new();
        for (begins, offset) in offsets(zone) {
            let before = stretches.last().map_or(0, |last| {
                let ends = hours.open(begins + last.offset).0;
                last.before + ends - last.wall_before
            });
            stretches.push(Stretch {
                begins,
                offset,
                before,
                wall_before: hours.open(begins + offset).0,
            });
        }
        Self { hours, stretches }
    }

    /// Open seconds before a second since the Unix epoch, and whether it is open.
    pub(super) fn open(&self, second: i64) -> (i64, bool) {
        let begun = self.stretches.partition_point(|it| it.begins <= second);
        let Some(stretch) = self.stretches.get(begun.saturating_sub(1)) else {
            return (0, false);
        };
        let (open, is_open) = self.hours.open(second + stretch.offset);
        (stretch.before + open - stretch.wall_before, is_open)
    }

    /// The open second that has this many open ones before it.
    pub(super) fn open_second(&self, before: i64) -> Option<i64> {
        let begun = self.stretches.partition_point(|it| it.before <= before);
        let stretch = self.stretches.get(begun.checked_sub(1)?)?;
        let wall = before - stretch.before + stretch.wall_before;
        let second = self.hours.second(wall)? - stretch.offset;
        (second <= LAST).then_some(second)
    }
}

/// The offsets of the wall clock from UTC, each with its first second: the one at the beginning, then every change.
fn offsets(zone: &TimeZone) -> Vec<(i64, i64)> {
    let first = Timestamp::new(FIRST, 0).unwrap_or(Timestamp::MIN);
    let mut offsets = vec![(FIRST, i64::from(zone.to_offset(first).seconds()))];
    for change in zone.following(first) {
        let begins = change.timestamp().as_second();
        if begins > LAST {
            break;
        }
        let offset = i64::from(change.offset().seconds());
        // Some changes concern only the name or the daylight saving flag.
        if offsets.last().is_none_or(|(_, last)| *last != offset) {
            offsets.push((begins, offset));
        }
    }
    offsets
}
