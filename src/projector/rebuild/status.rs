//! The published status of a rebuild.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::projector::generations::Comparison;
use crate::projector::view_error::ViewError;
use crate::store::Position;

/// The phase of a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebuildPhase {
    /// Folding the log into the new generation.
    Building,
    /// Close to the head: it takes over when both generations are at the same position.
    Switching,
    /// The new generation serves.
    Done,
    /// It failed; the former generation serves as before.
    Failed,
    /// It was cancelled; the former generation serves as before.
    Cancelled,
}

/// The status of the rebuild of one view.
#[derive(Debug, Clone, PartialEq)]
pub struct RebuildStatus {
    /// The view.
    pub view: &'static str,
    /// The generation being built; 0 before it has a number.
    pub generation: u32,
    /// The phase.
    pub phase: RebuildPhase,
    /// Whether it resumed where an earlier run of the server stopped.
    pub resumed: bool,
    /// The last folded position.
    pub position: Position,
    /// The number of folded touchpoints.
    pub applied: u64,
    /// The recent rate.
    pub events_per_second: f64,
    /// When it began, in nanoseconds since the Unix epoch.
    pub started_at: i64,
    /// Why it failed, if it did.
    pub failure: Option<ViewError>,
    /// The comparison with the former generation, once it serves.
    pub compared: Option<Comparison>,
}

impl RebuildStatus {
    /// Whether the rebuild has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self.phase {
            RebuildPhase::Building | RebuildPhase::Switching => false,
            RebuildPhase::Done | RebuildPhase::Failed | RebuildPhase::Cancelled => true,
        }
    }

    /// The folded share of the log, from 0 to 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn share(&self, head: Position) -> f64 {
        if self.position >= head {
            return 1.0;
        }
        self.position.0 as f64 / head.0 as f64
    }

    /// The time to reach the head at the recent rate; `None` while no rate is known.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub fn time_left(&self, head: Position) -> Option<Duration> {
        let left = head.0.saturating_sub(self.position.0);
        if left == 0 || self.is_over() {
            return Some(Duration::ZERO);
        }
        Duration::try_from_secs_f64(left as f64 / self.events_per_second).ok()
    }
}

/// Measures the recent rate from timed counts.
#[derive(Debug, Default)]
pub(super) struct Pace {
    seen: VecDeque<(Instant, u64)>,
}

/// The number of counts in the window of the rate; below, the time between them.
const COUNTS: usize = 10;
const APART: Duration = Duration::from_millis(500);

impl Pace {
    /// Adds a count, and returns events per second.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    pub(super) fn count(&mut self, now: Instant, applied: u64) -> f64 {
        let fresh = self.seen.back();
        if fresh.is_none_or(|(at, _)| now.duration_since(*at) >= APART) {
            self.seen.push_back((now, applied));
        }
        while self.seen.len() > COUNTS {
            self.seen.pop_front();
        }
        let Some((since, before)) = self.seen.front() else {
            return 0.0;
        };
        let elapsed = now.duration_since(*since).as_secs_f64();
        if elapsed <= 0.0 {
            return 0.0;
        }
        applied.saturating_sub(*before) as f64 / elapsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_the_recent_one() {
        let (mut pace, begun) = (Pace::default(), Instant::now());
        assert_eq!(pace.count(begun, 0), 0.0);
        let mut last = 0.0;
        for second in 1..=60_u64 {
            let rate = if second <= 30 { 1_000 } else { 100 };
            let applied = if second <= 30 {
                second * rate
            } else {
                30_000 + (second - 30) * rate
            };
            last = pace.count(begun + Duration::from_secs(second), applied);
        }
        assert_eq!(last, 100.0);
    }
}
