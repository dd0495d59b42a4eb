//! How far a rebuild is, as told to those who watch it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::projector::generations::Comparison;
use crate::projector::view_error::ViewError;
use crate::store::Position;

/// What a rebuild is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebuildPhase {
    /// Folding the log into the new generation.
    Building,
    /// Close to the head: it takes over at the position at which both stand.
    Switching,
    /// The new generation serves.
    Done,
    /// It came upon something it cannot handle; the former generation serves as before.
    Failed,
    /// It was asked to end; the former generation serves as before.
    Cancelled,
}

/// How far the rebuild of one view is.
#[derive(Debug, Clone, PartialEq)]
pub struct RebuildStatus {
    /// The view.
    pub view: &'static str,
    /// The generation being built; 0 before it has a number.
    pub generation: u32,
    /// What it is doing.
    pub phase: RebuildPhase,
    /// Whether it goes on where an earlier run of the server stopped.
    pub resumed: bool,
    /// Everything up to here is folded.
    pub position: Position,
    /// How many touchpoints that were.
    pub applied: u64,
    /// How many it folds in a second, lately.
    pub events_per_second: f64,
    /// When it began, in nanoseconds since the Unix epoch.
    pub started_at: i64,
    /// Why it failed, if it did.
    pub failure: Option<ViewError>,
    /// How it compared with the former generation, once it serves.
    pub compared: Option<Comparison>,
}

impl RebuildStatus {
    /// Whether nothing more will come.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self.phase {
            RebuildPhase::Building | RebuildPhase::Switching => false,
            RebuildPhase::Done | RebuildPhase::Failed | RebuildPhase::Cancelled => true,
        }
    }

    /// How much of the log is folded, from 0 to 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn share(&self, head: Position) -> f64 {
        if self.position >= head {
            return 1.0;
        }
        self.position.0 as f64 / head.0 as f64
    }

    /// How long it takes to the head at the rate of lately; `None` while no rate is known.
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

/// The rate of lately, from what was counted when.
#[derive(Debug, Default)]
pub(super) struct Pace {
    seen: VecDeque<(Instant, u64)>,
}

/// Over how many counts the rate is taken, and how far apart they are.
const COUNTS: usize = 10;
const APART: Duration = Duration::from_millis(500);

impl Pace {
    /// Counts, and answers events a second.
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
    fn the_rate_is_that_of_lately() {
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
