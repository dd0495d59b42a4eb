//! The clock by which all time counts, but for pauses.

use ownerline_proto::time::Instant;

use super::Pause;

/// The first instant at which a budget is used up: see [`BudgetClock::due`](super::BudgetClock::due).
pub(super) fn due(start: i64, budget: i64, pauses: &[Pause]) -> Option<i64> {
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

/// The time used up between two instants: see [`BudgetClock::spent`](super::BudgetClock::spent).
pub(super) fn spent(start: i64, end: Instant, pauses: &[Pause]) -> i128 {
    let mut spent = end.since(start).max(0);
    for pause in pauses {
        let from = pause.from.max(start);
        let until = pause.until.map_or(end, |until| end.min(until.into()));
        spent -= until.since(from).max(0);
    }
    spent.max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_in_a_pause_does_not_count() {
        let pause = |from: i64, until: Option<i64>| Pause { from, until };
        let pauses = [pause(-5, Some(2)), pause(10, Some(20)), pause(25, None)];
        assert_eq!(due(0, 8, &pauses), Some(10));
        assert_eq!(due(0, 9, &pauses), Some(21));
        assert_eq!(due(0, 14, &pauses), None);
        let spent = |start, end: i64| spent(start, end.into(), &pauses);
        assert_eq!(spent(0, 21), 9);
        assert_eq!(spent(0, 100), 13);
        assert_eq!(spent(10, 5), 0);
    }

    #[test]
    fn extreme_instants_do_not_overflow() {
        assert_eq!(due(i64::MAX, i64::MAX, &[]), Some(i64::MAX));
        let all = i128::from(i64::MAX) - i128::from(i64::MIN);
        assert_eq!(spent(i64::MIN, i64::MAX.into(), &[]), all);
        assert_eq!(spent(0, Instant::MAX, &[]), i128::MAX);
    }
}
