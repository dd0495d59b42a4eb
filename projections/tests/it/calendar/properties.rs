//! Business time against a slow reference that looks at the wall clock minute by minute.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use ownerline_projections::calendar::Calendar;
use ownerline_projections::calendar::{BudgetClock, Pause};
use ownerline_proto::v1::CalendarPolicy;
use ownerline_proto::v1::calendar_policy::Interval;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::{SECOND, at, on, policy};
use crate::cases::cases;

const MINUTE: i64 = 60 * SECOND;

/// Zones with a gap and a fold of an hour, of half an hour, at midnight, and without any.
const ZONES: [&str; 6] = [
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Kathmandu",
    "UTC",
];

/// Days on which a clock of these zones changes, and an ordinary one.
const DAYS: [&str; 9] = [
    "2025-03-30T00:00Z",
    "2025-10-26T00:00Z",
    "2025-03-09T06:00Z",
    "2025-11-02T05:00Z",
    "2025-04-05T15:00Z",
    "2025-10-04T15:30Z",
    "2025-06-11T09:30Z",
    "1969-12-30T01:00Z",
    "2124-03-26T00:00Z",
];

/// Whether the wall clock shows an open minute.
fn is_open(policy: &CalendarPolicy, instant: i64) -> bool {
    let zone = TimeZoneDatabase::bundled().get(&policy.zone).unwrap();
    let instant = Timestamp::from_nanosecond(i128::from(instant)).unwrap();
    let wall = zone.to_datetime(instant);
    let of_day = i32::from(wall.hour()) * 60 + i32::from(wall.minute());
    let of_week = i32::from(wall.weekday().to_monday_zero_offset()) * 1_440 + of_day;
    let within = |hours: &[Interval], minute: i32| {
        let mut found = hours.iter();
        found.any(|it| it.from_minute <= minute && minute < it.until_minute)
    };
    let date = wall.date().to_string();
    let own = policy.exceptions.iter().find(|it| it.date == date);
    own.map_or_else(
        || within(&policy.weekly, of_week),
        |own| within(&own.intervals, of_day),
    )
}

/// Disjoint intervals up to a last minute.
fn intervals(last: i32, most: usize) -> impl Strategy<Value = Vec<(i32, i32)>> {
    // Coarse, so that intervals begin and end where clocks change, and touch.
    btree_set(0..=last / 30, 0..=2 * most).prop_map(|edges| {
        let edges: Vec<i32> = edges.into_iter().map(|edge| edge * 30).collect();
        edges.chunks_exact(2).map(|it| (it[0], it[1])).collect()
    })
}

fn calendars() -> impl Strategy<Value = (CalendarPolicy, i64)> {
    let exceptions = vec((0..8_i64, intervals(1_440, 3)), 0..4);
    let zone = prop::sample::select(&ZONES[..]);
    let day = prop::sample::select(&DAYS[..]);
    (zone, intervals(10_080, 14), exceptions, day).prop_map(|(zone, weekly, dates, day)| {
        let mut policy = policy(zone, &weekly);
        policy.weekly.reverse();
        let middle = at(day);
        for (ahead, hours) in dates {
            let instant = middle + (ahead - 4) * 1_440 * MINUTE;
            let instant = Timestamp::from_nanosecond(i128::from(instant)).unwrap();
            let date = jiff::tz::TimeZone::UTC.to_datetime(instant).date();
            let exception = on(&date.to_string(), &hours);
            if policy.exceptions.iter().all(|it| it.date != exception.date) {
                policy.exceptions.push(exception);
            }
        }
        (policy, middle)
    })
}

/// Pauses in order, in minutes from an instant.
fn pauses() -> impl Strategy<Value = Vec<(i64, i64)>> {
    btree_set(0..8_000_i64, 0..6).prop_map(|edges| {
        let edges: Vec<i64> = edges.into_iter().collect();
        edges.chunks_exact(2).map(|it| (it[0], it[1])).collect()
    })
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn open_time_equals_the_wall_clock_minute_by_minute(
        (policy, middle) in calendars(),
        paused in pauses(),
    ) {
        let calendar = Calendar::new(&policy).unwrap();
        let start = middle - 4_000 * MINUTE;
        let pauses: Vec<Pause> = paused
            .iter()
            .map(|it| Pause { from: start + it.0 * MINUTE, until: Some(start + it.1 * MINUTE) })
            .collect();
        let (mut all, mut counted) = (0, 0);
        for minute in 0..8_000 {
            let now = start + minute * MINUTE;
            let open = is_open(&policy, now);
            prop_assert_eq!(calendar.is_open(now), open, "{}", now);
            prop_assert_eq!(calendar.is_open(now + MINUTE - 1), open, "{}", now);
            prop_assert_eq!(calendar.spent(start, now.into(), &[]), i128::from(all));
            prop_assert_eq!(calendar.spent(start, now.into(), &pauses), i128::from(counted));
            if open {
                all += MINUTE;
                if !paused.iter().any(|it| it.0 <= minute && minute < it.1) {
                    counted += MINUTE;
                    let next = Some(now + MINUTE);
                    prop_assert_eq!(calendar.due(start, counted, &pauses), next);
                    let soon = Some(now + 1);
                    prop_assert_eq!(calendar.due(start, counted - MINUTE + 1, &pauses), soon);
                }
            }
        }
    }

    #[test]
    fn time_used_is_additive_monotone_and_the_inverse_of_the_deadline(
        (policy, middle) in calendars(),
        mut instants in [-4_000 * MINUTE..4_000 * MINUTE, -4_000 * MINUTE..4_000 * MINUTE,
            -9_000_000 * MINUTE..9_000_000 * MINUTE],
        paused in pauses(),
        budget in 1..20_000 * MINUTE,
    ) {
        let calendar = Calendar::new(&policy).unwrap();
        instants.sort_unstable();
        let [a, b, c] = instants.map(|it| middle + it);
        let pauses: Vec<Pause> = paused
            .iter()
            .map(|it| Pause { from: a + it.0 * MINUTE, until: Some(a + it.1 * MINUTE) })
            .collect();
        let spent = |from, until: i64| {
            i64::try_from(calendar.spent(from, until.into(), &pauses)).unwrap()
        };
        prop_assert_eq!(spent(a, b) + spent(b, c), spent(a, c));
        prop_assert!((0..=b - a).contains(&spent(a, b)));
        prop_assert_eq!(spent(b, a), 0);
        prop_assert!(calendar.due(a, spent(a, b), &pauses).unwrap() <= b);
        match calendar.due(a, budget, &pauses) {
            Some(due) => {
                prop_assert_eq!(spent(a, due), budget);
                // It is the first such instant.
                prop_assert_eq!(spent(a, due - 1), budget - 1);
            }
            None => prop_assert!(spent(a, i64::MAX) < budget),
        }
        // What is spent by a whole number of seconds of them is within, to the last instant.
        let mut owed = crate::feedback::touchpoints::term(Kind::FirstReply, 1);
        owed.budget = budget / SECOND * SECOND;
        owed.clock = BudgetClock::Business(Arc::new(calendar.clone()));
        match owed.in_time_until(a, &pauses) {
            Some(until) => {
                prop_assert!(owed.is_within(spent(a, until).into()));
                prop_assert!(!owed.is_within(spent(a, until + 1).into()));
            }
            None => prop_assert!(owed.is_within(spent(a, i64::MAX).into())),
        }
    }
}
