//! Times to an answer: curves, quantiles and their intervals.

use ownerline_projections::stats::{Curve, End, Quantile, Tally, Z_95, whole_seconds};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{assert_close, count, number, rows};

const SECOND: i64 = 1_000_000_000;
const HOUR: u64 = 3_600;

fn tally(items: &[(u64, End)]) -> Tally {
    let mut tally = Tally::default();
    for (seconds, end) in items {
        tally.add(*end, i64::try_from(*seconds).unwrap() * SECOND);
    }
    tally
}

fn curve(items: &[(u64, End)]) -> Curve {
    tally(items).curve()
}

/// `5a 7c`: answered after five seconds, closed after seven.
fn items(text: &str) -> Vec<(u64, End)> {
    let item = |text: &str| {
        let (seconds, end) = text.split_at(text.len() - 1);
        let end = match end {
            "a" => End::Awaited,
            "c" => End::Competing,
            _ => End::Censored,
        };
        (count(seconds), end)
    };
    text.split(' ').map(item).collect()
}

fn perhaps(cell: &str) -> Option<u64> {
    (!cell.is_empty()).then(|| count(cell))
}

#[test]
fn curves_agree_with_lifelines_and_exact_fractions() {
    let rows = rows(include_str!("vectors/survival.csv"));
    assert_eq!(rows.len(), 500);
    for row in rows {
        let curve = curve(&items(row[0]));
        let (z, at) = (number(row[1]), count(row[2]));
        assert_close(curve.survival(at).unwrap(), row[3], &row);
        let interval = curve.survival_interval(at, z);
        assert_eq!(interval.is_none(), row[4].is_empty(), "{row:?}");
        if let Some(interval) = interval {
            assert_close(interval.low, row[4], &row);
            assert_close(interval.high, row[5], &row);
        }
        assert_close(curve.awaited_within(at).unwrap(), row[6], &row);
        assert_close(curve.competing_within(at).unwrap(), row[7], &row);
        let median = curve.median_interval(z).unwrap();
        assert_eq!(median.low, perhaps(row[8]), "{row:?}");
        assert_eq!(median.high, perhaps(row[9]), "{row:?}");
        let q = Quantile::from_thousandths(row[10].parse().unwrap()).unwrap();
        assert_eq!(curve.quantile(q), perhaps(row[11]), "{row:?}");
        assert_eq!(curve.naive_percentile(q), perhaps(row[12]), "{row:?}");
    }
}

#[test]
fn durations_are_rounded_up_so_that_a_boundary_is_inclusive() {
    let day = 24 * 3_600 * SECOND;
    assert_eq!(whole_seconds(day), 86_400);
    assert_eq!(whole_seconds(day + 1), 86_401);
    assert_eq!(whole_seconds(day - 1), 86_400);
    assert_eq!(whole_seconds(-5), 0);
    assert_eq!(whole_seconds(i64::MIN), 0);
    assert_eq!(whole_seconds(i64::MAX), 9_223_372_037);
    let mut tally = Tally::default();
    tally.add(End::Awaited, day);
    tally.add(End::Awaited, day + 1);
    let curve = tally.curve();
    assert_eq!(curve.survival(24 * HOUR), Some(0.5));
    assert_eq!(curve.awaited_within(24 * HOUR), Some(0.5));
}

#[test]
fn an_unanswered_item_never_drops_out_of_the_percentile() {
    use End::{Awaited, Censored};
    let answered: Vec<(u64, End)> = (1..=6).map(|hour| (hour * HOUR, Awaited)).collect();
    let mut all = answered.clone();
    all.extend((0..6).map(|_| (100 * HOUR, Censored)));
    assert_eq!(curve(&answered).quantile(Quantile::MEDIAN), Some(3 * HOUR));
    let with_open = curve(&all);
    assert_eq!(with_open.quantile(Quantile::MEDIAN), Some(6 * HOUR));
    assert_eq!(with_open.quantile(Quantile::P90), None);
    assert_eq!(
        with_open.naive_percentile(Quantile::MEDIAN),
        Some(3 * HOUR),
        "naive"
    );
}

