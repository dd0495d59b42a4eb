//! Items and inboxes as they are, as they were, and as they were known.

use ownerline_proto::v1::obligation::{Flag, State};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    FeedbackClosed, GetFeedbackRequest, KnownAt, ListObligationsRequest, ObligationFilter, known_at,
};
use tonic::Code;

use super::told::*;
use crate::support::{NOW, Server, reason};

const HOUR: i64 = 3_600;

#[tokio::test(flavor = "multi_thread")]
async fn an_item_shows_its_obligations_deadlines_and_outcomes() {
    let server = Server::start().await;
    let early = server
        .record(reply("1", "r", NOW + 2 * HOUR, "dealer-2"))
        .await
        .unwrap();
    let held = item(&server, ask("f-1", &early.position)).await;
    assert!(held.held && held.obligations.is_empty());
    assert_eq!(held.history.len(), 1);

    // Recorded live long after it happened: received then.
    let said = server.record(said("1", NOW)).await.unwrap();
    let found = item(&server, ask("f-1", &said.position)).await;
    assert_eq!(
        (found.held, found.owner_id.as_str(), found.score),
        (false, "owner-1", Some(9))
    );
    assert_eq!(found.verbatim, "They called before I had to ask.");
    let owed = &found.obligations[0];
    assert_eq!(owed.state(), State::AnsweredInTime);
    assert_eq!(
        (
            owed.responder_id.as_str(),
            owed.responder_dealer_id.as_str()
        ),
        ("agent-7", "dealer-2")
    );
    assert_eq!(owed.responsible_dealer_id, "dealer-1");
    assert_eq!((owed.policy.as_str(), owed.policy_version), ("sla", 0));
    assert_eq!(owed.budget.unwrap().seconds, 24 * HOUR);
    assert_eq!(owed.answered_by.as_ref().unwrap().id, "r");
    let flags: Vec<Flag> = owed.flags().collect();
    assert_eq!(flags, [Flag::ReplyFirst, Flag::ByOtherDealer]);
    let ids: Vec<_> = found.history.iter().map(id_of).collect();
    assert_eq!(ids, ["1", "r"], "in the order of the history");

    let unknown = get(&server, ask("f-2", "")).await.unwrap_err();
    assert_eq!(
        (unknown.code(), reason(&unknown).as_str()),
        (Code::NotFound, "NOT_FOUND")
    );
    let before = GetFeedbackRequest {
        known_at: Some(position(&early.position)),
        ..ask("f-1", "")
    };
    assert!(item(&server, before).await.held, "as it was known");
    server.stop().await;
}

fn id_of(entry: &ownerline_proto::v1::feedback::Entry) -> String {
    let recorded = entry.recorded.clone().unwrap();
    recorded.touchpoint.unwrap().id
}

