//! Questions to the service, and its refusals.

use ownerline_proto::time;
use ownerline_proto::v1::get_response_times_request::GroupBy;
use ownerline_proto::v1::known_at::At;
use ownerline_proto::v1::sla_policy::Obligation;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Actor, CalendarPolicy, DealerReplied, GetResponseTimesRequest, KnownAt, ResponseTimeFilter,
    SlaPolicy, Touchpoint, actor, calendar_policy, dealer_replied,
};
use pbjson_types::Duration;
use tonic::Code;

use super::{ask, total};
use crate::support::{NOW, Server, feedback, pairs, violations};

const HOUR: i64 = 3_600;

fn at(seconds: i64) -> pbjson_types::Timestamp {
    time::timestamp(seconds * 1_000_000_000)
}

/// A reply to feedback `{id}`, by a person of a dealer.
fn reply(id: &str, seconds: i64, dealer: &str) -> Touchpoint {
    let mut reply = feedback("owner-1", id, seconds);
    reply.id = format!("{id}/reply");
    reply.actor = Some(Actor {
        id: format!("{dealer}~amy"),
        kind: actor::Kind::Human.into(),
        dealer_id: dealer.to_owned(),
        ..Actor::default()
    });
    reply.payload = Some(Payload::DealerReplied(DealerReplied {
        kind: dealer_replied::Kind::Human.into(),
        visible_to_owner: true,
        text: "We are sorry.".to_owned(),
        ..DealerReplied::default()
    }));
    reply
}

/// Three items: answered after 2 h, answered after 20 h by another dealer, open for 30 h.
async fn told() -> Server {
    let server = Server::start().await;
    server
        .import(vec![
            feedback("owner-1", "a", NOW),
            feedback("owner-1", "b", NOW),
            feedback("owner-2", "c", NOW),
            reply("a", NOW + 2 * HOUR, "dealer-1"),
            reply("b", NOW + 20 * HOUR, "dealer-2"),
        ])
        .await;
    server
}

fn asking() -> GetResponseTimesRequest {
    GetResponseTimesRequest {
        as_of: Some(at(NOW + 30 * HOUR)),
        ..GetResponseTimesRequest::default()
    }
}