#[test]
fn without_cases_nothing_is_shown() {
    let nothing = Tally::default().curve();
    assert_eq!(nothing.counts().n(), 0);
    assert_eq!(nothing.survival(5), None);
    assert_eq!(nothing.survival_interval(5, Z_95), None);
    assert_eq!(nothing.awaited_within(5), None);
    assert_eq!(nothing.competing_within(5), None);
    assert_eq!(nothing.quantile(Quantile::MEDIAN), None);
    assert_eq!(nothing.median_interval(Z_95), None);
    assert_eq!(nothing.naive_percentile(Quantile::MEDIAN), None);
    let open = curve(&items("5o 7o"));
    assert_eq!(open.survival(100), Some(1.0));
    assert_eq!(open.awaited_within(100), Some(0.0));
    assert_eq!(open.quantile(Quantile::MEDIAN), None);
}

#[test]
fn bars_hold_every_item_once() {
    let curve = curve(&items("0a 10a 11c 20o 20a 21a 500c"));
    let found: Vec<_> = curve
        .buckets(&[10, 10, 5, 20])
        .iter()
        .map(|it| {
            let counts = it.counts;
            let ends = [counts.awaited, counts.competing, counts.censored];
            (it.over, it.up_to, ends)
        })
        .collect();
    assert_eq!(
        found,
        [
            (None, Some(10), [2, 0, 0]),
            (Some(10), Some(20), [1, 1, 1]),
            (Some(20), None, [1, 1, 0]),
        ]
    );
    assert_eq!(curve.buckets(&[]).len(), 1);
}

#[test]
fn without_censoring_a_curve_is_the_share_left_to_the_last_bit() {
    // The product of 9,999/10,000 · 9,998/9,999 · … in doubles drifts away from it.
    let n: u64 = 10_000;
    let all: Vec<(u64, End)> = (1..=n).map(|it| (it, End::Awaited)).collect();
    let curve = curve(&all);
    for seconds in 1..=n {
        let left = (n - seconds) as f64 / n as f64;
        assert_eq!(curve.survival(seconds), Some(left));
    }
    for thousandths in 1..1_000 {
        let q = Quantile::from_thousandths(thousandths).unwrap();
        assert_eq!(curve.quantile(q), Some(u64::from(thousandths) * 10));
    }
}

fn ends() -> impl Strategy<Value = Vec<(u64, End)>> {
    let end = prop::sample::select(&[End::Awaited, End::Awaited, End::Competing, End::Censored]);
    let seconds = prop_oneof![0..40_u64, 0..100_000_u64];
    vec((seconds, end), 0..400)
}

proptest! {
    #[test]
    fn tallies_merged_are_one_tally_of_all_in_any_order(
        mut all in ends(),
        cut in any::<prop::sample::Index>(),
        repeats in 1..40_usize,
    ) {
        // So many that some are sorted while others still wait.
        all = all.repeat(repeats);
        let whole = curve(&all);
        all.reverse();
        let (some, others) = all.split_at(if all.is_empty() { 0 } else { cut.index(all.len()) });
        let mut merged = tally(some);
        merged.merge(tally(others));
        prop_assert_eq!(merged.curve(), whole);
    }

    #[test]
    fn shares_of_any_items_are_consistent(all in ends(), at in 0..100_000_u64) {
        let curve = curve(&all);
        prop_assert_eq!(curve.counts().n(), all.len() as u64);
        if let Some(survival) = curve.survival(at) {
            let answered = curve.awaited_within(at).unwrap();
            let closed = curve.competing_within(at).unwrap();
            prop_assert!((0.0..=1.0).contains(&survival));
            // Who is closed can no longer answer: fewer are answered than if all waited.
            prop_assert!(answered <= 1.0 - survival + 1e-12);
            prop_assert!(answered + closed <= 1.0 + 1e-12);
            if let Some(interval) = curve.survival_interval(at, Z_95) {
                prop_assert!(interval.low <= survival && survival <= interval.high);
            }
        }
        let median = curve.quantile(Quantile::MEDIAN);
        if let (Some(median), Some(ends)) = (median, curve.median_interval(Z_95)) {
            prop_assert!(ends.low.is_none_or(|low| low <= median));
            prop_assert!(ends.high.is_none_or(|high| median <= high));
        }
    }
}
