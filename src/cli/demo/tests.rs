//! The journeys are valid touchpoints of the past, each named once.

use std::collections::BTreeSet;

use ownerline_proto::cloudevents::{from_line, to_line};
use ownerline_proto::kind::{of_encoded, subject};
use ownerline_proto::schema::{Limits, Schema};
use prost::Message as _;

use super::*;

const NOW: Timestamp = Timestamp {
    seconds: 1_750_000_000,
    nanos: 5,
};

fn all() -> Vec<Touchpoint> {
    journeys(NOW).into_iter().flatten().collect()
}

#[test]
fn every_touchpoint_keeps_every_rule_and_has_a_stream() {
    for touchpoint in all() {
        let encoded = touchpoint.encode_to_vec();
        let message = "ownerline.v1.Touchpoint";
        let checked = Schema::get().check(message, &encoded, "", Limits::default());
        assert_eq!(checked.violations, [], "{touchpoint:?}");
        let subjects = touchpoint.subjects.clone().unwrap_or_default();
        for agreement in checked.agreements {
            let said = subject(&subjects, &agreement.subject);
            assert_eq!(said, Some(&*agreement.value), "{touchpoint:?}");
        }
        let kind = of_encoded(&encoded).unwrap();
        kind.stream(&subjects, &encoded).unwrap();
        assert_eq!(
            from_line(&to_line(&touchpoint).unwrap()).unwrap(),
            touchpoint
        );
    }
}

#[test]
fn every_touchpoint_is_named_once_and_lies_within_eighteen_months() {
    let mut keys = BTreeSet::new();
    let earliest = NOW.seconds - 18 * 31 * 86_400;
    for touchpoint in all() {
        let at = touchpoint.occurred_at.unwrap().seconds;
        assert!((earliest..NOW.seconds).contains(&at), "{touchpoint:?}");
        assert!(keys.insert((touchpoint.source, touchpoint.id)));
    }
    assert!((60..=110).contains(&keys.len()), "{}", keys.len());
}

#[test]
fn a_journey_is_told_in_order_and_the_same_all_day() {
    for journey in journeys(NOW) {
        let times: Vec<i64> = journey
            .iter()
            .map(|it| it.occurred_at.unwrap().seconds)
            .collect();
        assert!(times.is_sorted(), "{:?}", journey[0].source);
    }
    let later = Timestamp {
        seconds: NOW.seconds + 60,
        nanos: 0,
    };
    assert_eq!(journeys(NOW), journeys(later));
}

#[test]
fn causes_are_touchpoints_of_the_same_journey() {
    for journey in journeys(NOW) {
        let ids: BTreeSet<&str> = journey.iter().map(|it| &*it.id).collect();
        for cause in journey.iter().filter_map(|it| it.causation.as_ref()) {
            assert!(ids.contains(&*cause.id));
        }
    }
}

#[test]
fn the_demo_says_how_to_ask_more() {
    let text =
        introduction("http://127.0.0.1:7431", 81) + &how_to_ask_more("http://127.0.0.1:7431");
    insta::assert_snapshot!(text);
}
