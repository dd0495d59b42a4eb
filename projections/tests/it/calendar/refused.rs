//! Calendars that cannot be used are refused with all reasons at once.

use ownerline_projections::calendar::Calendar;

use super::{DAY, on, open, policy};

#[test]
fn every_problem_of_a_calendar_is_reported_at_once() {
    let mut policy = policy("Europe/Lunnon", &[(540, 1020), (600, 660), (700, 600)]);
    policy.weekly.push(open(7 * DAY - 60, 7 * DAY + 60));
    policy.exceptions = vec![
        on("2025-02-30", &[]),
        on("2025-12-25", &[(60, DAY + 60)]),
        on("2025-12-25", &[(60, 60)]),
    ];
    let error = Calendar::new(&policy).unwrap_err();
    assert_eq!(
        error.to_string(),
        "calendar: zone: \"Europe/Lunnon\" is no IANA time zone; \
         weekly[2]: minute 600 is not after minute 700; \
         weekly[3]: minutes 10020 to 10140 are not within 0 to 10080; \
         weekly[1]: overlaps weekly[0]; \
         exceptions[0].date: \"2025-02-30\" is no date; \
         exceptions[1].intervals[0]: minutes 60 to 1500 are not within 0 to 1440; \
         exceptions[2].intervals[0]: minute 60 is not after minute 60; \
         exceptions[2].date: 2025-12-25 is already in exceptions[1].date"
    );
}

#[test]
fn an_interval_inside_an_earlier_long_one_overlaps_it_also_after_another() {
    let policy = policy("UTC", &[(300, 400), (0, 1_000), (500, 600)]);
    let error = Calendar::new(&policy).unwrap_err();
    assert_eq!(
        error.to_string(),
        "calendar: weekly[0]: overlaps weekly[1]; weekly[2]: overlaps weekly[1]"
    );
}

#[test]
fn intervals_may_touch_and_come_in_any_order() {
    let policy = policy("UTC", &[(600, 700), (500, 600), (10_000, 10_080), (0, 10)]);
    assert!(Calendar::new(&policy).is_ok());
}

#[test]
fn a_time_of_day_is_no_date() {
    for date in ["2025-12-25T10:00", "20251225", " 2025-12-25", ""] {
        let mut policy = policy("UTC", &[]);
        policy.exceptions = vec![on(date, &[])];
        assert!(Calendar::new(&policy).is_err(), "{date:?}");
    }
}
