//! Questions to the service, and its refusals.

use ownerline_proto::v1::known_at::At;
use ownerline_proto::v1::{GetLoyaltyRequest, GetLoyaltyResponse, KnownAt, LoyaltyFilter};
use pbjson_types::Duration;
use tonic::Code;

use super::{DAY, ask, at, leased_again, two_owners};
use crate::generated::history_of;
use crate::support::{Dice, NOW, Server, pairs, violations};

fn asking() -> GetLoyaltyRequest {
    GetLoyaltyRequest {
        as_of: Some(at(NOW)),
        ..GetLoyaltyRequest::default()
    }
}

/// Same-brand returns leased, spells not over.
fn leased_and_open(answer: &GetLoyaltyResponse) -> (u64, u64) {
    let total = answer.total.as_ref().unwrap();
    (total.same_brand_leased, total.open)
}

#[tokio::test(flavor = "multi_thread")]
async fn loyalty_is_answered_as_it_was_and_as_it_was_known() {
    let server = Server::start().await;
    server.import(two_owners()).await;
    let then = server.head().await;
    server.import(vec![leased_again(-100, "ann")]).await;
    let now = ask(&server, asking()).await.unwrap();
    assert_eq!(leased_and_open(&now), (1, 2));
    assert_eq!((now.as_of, now.stale), (asking().as_of, false));
    assert_eq!(now.position, server.head().await);
    assert_eq!(now.groups[0].make, "Halden");
    let curve = &now.groups[0].loyalty.as_ref().unwrap().curve;
    assert_eq!(curve.len(), 10);
    assert_eq!(curve[0].at.unwrap().seconds, 366 * DAY);
    let before = GetLoyaltyRequest {
        as_of: Some(at(NOW - 101 * DAY)),
        ..GetLoyaltyRequest::default()
    };
    assert_eq!(
        leased_and_open(&ask(&server, before).await.unwrap()),
        (0, 2)
    );
    let known = GetLoyaltyRequest {
        known_at: Some(KnownAt {
            at: Some(At::Position(then.clone())),
        }),
        ..asking()
    };
    let known = ask(&server, known).await.unwrap();
    assert_eq!(leased_and_open(&known), (0, 2));
    assert_eq!(known.position, then);
    let lengths = GetLoyaltyRequest {
        lengths: [1_400, 30, 30].map(days).to_vec(),
        ..asking()
    };
    let found = ask(&server, lengths).await.unwrap();
    let curve = &found.total.unwrap().curve;
    let read: Vec<_> = curve
        .iter()
        .map(|it| (it.at.unwrap().seconds / DAY, it.at_risk))
        .collect();
    assert_eq!(read, [(30, 3), (1_400, 1)]);
    server.stop().await;
}

fn days(days: i64) -> Duration {
    Duration {
        seconds: days * DAY,
        nanos: 0,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_violation_of_a_question_is_reported_at_once() {
    let server = Server::start().await;
    let request = GetLoyaltyRequest {
        filter: Some(LoyaltyFilter {
            make: "a\nb".to_owned(),
            market: "no market".to_owned(),
            from: Some(at(NOW)),
            until: Some(at(NOW)),
        }),
        lengths: vec![
            days(1),
            days(0),
            days(-3),
            Duration {
                seconds: 90_000,
                nanos: 0,
            },
            // A day more than a duration of protobuf can be.
            days(3_652_501),
        ],
        at_least: String::new(),
        known_at: Some(KnownAt {
            at: Some(At::Position("nonsense".to_owned())),
        }),
        ..asking()
    };
    let refused = ask(&server, request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let found = violations(&refused);
    assert_eq!(
        found,
        pairs(&[
            ("filter.make", "CHARACTERS"),
            ("filter.market", "CHARACTERS"),
            ("known_at.position", "FORMAT"),
            ("filter.until", "RANGE"),
            ("lengths[1]", "RANGE"),
            ("lengths[2]", "RANGE"),
            ("lengths[3]", "RANGE"),
            ("lengths[4]", "RANGE"),
        ])
    );
    let many = GetLoyaltyRequest {
        lengths: (1..=51).map(days).collect(),
        ..asking()
    };
    let refused = ask(&server, many).await.unwrap_err();
    let found = violations(&refused);
    assert!(
        found.iter().any(|(field, _)| field == "lengths"),
        "{found:?}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_histories_give_one_answer_in_any_order_and_as_known_then() {
    let figures = |mut answer: GetLoyaltyResponse| {
        answer.position.clear();
        answer
    };
    let mut history = history_of(40, 5);
    let server = Server::start().await;
    let (first, rest) = history.split_at(history.len() / 2);
    server.import(first.to_vec()).await;
    let then = server.head().await;
    let asking = GetLoyaltyRequest {
        // The end of the generated period.
        as_of: Some(at(1_767_225_600)),
        ..GetLoyaltyRequest::default()
    };
    let stopped_there = figures(ask(&server, asking.clone()).await.unwrap());
    server.import(rest.to_vec()).await;
    let now = figures(ask(&server, asking.clone()).await.unwrap());
    let total = now.total.as_ref().unwrap();
    assert!(total.open > 30 && total.returned > 3, "{total:?}");
    assert!(!now.earned_growth.as_ref().unwrap().currencies.is_empty());
    let known_at = Some(KnownAt {
        at: Some(At::Position(then)),
    });
    let known = GetLoyaltyRequest {
        known_at,
        ..asking.clone()
    };
    assert_eq!(figures(ask(&server, known).await.unwrap()), stopped_there);
    Dice(7).shuffle(&mut history);
    let other = Server::start().await;
    other.import(history).await;
    assert_eq!(figures(ask(&other, asking).await.unwrap()), now);
    server.stop().await;
    other.stop().await;
}
