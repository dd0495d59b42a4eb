//! Obligations in words.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::Obligation;
use ownerline_proto::v1::obligation::State;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use pbjson_types::Timestamp;

use crate::cli::durations::in_two_units;
use crate::cli::time::minute;

/// The kind of an obligation.
pub(super) fn kind(obligation: &Obligation) -> &'static str {
    kind_in_words(obligation.kind())
}

/// A kind of obligation.
pub(in crate::cli) fn kind_in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::FirstReply => "first reply",
        Kind::NextReply => "next reply",
        Kind::Resolution => "resolution",
        Kind::ProgressUpdate => "progress update",
        Kind::Acknowledgement => "acknowledgement",
        Kind::Commitment => "promise",
        Kind::Task => "task",
        Kind::OrderProgress => "word on an order",
        Kind::AlertContact => "contact after an alert",
        Kind::Unspecified => "unknown",
    }
}

/// The time that is left for an obligation, or how it ended.
pub(super) fn state(obligation: &Obligation, as_of: &Timestamp) -> String {
    match obligation.state() {
        State::Open => time_left(obligation, as_of),
        State::AnsweredInTime => "answered in time".to_owned(),
        State::AnsweredLate => "answered late".to_owned(),
        State::ClosedUnanswered => "closed unanswered".to_owned(),
        State::Excluded => "excluded".to_owned(),
        State::Unspecified => "unknown".to_owned(),
    }
}

/// The time that is left for an open obligation.
pub(super) fn time_left(obligation: &Obligation, as_of: &Timestamp) -> String {
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
        return format!("{} left", in_two_units(seconds));
    }
    match &obligation.in_time_until {
        // Whoever must reply by closing time has until the next opening.
        Some(in_time_until) if until(in_time_until).0 >= 0 => {
            format!("in time until {}", minute(in_time_until))
        }
        Some(in_time_until) => format!("overdue by {}", in_two_units(-until(in_time_until).1)),
        None => "in time".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deadline_itself_is_in_time() {
        let at = |seconds| Timestamp { seconds, nanos: 0 };
        let owed = |due_at| Obligation {
            state: State::Open.into(),
            due_at,
            in_time_until: due_at,
            ..Obligation::default()
        };
        assert_eq!(state(&owed(Some(at(60))), &at(60)), "0 s left");
        assert_eq!(state(&owed(Some(at(60))), &at(61)), "overdue by 1 s");
        assert_eq!(state(&owed(None), &at(61)), "paused");
        let at_closing = Obligation {
            in_time_until: Some(at(120)),
            ..owed(Some(at(60)))
        };
        let until = "in time until 1970-01-01 00:02";
        assert_eq!(state(&at_closing, &at(61)), until);
        assert_eq!(state(&at_closing, &at(120)), until);
        assert_eq!(state(&at_closing, &at(121)), "overdue by 1 s");
    }
}
