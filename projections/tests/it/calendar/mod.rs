//! Business time: deadlines, the used part of a budget, and clocks that are set forward and back.

mod properties;
mod refused;

use jiff::Timestamp;
use ownerline_projections::calendar::Calendar;
use ownerline_projections::calendar::Pause;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::CalendarPolicy;
use ownerline_proto::v1::calendar_policy::{Exception, Interval};

pub(super) const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i32 = 24 * 60;

/// Minutes of a week or day.
pub(super) fn open(from: i32, until: i32) -> Interval {
    Interval {
        from_minute: from,
        until_minute: until,
    }
}

pub(super) fn policy(zone: &str, weekly: &[(i32, i32)]) -> CalendarPolicy {
    CalendarPolicy {
        zone: zone.to_owned(),
        weekly: weekly.iter().map(|it| open(it.0, it.1)).collect(),
        exceptions: Vec::new(),
    }
}

/// Monday to Friday, nine to five.
fn office(zone: &str) -> CalendarPolicy {
    let days = (0..5).map(|day| (day * DAY + 9 * 60, day * DAY + 17 * 60));
    policy(zone, &days.collect::<Vec<_>>())
}

fn around_the_clock(zone: &str) -> Calendar {
    Calendar::new(&policy(zone, &[(0, 7 * DAY)])).unwrap()
}

pub(super) fn on(date: &str, intervals: &[(i32, i32)]) -> Exception {
    Exception {
        date: date.to_owned(),
        intervals: intervals.iter().map(|it| open(it.0, it.1)).collect(),
    }
}

pub(super) fn at(instant: &str) -> i64 {
    let instant: Timestamp = instant.parse().unwrap();
    i64::try_from(instant.as_nanosecond()).unwrap()
}

fn due(calendar: &Calendar, start: &str, hours: i64) -> Option<i64> {
    calendar.due(at(start), hours * HOUR, &[])
}

#[test]
fn outside_open_hours_the_whole_budget_starts_at_the_next_opening() {
    let calendar = Calendar::new(&office("Europe/London")).unwrap();
    // Friday evening; Monday from nine.
    let start = "2025-06-06T20:30:00+01:00";
    assert_eq!(due(&calendar, start, 4), Some(at("2025-06-09T13:00+01:00")));
    assert_eq!(
        calendar.spent(at(start), at("2025-06-09T09:00+01:00").into(), &[]),
        0
    );
    let answered = at("2025-06-09T09:00:01+01:00");
    assert_eq!(
        calendar.spent(at(start), answered.into(), &[]),
        SECOND.into()
    );
}

#[test]
fn a_budget_that_ends_with_the_day_is_due_at_closing_and_not_at_the_next_opening() {
    let calendar = Calendar::new(&office("Europe/London")).unwrap();
    let start = "2025-06-06T09:00:00+01:00";
    assert_eq!(due(&calendar, start, 8), Some(at("2025-06-06T17:00+01:00")));
    let more = calendar.due(at(start), 8 * HOUR + 1, &[]);
    assert_eq!(more, Some(at("2025-06-09T09:00+01:00") + 1));
}

#[test]
fn a_deadline_in_elapsed_time_ignores_changes_of_the_clocks() {
    for (zone, start, end) in [
        (
            "Europe/London",
            "2025-03-29T12:00Z",
            "2025-03-30T13:00+01:00",
        ),
        (
            "Europe/London",
            "2025-10-25T12:00+01:00",
            "2025-10-26T11:00Z",
        ),
        (
            "America/New_York",
            "2025-03-08T18:00-05:00",
            "2025-03-09T19:00-04:00",
        ),
    ] {
        let calendar = around_the_clock(zone);
        assert_eq!(due(&calendar, start, 24), Some(at(end)), "{zone} {start}");
        assert_eq!(
            calendar.spent(at(start), at(end).into(), &[]),
            (24 * HOUR).into()
        );
    }
}

#[test]
fn hours_lie_where_the_wall_clock_says_before_and_after_the_clocks_change() {
    let calendar = Calendar::new(&office("America/New_York")).unwrap();
    for (friday, monday) in [
        ("2025-03-07T16:00-05:00", "2025-03-10T10:00-04:00"),
        ("2025-10-31T16:00-04:00", "2025-11-03T10:00-05:00"),
    ] {
        assert_eq!(due(&calendar, friday, 2), Some(at(monday)));
        assert_eq!(
            calendar.spent(at(friday), at(monday).into(), &[]),
            (2 * HOUR).into()
        );
    }
}

#[test]
fn an_interval_that_begins_in_a_gap_begins_at_its_end() {
    // Sunday, half past one to four; at one o'clock it is two.
    let sunday = 6 * DAY;
    let weekly = [(sunday + 90, sunday + 240)];
    let calendar = Calendar::new(&policy("Europe/London", &weekly)).unwrap();
    let opens = at("2025-03-30T02:00+01:00");
    assert!(!calendar.is_open(opens - 1));
    assert!(calendar.is_open(opens));
    let day = at("2025-03-30T00:00Z");
    assert_eq!(
        calendar.spent(day, (day + 12 * HOUR).into(), &[]),
        (2 * HOUR).into()
    );
    assert_eq!(calendar.due(day, 2 * HOUR, &[]), Some(opens + 2 * HOUR));
}

#[test]
fn a_wall_time_that_comes_twice_counts_twice() {
    let sunday = 6 * DAY;
    let spent = |from: i32, until: i32| {
        let weekly = [(sunday + from, sunday + until)];
        let calendar = Calendar::new(&policy("Europe/London", &weekly)).unwrap();
        let day = at("2025-10-26T00:00+01:00");
        calendar.spent(day, (day + 12 * HOUR).into(), &[])
    };
    assert_eq!(spent(60, 120), (2 * HOUR).into());
    assert_eq!(spent(0, 180), (4 * HOUR).into());
    // Until half past one of either pass; from half past one of either.
    assert_eq!(spent(0, 90), (2 * HOUR).into());
    assert_eq!(spent(90, 180), (2 * HOUR).into());
}