fn owing(hours: i64, calendar: &str) -> Option<SlaPolicy> {
    Some(SlaPolicy {
        obligations: vec![Obligation {
            kind: Kind::FirstReply.into(),
            budget_seconds: hours * HOUR,
            calendar: calendar.to_owned(),
            ..Obligation::default()
        }],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_published_together_in_total_and_by_group() {
    let server = told().await;
    let request = GetResponseTimesRequest {
        group_by: GroupBy::Responder.into(),
        ..asking()
    };
    let answer = ask(&server, request).await.unwrap();
    let all = total(&answer);
    assert_eq!(
        [all.received, all.due, all.answered, all.in_time],
        [3, 3, 2, 2]
    );
    assert_eq!(
        [all.open, all.open_beyond_target, all.answered_by_others],
        [1, 1, 1]
    );
    let keys: Vec<_> = answer.groups.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["", "dealer-1~amy", "dealer-2~amy"]);
    assert_eq!(answer.as_of, asking().as_of);
    assert!(!answer.stale);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_what_if_policy_is_applied_and_nothing_is_stored() {
    let server = told().await;
    let head = server.head().await;
    let shorter = GetResponseTimesRequest {
        what_if: owing(12, ""),
        ..asking()
    };
    let answer = ask(&server, shorter).await.unwrap();
    assert_eq!([total(&answer).in_time, total(&answer).due], [1, 3]);
    // NOW is a Tuesday, 22:13:20 UTC: two hours a day from 8 h on Wednesday.
    let hours = CalendarPolicy {
        zone: "UTC".to_owned(),
        weekly: vec![calendar_policy::Interval {
            from_minute: 2 * 1_440 + 8 * 60,
            until_minute: 2 * 1_440 + 10 * 60,
        }],
        exceptions: Vec::new(),
    };
    let open_hours = GetResponseTimesRequest {
        what_if: owing(1, "any"),
        what_if_calendar: Some(hours),
        ..asking()
    };
    let answer = ask(&server, open_hours).await.unwrap();
    assert_eq!([total(&answer).in_time, total(&answer).due], [1, 3]);
    assert_eq!(total(&answer).oldest_open.unwrap().seconds, 2 * HOUR);
    let as_before = ask(&server, asking()).await.unwrap();
    assert_eq!(total(&as_before).in_time, 2);
    assert_eq!(server.head().await, head);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn known_at_answers_as_it_was_known() {
    let server = Server::start().await;
    server.import(vec![feedback("owner-1", "a", NOW)]).await;
    let then = server.head().await;
    server
        .import(vec![reply("a", NOW + HOUR, "dealer-1")])
        .await;
    let request = GetResponseTimesRequest {
        known_at: Some(KnownAt {
            at: Some(At::Position(then)),
        }),
        ..asking()
    };
    let answer = ask(&server, request).await.unwrap();
    assert_eq!([total(&answer).answered, total(&answer).open], [0, 1]);
    let answer = ask(&server, asking()).await.unwrap();
    assert_eq!([total(&answer).answered, total(&answer).open], [1, 0]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_violation_of_a_question_is_reported_at_once() {
    let server = Server::start().await;
    let request = GetResponseTimesRequest {
        filter: Some(ResponseTimeFilter {
            dealer_id: "no dealer".to_owned(),
            from: Some(at(NOW)),
            until: Some(at(NOW)),
            ..ResponseTimeFilter::default()
        }),
        what_if_calendar: Some(CalendarPolicy {
            zone: "UTC".to_owned(),
            ..CalendarPolicy::default()
        }),
        incidence_at: [-1, 315_576_000_001, i64::MAX]
            .map(|seconds| Duration { seconds, nanos: 0 })
            .to_vec(),
        ..GetResponseTimesRequest::default()
    };
    let refused = ask(&server, request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let found = violations(&refused);
    for expected in pairs(&[
        ("filter.dealer_id", "CHARACTERS"),
        ("filter.until", "RANGE"),
        ("incidence_at[0]", "RANGE"),
        ("incidence_at[1]", "RANGE"),
        ("incidence_at[2]", "RANGE"),
        ("what_if_calendar", "DISAGREES"),
    ]) {
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_period_is_reported_once_and_dates_are_ascending() {
    let server = Server::start().await;
    let dates = |from: &str, until: &str| GetResponseTimesRequest {
        filter: Some(ResponseTimeFilter {
            from_date: from.to_owned(),
            until_date: until.to_owned(),
            ..ResponseTimeFilter::default()
        }),
        ..asking()
    };
    let refused = ask(&server, dates("2023-11-14", "2023-11-14")).await;
    let expected = pairs(&[("filter.until_date", "RANGE")]);
    assert_eq!(violations(&refused.unwrap_err()), expected);
    let mut twice = dates("2023-11-14", "");
    twice.filter.as_mut().unwrap().from = Some(at(NOW));
    let refused = ask(&server, twice).await.unwrap_err();
    let expected = pairs(&[("filter.from_date", "DISAGREES")]);
    assert_eq!(violations(&refused), expected);
    server.import(vec![feedback("owner-1", "a", NOW)]).await;
    // NOW is 14 November 2023 in UTC.
    let received = async |from: &str, until: &str| {
        let answer = ask(&server, dates(from, until)).await.unwrap();
        total(&answer).received
    };
    assert_eq!(received("2023-11-14", "2023-11-15").await, 1);
    assert_eq!(received("2023-11-15", "").await, 0);
    assert_eq!(received("", "2023-11-14").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supposed_policy_that_cannot_be_used_is_refused_by_its_own_paths() {
    let server = Server::start().await;
    let unknown = GetResponseTimesRequest {
        what_if: owing(12, "no-such-calendar"),
        ..asking()
    };
    let refused = ask(&server, unknown).await.unwrap_err();
    let expected = [("what_if.obligations[0].calendar", "UNKNOWN_VALUE")];
    assert_eq!(violations(&refused), pairs(&expected));
    let nothing = GetResponseTimesRequest {
        what_if: Some(SlaPolicy::default()),
        ..asking()
    };
    let refused = ask(&server, nothing).await.unwrap_err();
    let found = violations(&refused);
    let expected = pairs(&[("what_if.obligations", "REQUIRED")]);
    assert!(expected.iter().all(|it| found.contains(it)), "{found:?}");
    server.stop().await;
}