fn position(position: &str) -> KnownAt {
    KnownAt {
        at: Some(known_at::At::Position(position.to_owned())),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_reply_opens_it_again_in_the_inbox() {
    let server = Server::start().await;
    let start = now_seconds() - 100;
    server.record(said("1", start)).await.unwrap();
    let answered = server
        .record(reply("1", "r", start + 5, "dealer-1"))
        .await
        .unwrap();
    assert_eq!(
        list(&server, inbox("dealer-1", &answered.position))
            .await
            .total,
        0
    );
    let gone = server
        .record(withdrawn("1", "w", start + 9, "r"))
        .await
        .unwrap();
    let open = list(&server, inbox("dealer-1", &gone.position)).await;
    assert_eq!(feedbacks(&open), ["f-1"]);
    let owed = open.items[0].obligation.clone().unwrap();
    assert_eq!(owed.flags().collect::<Vec<_>>(), [Flag::ReplyWithdrawn]);
    assert_eq!(owed.state(), State::Open);
    let found = item(&server, ask("f-1", "")).await;
    let idle: Vec<bool> = found.history.iter().map(|it| it.without_effect).collect();
    assert_eq!(idle, [false, true, false]);

    let known = ListObligationsRequest {
        known_at: Some(position(&answered.position)),
        ..inbox("dealer-1", "")
    };
    assert_eq!(list(&server, known).await.total, 0, "as it was known");
    let answered = ListObligationsRequest {
        filter: states(&[State::AnsweredInTime]),
        as_of: Some(at(start + 200)),
        known_at: Some(position(&answered.position)),
        ..inbox("dealer-1", "")
    };
    assert_eq!(feedbacks(&list(&server, answered).await), ["f-1"]);
    server.stop().await;
}

fn states(states: &[State]) -> Option<ObligationFilter> {
    Some(ObligationFilter {
        states: states.iter().map(|it| (*it).into()).collect(),
        ..ObligationFilter::default()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reassignment_moves_it_from_one_inbox_to_the_other() {
    let server = Server::start().await;
    let start = now_seconds() - 100;
    server.record(said("1", start)).await.unwrap();
    let moved = server
        .record(reassigned("1", "m", start + 50, "dealer-2"))
        .await
        .unwrap();
    let of = async |dealer: &str, as_of: Option<i64>| {
        let request = ListObligationsRequest {
            as_of: as_of.map(at),
            ..inbox(dealer, &moved.position)
        };
        list(&server, request).await.total
    };
    assert_eq!(
        (of("dealer-1", None).await, of("dealer-2", None).await),
        (0, 1)
    );
    let received = item(&server, ask("f-1", ""))
        .await
        .received_at
        .unwrap()
        .seconds;
    // Live feedback is received when it is recorded: the clock is known from then on.
    assert!(received >= start);
    let before = Some(start + 49);
    assert_eq!(
        (of("dealer-1", before).await, of("dealer-2", before).await),
        (1, 0)
    );
    let found = item(&server, ask("f-1", "")).await;
    assert_eq!(found.obligations[0].responsible_dealer_id, "dealer-2");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_if_answers_by_another_policy_and_stores_nothing() {
    let server = Server::start().await;
    let start = now_seconds() - 10_000;
    let import = |id: &str, seconds| said(id, seconds);
    server
        .import(vec![
            import("1", start),
            reply("1", "r", start + 50, "dealer-1"),
        ])
        .await;
    let head = server.head().await;
    let asked = GetFeedbackRequest {
        what_if: Some(within(20)),
        ..ask("f-1", &head)
    };
    let supposed = item(&server, asked).await.obligations.remove(0);
    assert_eq!(supposed.state(), State::AnsweredLate);
    assert_eq!((supposed.policy.as_str(), supposed.share), ("what_if", 2.5));
    assert_eq!(supposed.levels.len(), 2);
    let found = item(&server, ask("f-1", &head)).await.obligations.remove(0);
    assert_eq!(found.state(), State::AnsweredInTime);
    assert_eq!(server.head().await, head);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fast_inbox_of_now_equals_the_full_one_of_the_same_instant() {
    let server = Server::start().await;
    let start = now_seconds() - 30 * HOUR;
    let mut history = Vec::new();
    for number in 0..40 {
        let (of, seconds) = (format!("{number:02}"), start + number * HOUR / 2);
        history.push(said(&of, seconds));
        match number % 5 {
            0 => history.push(reply(&of, &format!("{of}r"), seconds + 60, "dealer-1")),
            1 => history.push(reassigned(&of, &format!("{of}m"), seconds + 70, "dealer-2")),
            2 => {
                let closed = Payload::FeedbackClosed(FeedbackClosed::default());
                history.push(told(&of, &format!("{of}c"), seconds + 80, closed));
            }
            _ => {}
        }
    }
    server.import(history).await;
    let head = server.head().await;
    for (dealer, expected) in [("dealer-1", 16), ("dealer-2", 8)] {
        let now = list_all(&server, inbox(dealer, &head)).await;
        assert_eq!(now.total, expected, "{dealer}");
        let due = |it: &ownerline_proto::v1::OwedItem| {
            let due = it.obligation.as_ref().unwrap().due_at.unwrap();
            (due.seconds, due.nanos)
        };
        assert!(now.items.is_sorted_by_key(due), "by due time");
        let again = ListObligationsRequest {
            as_of: now.as_of,
            known_at: Some(position(&now.position)),
            // Another state, so that everything is looked at.
            filter: states(&[State::Open, State::AnsweredInTime]),
            ..inbox(dealer, "")
        };
        let mut again = list_all(&server, again).await.items;
        again.retain(|it| it.obligation.as_ref().unwrap().state() == State::Open);
        assert_eq!(again, now.items);
    }
    server.stop().await;
}
