//! CALENDAR: when business is open.

use jiff::tz::TimeZoneDatabase;
use ownerline_proto::Reason;
use ownerline_proto::v1::CalendarPolicy;
use ownerline_proto::v1::calendar_policy::Interval;

use super::Found;

const MINUTES_OF_DAY: i32 = 24 * 60;
const MINUTES_OF_WEEK: i32 = 7 * MINUTES_OF_DAY;

pub(super) fn check(calendar: &CalendarPolicy, found: &mut Found) {
    // What ships with the program, so that the answer is the same on every machine.
    if TimeZoneDatabase::bundled().get(&calendar.zone).is_err() {
        let why = "must be an IANA time zone like Europe/London";
        found.add("calendar.zone", Reason::Format, why);
    }
    intervals(&calendar.weekly, "calendar.weekly", MINUTES_OF_WEEK, found);
    for (item, exception) in calendar.exceptions.iter().enumerate() {
        let field = format!("calendar.exceptions[{item}]");
        if exception.date.parse::<jiff::civil::Date>().is_err() {
            let why = "must be a calendar date like 2025-03-29";
            found.add(format!("{field}.date"), Reason::Format, why);
        }
        let path = format!("{field}.intervals");
        intervals(&exception.intervals, &path, MINUTES_OF_DAY, found);
    }
    let dates = calendar.exceptions.iter().enumerate();
    let dates = dates.map(|(item, day)| (format!("calendar.exceptions[{item}].date"), &day.date));
    found.unique(dates, "the date");
    if calendar.weekly.is_empty() {
        found.add("calendar.weekly", Reason::Required, "must have an interval");
    }
}

/// Intervals that begin before they end, within the day or week, and do not overlap.
fn intervals(intervals: &[Interval], path: &str, minutes: i32, found: &mut Found) {
    let mut sound: Vec<(usize, &Interval)> = Vec::with_capacity(intervals.len());
    for (item, interval) in intervals.iter().enumerate() {
        let bounds = 0..=minutes;
        let mut within = true;
        for (name, minute) in [
            ("from_minute", interval.from_minute),
            ("until_minute", interval.until_minute),
        ] {
            if !bounds.contains(&minute) {
                let why = format!("must be between 0 and {minutes}");
                found.add(format!("{path}[{item}].{name}"), Reason::Range, why);
                within = false;
            }
        }
        if within && interval.from_minute >= interval.until_minute {
            let why = "must be greater than from_minute";
            let field = format!("{path}[{item}].until_minute");
            found.add(field, Reason::Disagrees, why);
        } else if within {
            sound.push((item, interval));
        }
    }
    sound.sort_by_key(|(item, interval)| (interval.from_minute, *item));
    let mut end = 0;
    for (item, interval) in sound {
        if interval.from_minute < end {
            let why = "must not overlap another interval";
            found.add(format!("{path}[{item}]"), Reason::Disagrees, why);
        }
        end = end.max(interval.until_minute);
    }
}
