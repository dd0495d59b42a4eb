//! Months and periods: civil dates of a question are read in the zone of the dealer an item counts for.

use jiff::civil::Date;
use ownerline_projections::civil::Period;

use super::*;
use crate::feedback::touchpoints::*;

/// Hours of 1970 at which months begin, in UTC.
const FEBRUARY: i64 = 31 * 24;
const MARCH: i64 = FEBRUARY + 28 * 24;

fn item(id: &str, hour: i64, dealer: &str) -> FeedbackTouchpoint {
    let mut touchpoints = received(hour).of(id).at_dealer(dealer);
    touchpoints.touchpoint.id = id.to_owned();
    touchpoints
}

fn ask(touchpoints: &[FeedbackTouchpoint], scope: Scope, group_by: Option<GroupBy>) -> Figures {
    let asking = Asking {
        scope,
        group_by,
        as_of: MARCH * 2 * HOUR,
    };
    let (network, rules, folded) = (network(), default_rules(), folded(touchpoints));
    let question = asking.question(&rules, &network);
    let kept = published(counted(&folded, question, true, Part::WHOLE, None));
    let read = published(counted(&folded, question, false, Part::WHOLE, None));
    assert_eq!(kept, read);
    kept
}

fn february(dealer_id: Option<&str>) -> Scope {
    Scope {
        dealer_id: dealer_id.map(str::to_owned),
        period: Period {
            from_date: Some(Date::constant(1970, 2, 1)),
            until_date: Some(Date::constant(1970, 3, 1)),
            ..Period::default()
        },
        ..Scope::default()
    }
}

fn keys(figures: &Figures) -> Vec<(&str, u64)> {
    let groups = figures.1.iter();
    let received = |group: &ResponseTimeGroup| group.times.as_ref().unwrap().received;
    groups.map(|it| (it.key.as_str(), received(it))).collect()
}

/// Dealer d1 is in Tokyo, nine hours ahead.
fn around_the_month() -> [FeedbackTouchpoint; 4] {
    [
        item("a", FEBRUARY - 10, "d1"),
        item("b", FEBRUARY - 9, "d1"),
        item("c", MARCH - 10, "d1"),
        item("d", MARCH - 9, "d1"),
    ]
}

#[test]
fn a_month_asked_for_by_dates_is_the_month_of_the_groups() {
    let touchpoints = around_the_month();
    let all = ask(&touchpoints, Scope::default(), Some(GroupBy::Month));
    assert_eq!(keys(&all), [("1970-01", 1), ("1970-02", 2), ("1970-03", 1)]);
    for dealer in [None, Some("d1")] {
        let month = ask(&touchpoints, february(dealer), Some(GroupBy::Month));
        assert_eq!(keys(&month), [("1970-02", 2)]);
        assert_eq!(month.0.received, 2);
    }
}

#[test]
fn an_item_without_a_dealer_or_zone_is_in_the_month_of_utc() {
    let touchpoints = [
        item("a", FEBRUARY - 1, ""),
        item("b", FEBRUARY, "d9"),
        item("c", MARCH - 1, ""),
        item("d", MARCH, ""),
    ];
    assert_eq!(ask(&touchpoints, february(None), None).0.received, 2);
}

#[test]
fn instants_are_instants_whatever_the_zone() {
    let scope = Scope {
        period: Period {
            from: Some(FEBRUARY * HOUR),
            until: Some(MARCH * HOUR),
            ..Period::default()
        },
        ..Scope::default()
    };
    let found = ask(&around_the_month(), scope, Some(GroupBy::Month));
    assert_eq!(keys(&found), [("1970-02", 1), ("1970-03", 1)]);
}

#[test]
fn the_time_that_a_former_dealer_had_an_item_is_in_the_month_of_the_item() {
    // Received on the last evening of January in New York, by d1 of Tokyo, who gave it to d2 of New York.
    let touchpoints = [
        item("a", FEBRUARY - 2, "d1"),
        reassigned("m", FEBRUARY + 1, "d2").of("a"),
        reply("r", FEBRUARY + 3).by("bob", "d2").of("a"),
    ];
    let scope = Scope {
        dealer_id: Some("d1".to_owned()),
        ..Scope::default()
    };
    let of_first = ask(&touchpoints, scope, Some(GroupBy::Month));
    let waited = |times: &ResponseTimes| times.waited.unwrap().seconds / 3_600;
    assert_eq!(keys(&of_first), [("1970-01", 0)]);
    assert_eq!(waited(&of_first.0), 3);
    assert_eq!(waited(&ask(&touchpoints, february(Some("d1")), None).0), 0);
}

#[test]
fn a_correction_moves_an_item_into_no_other_month() {
    let mut corrected = item("a2", FEBRUARY - 50, "d9").arrived(MARCH + 5);
    corrected.touchpoint.subjects.as_mut().unwrap().feedback_id = "a".to_owned();
    let touchpoints = [item("a", FEBRUARY - 50, "d9"), corrected.correcting("a")];
    let found = ask(&touchpoints, Scope::default(), Some(GroupBy::Month));
    assert_eq!(keys(&found), [("1970-01", 1)]);
}

#[test]
fn times_are_summed_before_they_are_rounded() {
    let mut touchpoints = vec![item("a", 0, "d2"), item("b", 0, "d3")];
    for (id, of) in [("ra", "a"), ("rb", "b")] {
        let mut reply = reply(id, 0).of(of);
        reply.occurred_at += 500_000_000;
        touchpoints.push(reply);
    }
    let (total, groups, _) = ask(&touchpoints, Scope::default(), Some(GroupBy::Dealer));
    let waited = |times: &ResponseTimes| {
        let waited = times.waited.unwrap();
        waited.seconds * 1_000_000_000 + i64::from(waited.nanos)
    };
    let sum: i64 = groups
        .iter()
        .map(|it| waited(it.times.as_ref().unwrap()))
        .sum();
    assert_eq!((waited(&total), sum), (1_000_000_000, 1_000_000_000));
}
