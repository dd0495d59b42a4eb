//! Deadlines in closed time: a budget spent exactly at its deadline is in time, in states, levels and notices.

use std::sync::Arc;

use jiff::Timestamp;
use ownerline_projections::calendar::{BudgetClock, Calendar};
use ownerline_projections::obligation::Cause;
use ownerline_projections::obligation::{
    ItemState, Keeping, NoticeKind, Publications, State, levels, notices_due,
};
use ownerline_proto::v1::CalendarPolicy;
use ownerline_proto::v1::calendar_policy::Interval;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::touchpoints::*;

/// Eight hours from Monday to Friday, eight to four.
pub(crate) fn office_hours(hours: i64) -> Rules {
    let weekly = (0..5).map(|day| Interval {
        from_minute: day * 1_440 + 8 * 60,
        until_minute: day * 1_440 + 16 * 60,
    });
    let calendar = Calendar::new(&CalendarPolicy {
        zone: "UTC".to_owned(),
        weekly: weekly.collect(),
        exceptions: Vec::new(),
    });
    let mut owed = term(Kind::FirstReply, hours);
    owed.clock = BudgetClock::Business(Arc::new(calendar.unwrap()));
    rules(vec![owed])
}

/// Whole hours since the epoch.
fn hour(instant: &str) -> i64 {
    let instant: Timestamp = instant.parse().unwrap();
    instant.as_second() / 3_600
}

/// The opening on Friday.
fn friday() -> i64 {
    hour("2025-01-10T08:00:00Z")
}

fn monday() -> i64 {
    hour("2025-01-13T08:00:00Z")
}

#[test]
fn a_reply_in_closed_time_right_after_the_deadline_is_in_time() {
    let answered = |replied: i64| {
        let touchpoints = [received(friday()), reply("r", replied)];
        first(&by(&office_hours(8), &touchpoints, monday() + 100)).outcome
    };
    let saturday = answered(hour("2025-01-11T12:00:00Z"));
    assert_eq!(saturday.spent, i128::from(8 * HOUR));
    assert_eq!(saturday.state, State::AnsweredInTime);
    assert_eq!(saturday.due_at, Some(hour("2025-01-10T16:00:00Z") * HOUR));
    assert_eq!(saturday.in_time_until, Some(monday() * HOUR));
    assert_eq!(answered(monday()).state, State::AnsweredInTime);
    assert_eq!(answered(monday() + 1).state, State::AnsweredLate);
}

#[test]
fn feedback_received_in_closed_time_is_due_at_a_closing_and_may_be_answered_until_the_opening() {
    let received_at = hour("2025-03-03T07:00:00Z");
    let touchpoints = [received(received_at), reply("r", received_at + 11)];
    let outcome = first(&by(&office_hours(8), &touchpoints, received_at + 25)).outcome;
    assert_eq!(
        (outcome.state, outcome.spent),
        (State::AnsweredInTime, i128::from(8 * HOUR))
    );
    let open = first(&by(&office_hours(8), &touchpoints[..1], received_at + 24)).outcome;
    assert_eq!((open.state, open.is_due()), (State::Open, false));
    let missed = first(&by(&office_hours(8), &touchpoints[..1], received_at + 26)).outcome;
    assert!(missed.is_due());
}

#[test]
fn knowledge_in_closed_time_right_after_the_deadline_is_in_time() {
    let touchpoints = [
        received(friday()),
        reply("r", friday() + 2).arrived(monday()),
    ];
    let outcome = first(&by(&office_hours(8), &touchpoints, monday() + 100)).outcome;
    assert_eq!(outcome.in_time_as_known, Some(true));
}

struct Nothing;

impl Publications for Nothing {
    fn publication(&self, _: &str, _: i32) -> Option<Cause> {
        None
    }
}

/// Whether a breach is due at an hour, and when the clock-keeper looks next.
fn breached(touchpoints: &[FeedbackTouchpoint], hour: i64) -> (bool, Option<i64>) {
    let rules = office_hours(8);
    let keeping = Keeping {
        in_force: &rules,
        publications: &Nothing,
        since: 0,
        now: hour * HOUR,
    };
    let kept = notices_due(&folded(touchpoints).item("f").unwrap(), &keeping);
    let breach = kept
        .notices
        .iter()
        .any(|it| it.event == NoticeKind::Breached);
    (breach, kept.next)
}

#[test]
fn the_breach_is_recorded_when_business_opens_again() {
    let touchpoints = [received(friday())];
    let opens = Some(monday() * HOUR + 1);
    assert_eq!(breached(&touchpoints, friday() + 9), (false, opens));
    assert_eq!(breached(&touchpoints, monday()), (false, opens));
    assert_eq!(breached(&touchpoints, monday() + 1), (true, None));
    let answered = [received(friday()), reply("r", friday() + 30)];
    assert!(!breached(&answered, monday() + 1).0);
}

#[test]
fn the_level_of_the_breach_is_the_last_instant_in_time_and_warnings_come_when_their_share_is_used_up()
 {
    let rules = office_hours(16);
    let item = folded(&[received(friday())]).item("f").unwrap();
    let state = ItemState::at(&item, &rules, friday() * HOUR);
    let levels = levels(&item, first(&state), &rules.0.terms[0]);
    let at: Vec<_> = levels
        .iter()
        .map(|level| level.at.unwrap() / HOUR)
        .collect();
    // Half of it is used up when it closes on Friday.
    assert_eq!(
        at,
        [friday() + 8, monday() + 4, monday() + 6, monday() + 24]
    );
    assert_eq!(first(&state).outcome.due_at, Some((monday() + 8) * HOUR));
}
