//! The rules that a calendar must satisfy before business time can be counted by it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use ownerline_proto::v1::CalendarPolicy;
use ownerline_proto::v1::calendar_policy::Interval;

use super::hours::{DAY, Hours, Intervals};

const MINUTE: i64 = 60;
const DAY_MINUTES: i32 = 24 * 60;
const WEEK_MINUTES: i32 = 7 * DAY_MINUTES;
const EPOCH: Date = Date::constant(1970, 1, 1);

/// A calendar that cannot be used, with every reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("calendar: {}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct CalendarError {
    /// At least one, in the order of the policy's fields.
    pub problems: Vec<CalendarProblem>,
}

/// One reason why a calendar cannot be used. Fields are named as in the policy, `weekly[2]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CalendarProblem {
    /// The zone is not in the bundled time zone database.
    #[error("zone: {zone:?} is no IANA time zone")]
    UnknownZone {
        /// The name as given.
        zone: String,
    },
    /// An interval exceeds its week or day.
    #[error("{field}: minutes {from} to {until} are not within 0 to {last}")]
    OutOfRange {
        /// The field.
        field: String,
        /// The first open minute.
        from: i32,
        /// The first closed minute.
        until: i32,
        /// The last minute that may be named.
        last: i32,
    },
    /// An interval does not end after it begins.
    #[error("{field}: minute {until} is not after minute {from}")]
    Empty {
        /// The field.
        field: String,
        /// The first open minute.
        from: i32,
        /// The first closed minute.
        until: i32,
    },
    /// Two intervals share a minute.
    #[error("{field}: overlaps {other}")]
    Overlap {
        /// The one that begins later.
        field: String,
        /// The one that it overlaps.
        other: String,
    },
    /// A date that does not exist.
    #[error("{field}: {date:?} is no date")]
    NoDate {
        /// The field.
        field: String,
        /// The text as given.
        date: String,
    },
    /// A date for which hours are given already.
    #[error("{field}: {date} is already in {other}")]
    RepeatedDate {
        /// The later one.
        field: String,
        /// The date.
        date: String,
        /// The earlier one.
        other: String,
    },
}

/// The zone and the hours of a policy.
pub(super) fn checked(policy: &CalendarPolicy) -> Result<(TimeZone, Hours), CalendarError> {
    let mut problems = Vec::new();
    let zone = TimeZoneDatabase::bundled().get(&policy.zone).ok();
    if zone.is_none() {
        let zone = policy.zone.clone();
        problems.push(CalendarProblem::UnknownZone { zone });
    }
    let weekly = intervals(&policy.weekly, "weekly", WEEK_MINUTES, &mut problems);
    let dates = dates(policy, &mut problems);
    match zone {
        Some(zone) if problems.is_empty() => Ok((zone, Hours::new(weekly, dates))),
        _ => Err(CalendarError { problems }),
    }
}

fn dates(policy: &CalendarPolicy, problems: &mut Vec<CalendarProblem>) -> Vec<(i64, Intervals)> {
    let mut named: BTreeMap<Date, (String, Intervals)> = BTreeMap::new();
    for (index, exception) in policy.exceptions.iter().enumerate() {
        let place = format!("exceptions[{index}]");
        let within = format!("{place}.intervals");
        let hours = intervals(&exception.intervals, &within, DAY_MINUTES, problems);
        let field = format!("{place}.date");
        let date = exception.date.clone();
        // The parser also accepts a time of day after the date, and dates without hyphens.
        let day = date.parse::<Date>().ok().filter(|_| date.len() == 10);
        let Some(day) = day else {
            problems.push(CalendarProblem::NoDate { field, date });
            continue;
        };
        if let Some((other, _)) = named.get(&day) {
            let other = other.clone();
            problems.push(CalendarProblem::RepeatedDate { field, date, other });
            continue;
        }
        named.insert(day, (field, hours));
    }
    let days = |day: Date| day.duration_since(EPOCH).as_secs() / DAY;
    named
        .into_iter()
        .map(|(day, (_, hours))| (days(day), hours))
        .collect()
}

/// The intervals in order; those that cannot be used become problems.
fn intervals(
    given: &[Interval],
    field: &str,
    last: i32,
    problems: &mut Vec<CalendarProblem>,
) -> Intervals {
    let mut usable = Vec::new();
    for (index, interval) in given.iter().enumerate() {
        let field = format!("{field}[{index}]");
        let (from, until) = (interval.from_minute, interval.until_minute);
        if from < 0 || until < 0 || from > last || until > last {
            problems.push(CalendarProblem::OutOfRange {
                field,
                from,
                until,
                last,
            });
        } else if until <= from {
            problems.push(CalendarProblem::Empty { field, from, until });
        } else {
            usable.push((from, until, field));
        }
    }
    usable.sort();
    let mut before: Option<&(i32, i32, String)> = None;
    for interval in &usable {
        if let Some((_, _, other)) = before.filter(|before| interval.0 < before.1) {
            problems.push(CalendarProblem::Overlap {
                field: interval.2.clone(),
                other: other.clone(),
            });
        }
        if before.is_none_or(|before| before.1 < interval.1) {
            before = Some(interval);
        }
    }
    let seconds = |minute: i32| i64::from(minute) * MINUTE;
    Intervals::new(
        usable
            .iter()
            .map(|(from, until, _)| (seconds(*from), seconds(*until))),
    )
}
