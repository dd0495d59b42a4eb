//! Business time: the open hours of a calendar on the line of time.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::CalendarPolicy;

use super::zone::{Line, SECOND};
use super::{CalendarError, CalendarProblem, Pause, check};

/// The first and the last second for which open time is computed: the years 1 to 9999.
const FIRST_SECOND: i128 = -62_135_596_800;
const LAST_SECOND: i128 = 253_402_300_800;

/// The open hours of one version of a calendar, prepared for quick answers. About 40 KiB for a zone that changes its
/// clocks twice a year.
#[derive(Debug, Clone)]
pub struct Calendar {
    line: Line,
}

impl Calendar {
    /// The calendar that a policy describes.
    ///
    /// # Errors
    ///
    /// Every problem of the policy at once: an unknown zone, an interval outside its week or day, empty
    /// or overlapping another, a date that is none or comes twice.
    pub fn new(policy: &CalendarPolicy) -> Result<Self, CalendarError> {
        let (zone, hours) = check::checked(policy)?;
        let line = Line::new(&zone, hours);
        Ok(Self { line })
    }

    /// Everything that keeps a policy from being used, without making a calendar of it.
    #[must_use]
    pub fn problems(policy: &CalendarPolicy) -> Vec<CalendarProblem> {
        check::checked(policy).map_or_else(|error| error.problems, |_| Vec::new())
    }

    /// Whether business is open at an instant (nanoseconds since the Unix epoch).
    #[must_use]
    pub fn is_open(&self, at: i64) -> bool {
        self.line.open(at.div_euclid(SECOND)).1
    }

    /// Open nanoseconds from the beginning of the line of time to an instant; only differences of it mean
    /// anything. Openings and closings are on whole seconds.
    fn opened(&self, at: Instant) -> i128 {
        let second = i128::from(SECOND);
        let whole = at
            .nanos()
            .div_euclid(second)
            .clamp(FIRST_SECOND, LAST_SECOND);
        let (seconds, is_open) = self.line.open(i64::try_from(whole).unwrap_or_default());
        let part = if is_open {
            at.nanos().rem_euclid(second)
        } else {
            0
        };
        i128::from(seconds) * second + part
    }

    /// The first instant by which business has been open for this long.
    fn reached(&self, opened: i128) -> Option<i64> {
        let before = (opened - 1).div_euclid(i128::from(SECOND));
        let part = opened - before * i128::from(SECOND);
        let second = self.line.open_second(i64::try_from(before).ok()?)?;
        let at = i128::from(second) * i128::from(SECOND) + part;
        i64::try_from(at).ok()
    }

    fn between(&self, start: Instant, end: Instant) -> i128 {
        if end <= start {
            return 0;
        }
        self.opened(end) - self.opened(start)
    }
}

impl Calendar {
    /// The first instant at which a budget of open time is used up: see [`BudgetClock::due`](super::BudgetClock::due).
    #[must_use]
    pub fn due(&self, start: i64, budget: i64, pauses: &[Pause]) -> Option<i64> {
        if budget <= 0 {
            return Some(start);
        }
        let mut left = i128::from(budget);
        let mut from = start;
        for pause in pauses {
            if pause.until.is_some_and(|until| until <= from) {
                continue;
            }
            let before = self.between(from.into(), pause.from.into());
            if before >= left {
                break;
            }
            left -= before;
            from = pause.until?;
        }
        self.reached(self.opened(from.into()) + left)
    }

    /// The open time used up between two instants: see [`BudgetClock::spent`](super::BudgetClock::spent).
    #[must_use]
    pub fn spent(&self, start: i64, end: Instant, pauses: &[Pause]) -> i128 {
        let paused: i128 = pauses
            .iter()
            .map(|pause| {
                let until = pause.until.map_or(end, |until| end.min(until.into()));
                self.between(pause.from.max(start).into(), until)
            })
            .sum();
        self.between(start.into(), end).saturating_sub(paused)
    }
}
