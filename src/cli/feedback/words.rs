//! Obligations in words.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::Obligation;
use ownerline_proto::v1::obligation::State;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use pbjson_types::{Duration, Timestamp};

use crate::cli::time::minute;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `45 s`, `12 min`, `3 h 12 min`, `3 d 4 h`: what matters of a time.
pub(in crate::cli) fn spell(seconds: i64) -> String {
    let two = |whole: i64, name: &str, rest: i64, rest_name: &str| match rest {
        0 => format!("{whole} {name}"),
        rest => format!("{whole} {name} {rest} {rest_name}"),
    };
    match seconds {
        ..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..=DAY => two(seconds / HOUR, "h", seconds % HOUR / MINUTE, "min"),
        _ => two(seconds / DAY, "d", seconds % DAY / HOUR, "h"),
    }
}

pub(in crate::cli) fn seconds(duration: Option<&Duration>) -> i64 {
    duration.map_or(0, |duration| duration.seconds)
}

/// What is owed.
pub(in crate::cli) fn owed(obligation: &Obligation) -> &'static str {
    match obligation.kind() {
        Kind::FirstReply => "first reply",
        Kind::NextReply => "next reply",
        Kind::Resolution => "resolution",
        Kind::ProgressUpdate => "progress update",
        Kind::Unspecified => "something",
    }
}

/// What time is left, or how it ended.
pub(in crate::cli) fn standing(obligation: &Obligation, as_of: &Timestamp) -> String {
    match obligation.state() {
        State::Open => left(obligation, as_of),
        State::AnsweredInTime => "answered in time".to_owned(),
        State::AnsweredLate => "answered late".to_owned(),
        State::ClosedUnanswered => "closed unanswered".to_owned(),
        State::Excluded => "excluded".to_owned(),
        State::Unspecified => "unknown".to_owned(),
    }
}

/// What time is left of an open one.
pub(in crate::cli) fn left(obligation: &Obligation, as_of: &Timestamp) -> String {
    let Some(due_at) = &obligation.due_at else {
        return "paused".to_owned();
    };
    let until = |instant: &Timestamp| {
        let nanos = Instant::from(instant).since(as_of);
        (
            nanos,
            i64::try_from(nanos / 1_000_000_000).unwrap_or_default(),
        )
    };
    if let (0.., seconds) = until(due_at) {
        return format!("{} left", spell(seconds));
    }
    match &obligation.in_time_until {
        // What is owed by a closing may be done until the next opening.
        Some(in_time_until) if until(in_time_until).0 >= 0 => {
            format!("in time until {}", minute(in_time_until))
        }
        Some(in_time_until) => format!("overdue by {}", spell(-until(in_time_until).1)),
        None => "in time".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spelled_by_what_matters() {
        let told = [0, 59, 60, 3_599, 3_600, 11_520, 86_400, 86_401, 273_600];
        let expected = [
            "0 s",
            "59 s",
            "1 min",
            "59 min",
            "1 h",
            "3 h 12 min",
            "24 h",
            "1 d",
            "3 d 4 h",
        ];
        assert_eq!(told.map(spell), expected);
    }

    #[test]
    fn the_deadline_itself_is_in_time() {
        let at = |seconds| Timestamp { seconds, nanos: 0 };
        let owed = |due_at| Obligation {
            state: State::Open.into(),
            due_at,
            in_time_until: due_at,
            ..Obligation::default()
        };
        assert_eq!(standing(&owed(Some(at(60))), &at(60)), "0 s left");
        assert_eq!(standing(&owed(Some(at(60))), &at(61)), "overdue by 1 s");
        assert_eq!(standing(&owed(None), &at(61)), "paused");
        let at_closing = Obligation {
            in_time_until: Some(at(120)),
            ..owed(Some(at(60)))
        };
        let until = "in time until 1970-01-01 00:02";
        assert_eq!(standing(&at_closing, &at(61)), until);
        assert_eq!(standing(&at_closing, &at(120)), until);
        assert_eq!(standing(&at_closing, &at(121)), "overdue by 1 s");
    }
}