#[test]
fn a_date_that_its_zone_left_out_is_never_open() {
    // Samoa went from Thursday the 29th to Saturday the 31st.
    let calendar = around_the_clock("Pacific/Apia");
    let (thursday, saturday) = ("2011-12-29T23:00-10:00", "2011-12-31T01:00+14:00");
    assert_eq!(
        calendar.spent(at(thursday), at(saturday).into(), &[]),
        (2 * HOUR).into(),
        "midnight to midnight is no time"
    );
}

#[test]
fn an_exception_replaces_the_hours_of_its_date_entirely() {
    let mut policy = office("Europe/London");
    policy.exceptions = vec![
        on("2025-12-26", &[]),
        on("2025-12-24", &[(9 * 60, 12 * 60), (12 * 60, 13 * 60)]),
        on("2025-12-25", &[]),
        on("2025-12-27", &[(10 * 60, 11 * 60)]),
    ];
    let calendar = Calendar::new(&policy).unwrap();
    let wednesday = "2025-12-24T09:00Z";
    assert_eq!(
        due(&calendar, wednesday, 4),
        Some(at("2025-12-24T13:00Z")),
        "a short day"
    );
    assert_eq!(due(&calendar, wednesday, 5), Some(at("2025-12-27T11:00Z")));
    assert_eq!(due(&calendar, wednesday, 6), Some(at("2025-12-29T10:00Z")));
    // The days before are as in every week.
    let tuesday = "2025-12-23T16:00Z";
    assert_eq!(due(&calendar, tuesday, 2), Some(at("2025-12-24T10:00Z")));
}

#[test]
fn an_interval_across_midnight_gives_way_to_an_exception_on_its_second_date() {
    let mut policy = policy("UTC", &[(22 * 60, DAY + 6 * 60)]);
    let whole = Calendar::new(&policy).unwrap();
    let monday = at("2025-06-02T00:00Z");
    assert_eq!(
        whole.spent(monday, (monday + 48 * HOUR).into(), &[]),
        (8 * HOUR).into()
    );
    policy.exceptions = vec![on("2025-06-03", &[])];
    let cut = Calendar::new(&policy).unwrap();
    assert_eq!(
        cut.spent(monday, (monday + 48 * HOUR).into(), &[]),
        (2 * HOUR).into()
    );
}

#[test]
fn a_budget_stands_still_in_pauses() {
    let calendar = Calendar::new(&office("UTC")).unwrap();
    let start = at("2025-06-02T09:00Z");
    let pauses = [
        Pause {
            from: at("2025-06-02T08:00Z"),
            until: Some(at("2025-06-02T10:00Z")),
        },
        Pause {
            from: at("2025-06-02T12:00Z"),
            until: Some(at("2025-06-03T12:00Z")),
        },
    ];
    let end = at("2025-06-03T13:00Z");
    assert_eq!(calendar.due(start, 3 * HOUR, &pauses), Some(end));
    assert_eq!(
        calendar.spent(start, end.into(), &pauses),
        (3 * HOUR).into()
    );
    let first_pause = calendar.due(start, 2 * HOUR, &pauses);
    assert_eq!(first_pause, Some(at("2025-06-02T12:00Z")));
    let endless = [Pause {
        from: at("2025-06-02T12:00Z"),
        until: None,
    }];
    assert_eq!(
        calendar.due(start, 3 * HOUR, &endless),
        Some(endless[0].from)
    );
    assert_eq!(calendar.due(start, 3 * HOUR + 1, &endless), None);
    assert_eq!(
        calendar.spent(start, end.into(), &endless),
        (3 * HOUR).into()
    );
}

#[test]
fn a_calendar_that_never_opens_again_has_no_deadline() {
    let never = Calendar::new(&policy("Europe/London", &[])).unwrap();
    assert_eq!(due(&never, "2025-06-02T09:00Z", 1), None);
    assert_eq!(never.spent(i64::MIN, i64::MAX.into(), &[]), 0);
    let mut policy = policy("UTC", &[]);
    policy.exceptions = vec![on("2025-06-05", &[(0, 60)])];
    let once = Calendar::new(&policy).unwrap();
    let end = at("2025-06-05T01:00Z");
    assert_eq!(due(&once, "2025-06-02T09:00Z", 1), Some(end));
    assert_eq!(once.due(0, HOUR + 1, &[]), None);
    assert_eq!(once.due(end, 1, &[]), None);
    // Whoever owes nothing is done at once.
    assert_eq!(never.due(7, 0, &[]), Some(7));
}

#[test]
fn a_deadline_past_the_last_instant_is_none() {
    let calendar = around_the_clock("Europe/London");
    assert_eq!(calendar.due(i64::MAX - 5, 5, &[]), Some(i64::MAX));
    assert_eq!(calendar.due(i64::MAX - 5, 6, &[]), None);
    assert_eq!(calendar.due(i64::MIN, i64::MAX, &[]), Some(-1));
    let all = i128::from(i64::MAX) - i128::from(i64::MIN);
    assert_eq!(calendar.spent(i64::MIN, i64::MAX.into(), &[]), all);
    assert_eq!(
        calendar.spent(i64::MIN, (-1).into(), &[]),
        i128::from(i64::MAX)
    );
    // Also beyond what 64-bit nanoseconds hold.
    assert!(calendar.spent(0, Instant::MAX, &[]) > i128::from(i64::MAX) * 20);
}
