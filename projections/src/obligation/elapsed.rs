//! The clock that never stands still, but for pauses.

use crate::obligation::terms::{BudgetClock, Pause};
use ownerline_proto::time::Instant;

/// All time counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Elapsed;

impl BudgetClock for Elapsed {
    fn due(&self, start: i64, budget: i64, pauses: &[Pause]) -> Option<i64> {
        let mut from = start;
        let mut left = budget;
        for pause in pauses {
            if pause.until.is_some_and(|until| until <= from) {
                continue;
            }
            let before = pause.from.saturating_sub(from).max(0);
            if left <= before {
                break;
            }
            left = left.saturating_sub(before);
            from = pause.until?;
        }
        Some(from.saturating_add(left))
    }

    fn spent(&self, start: i64, end: Instant, pauses: &[Pause]) -> i128 {
        let mut spent = end.since(start).max(0);
        for pause in pauses {
            let from = pause.from.max(start);
            let until = pause.until.map_or(end, |until| end.min(until.into()));
            spent -= until.since(from).max(0);
        }
        spent.max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(from: i64, until: Option<i64>) -> Pause {
        Pause { from, until }
    }

    #[test]
    fn time_in_a_pause_does_not_count() {
        let pauses = [pause(-5, Some(2)), pause(10, Some(20)), pause(25, None)];
        assert_eq!(Elapsed.due(0, 8, &pauses), Some(10));
        assert_eq!(Elapsed.due(0, 9, &pauses), Some(21));
        assert_eq!(Elapsed.due(0, 14, &pauses), None);
        let spent = |start, end: i64| Elapsed.spent(start, end.into(), &pauses);
        assert_eq!(spent(0, 21), 9);
        assert_eq!(spent(0, 100), 13);
        assert_eq!(spent(10, 5), 0);
        // What is used up when a pause begins is within until it ends.
        let owed = |budget_seconds| crate::obligation::terms::Term {
            kind: ownerline_proto::v1::sla_policy::obligation::Kind::Resolution,
            budget_seconds,
            clock: std::sync::Arc::new(Elapsed),
            warning_shares: Vec::new(),
            responsible_only: false,
            pauses_on_owner: true,
        };
        const SECOND: i64 = 1_000_000_000;
        let pauses = [
            pause(10 * SECOND, Some(20 * SECOND)),
            pause(25 * SECOND, None),
        ];
        assert_eq!(owed(10).in_time_until(0, &pauses), Some(20 * SECOND));
        assert_eq!(owed(12).in_time_until(0, &pauses), Some(22 * SECOND));
        assert_eq!(owed(15).in_time_until(0, &pauses), None);
    }

    #[test]
    fn extreme_instants_do_not_overflow() {
        assert_eq!(Elapsed.due(i64::MAX, i64::MAX, &[]), Some(i64::MAX));
        let all = i128::from(i64::MAX) - i128::from(i64::MIN);
        assert_eq!(Elapsed.spent(i64::MIN, i64::MAX.into(), &[]), all);
        assert_eq!(Elapsed.spent(0, Instant::MAX, &[]), i128::MAX);
    }
}
