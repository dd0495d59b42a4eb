//! What cases owe, in the inbox of their dealer and in the log.

use ownerline_proto::v1::get_response_times_request::GroupBy;
use ownerline_proto::v1::obligation::{Flag, State};
use ownerline_proto::v1::obligation_change::Change;
use ownerline_proto::v1::response_time_service_client::ResponseTimeServiceClient;
use ownerline_proto::v1::sla_policy::Obligation as Rule;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Actor, CaseOpened, CaseReassigned, CommitmentBroken, CommitmentMade, GetResponseTimesRequest,
    ListObligationsRequest, ListObligationsResponse, Obligation, ObligationFilter,
    ProgressUpdateSent, ResponseTimeFilter, SlaPolicy, Subjects, SubscribeRequest, Touchpoint,
    WatchObligationsRequest, actor,
};

use super::told::*;
use crate::process::Served;
use crate::remote::Remote;
use crate::support::Server;

const DAY: i64 = 86_400;

/// Something that an advocate does in case `c-1`.
fn in_case(id: &str, seconds: i64, payload: Payload) -> Touchpoint {
    Touchpoint {
        subjects: Some(Subjects {
            case_id: "c-1".to_owned(),
            ..Subjects::default()
        }),
        actor: Some(Actor {
            id: "advocate-1".to_owned(),
            kind: actor::Kind::Human.into(),
            ..Actor::default()
        }),
        ..told("", id, seconds, payload)
    }
}

fn opened(seconds: i64) -> Touchpoint {
    let mut opened = in_case("open", seconds, Payload::CaseOpened(CaseOpened::default()));
    let subjects = opened.subjects.get_or_insert_default();
    subjects.owner_id = "owner-1".to_owned();
    subjects.dealer_id = "dealer-1".to_owned();
    opened
}

fn promised(id: &str, seconds: i64, due: i64) -> Touchpoint {
    let made = CommitmentMade {
        commitment_id: "a-call".to_owned(),
        due_at: Some(at(due)),
        ..CommitmentMade::default()
    };
    in_case(id, seconds, Payload::CommitmentMade(made))
}

fn owed(answer: &ListObligationsResponse) -> Vec<(Kind, &Obligation)> {
    let owed = answer
        .items
        .iter()
        .map(|it| it.obligation.as_ref().unwrap());
    owed.map(|it| (it.kind(), it)).collect()
}

fn kinds(answer: &ListObligationsResponse) -> Vec<Kind> {
    owed(answer).into_iter().map(|(kind, _)| kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_in_the_inbox_of_its_dealer_and_moves_with_it() {
    let server = Server::start().await;
    let start = now_seconds() - 10;
    server.record(opened(start)).await.unwrap();
    server.record(said("1", start)).await.unwrap();
    let made = promised("promise", start, start + DAY / 2);
    let made = server.record(made).await.unwrap();
    let all = list(&server, inbox("dealer-1", &made.position)).await;
    // Feedback owes no outcome by the policy that ships.
    let expected = [
        Kind::Commitment,
        Kind::FirstReply,
        Kind::Acknowledgement,
        Kind::ProgressUpdate,
        Kind::Resolution,
    ];
    let mut found = kinds(&all);
    found.sort_by_key(|kind| expected.iter().position(|it| it == kind));
    assert_eq!(found, expected);
    let promise = all.items[0].clone();
    assert_eq!(promise.owner_id, "owner-1");
    let promise = promise.obligation.unwrap();
    let named = (promise.case_id.as_str(), promise.subject_id.as_str());
    assert_eq!(named, ("c-1", "a-call"));
    assert!(promise.feedback_id.is_empty());
    assert_eq!(promise.budget.unwrap().seconds, DAY / 2);

    let update = ProgressUpdateSent::default();
    let update = in_case("news", start + 1, Payload::ProgressUpdateSent(update));
    server.record(update).await.unwrap();
    let broken = Payload::CommitmentBroken(CommitmentBroken {
        commitment_id: "a-call".to_owned(),
    });
    let broken = in_case("broken", start + 2, broken);
    server.record(broken).await.unwrap();
    let moved = CaseReassigned {
        to_dealer_id: "dealer-2".to_owned(),
        ..CaseReassigned::default()
    };
    let moved = in_case("moved", start + 3, Payload::CaseReassigned(moved));
    let moved = server.record(moved).await.unwrap();
    let there = list(&server, inbox("dealer-2", &moved.position)).await;
    assert_eq!(kinds(&there), [Kind::ProgressUpdate, Kind::Resolution]);
    let of = |kind: Kind| ListObligationsRequest {
        filter: Some(ObligationFilter {
            kinds: vec![kind.into()],
            states: vec![State::ClosedUnanswered.into(), State::AnsweredInTime.into()],
            ..ObligationFilter::default()
        }),
        ..inbox("dealer-1", "")
    };
    let missed = list(&server, of(Kind::Commitment)).await;
    let (_, missed) = owed(&missed)[0];
    assert_eq!(missed.state(), State::ClosedUnanswered);
    assert_eq!(missed.flags().collect::<Vec<_>>(), [Flag::Broken]);
    let met = list(&server, of(Kind::Acknowledgement)).await;
    let (_, met) = owed(&met)[0];
    assert_eq!(met.answered_by.as_ref().unwrap().id, "news");
    assert_eq!(met.responder_id, "advocate-1");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_says_what_a_case_owes_and_what_it_does_not_owe_any_more() {
    let server = Server::start().await;
    let start = now_seconds() - 10;
    let begun = server.record(opened(start)).await.unwrap();
    let request = WatchObligationsRequest {
        dealer_id: "dealer-1".to_owned(),
        at_least: begun.position,
        ..WatchObligationsRequest::default()
    };
    let opened = client(&server).watch_obligations(request).await.unwrap();
    let mut answers = opened.into_inner();
    let first = answers.message().await.unwrap().unwrap();
    assert_eq!(first.changes.len(), 3);
    let news = Payload::ProgressUpdateSent(ProgressUpdateSent::default());
    server
        .record(in_case("news", start + 1, news))
        .await
        .unwrap();
    let mut changes = Vec::new();
    while changes.len() < 3 {
        let answer = answers.message().await.unwrap().unwrap();
        changes.extend(answer.changes.into_iter().filter_map(|it| it.change));
    }
    // The acknowledgement and the update are met, and the next update is owed.
    let gone = changes.iter().filter(|it| matches!(it, Change::Removed(_)));
    assert_eq!(gone.count(), 2);
    let added = changes.iter().find_map(|it| match it {
        Change::Added(item) => item.obligation.clone(),
        _ => None,
    });
    assert_eq!(added.unwrap().opened_by.unwrap().id, "news");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn response_times_are_counted_by_kind_of_obligation() {
    let server = Server::start().await;
    let start = now_seconds() - 10;
    server.record(opened(start)).await.unwrap();
    let news = Payload::ProgressUpdateSent(ProgressUpdateSent::default());
    let news = in_case("news", start + 5, news);
    let position = server.record(news).await.unwrap().position;
    let times = async |kind: Kind| {
        let request = GetResponseTimesRequest {
            kind: kind.into(),
            at_least: position.clone(),
            group_by: GroupBy::Responder.into(),
            filter: Some(ResponseTimeFilter {
                dealer_id: "dealer-1".to_owned(),
                ..ResponseTimeFilter::default()
            }),
            ..GetResponseTimesRequest::default()
        };
        let mut client = ResponseTimeServiceClient::new(server.channel());
        let answer = client.get_response_times(request).await.unwrap();
        let answer = answer.into_inner();
        let groups = answer.groups.into_iter().map(|it| it.key).collect();
        (answer.total.unwrap(), groups)
    };
    let (updates, responders): (_, Vec<String>) = times(Kind::ProgressUpdate).await;
    assert_eq!(
        (updates.received, updates.answered, updates.open),
        (2, 1, 1)
    );
    assert_eq!(updates.target.unwrap().seconds, 7 * DAY);
    assert_eq!(responders, ["", "advocate-1"]);
    let (acknowledged, _) = times(Kind::Acknowledgement).await;
    assert_eq!((acknowledged.in_time, acknowledged.due), (1, 1));
    let (tasks, _) = times(Kind::Task).await;
    assert_eq!(tasks.received, 0);
    server.stop().await;
}

/// An acknowledgement within a second, and promises by their dates.
fn at_once() -> SlaPolicy {
    let rule = |kind: Kind, budget_seconds| Rule {
        kind: kind.into(),
        budget_seconds,
        ..Rule::default()
    };
    SlaPolicy {
        obligations: vec![rule(Kind::Acknowledgement, 1), rule(Kind::Commitment, 0)],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_keeper_records_breaches_in_the_stream_of_the_case() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start_with(directory.path(), &[("OWNERLINE_KEEPER_ENABLED", "true")]);
    let remote = served.remote().await;
    publish(&remote, at_once()).await;
    let start = now_seconds();
    remote.record(opened(start)).await.unwrap();
    let made = promised("promise", start, start + 1);
    remote.record(made).await.unwrap();
    let position = until_breached(&remote, &[Kind::Acknowledgement, Kind::Commitment]).await;
    let listed = list(&remote, inbox("dealer-1", &position)).await;
    let mut found = kinds(&listed);
    found.sort();
    assert_eq!(found, [Kind::Acknowledgement, Kind::Commitment]);
    for (kind, owed) in owed(&listed) {
        let breach = owed.levels.last().unwrap();
        assert!(breach.issued.is_some(), "{kind:?}");
    }
    assert_eq!(served.terminate(), Some(0));
}

/// Follows the log until every kind is breached, and returns the position of the last breach.
async fn until_breached(remote: &Remote, kinds: &[Kind]) -> String {
    let request = SubscribeRequest::default();
    let opened = remote.touchpoints().subscribe(request).await.unwrap();
    let mut answers = opened.into_inner();
    let mut breached = Vec::new();
    loop {
        let answer = answers.message().await.unwrap().expect("it goes on");
        let Some(Item::Batch(batch)) = answer.item else {
            continue;
        };
        for recorded in batch.touchpoints {
            let touchpoint = recorded.touchpoint.unwrap();
            if let Some(Payload::ObligationBreached(breach)) = touchpoint.payload {
                assert_eq!(touchpoint.subjects.unwrap().case_id, "c-1");
                breached.push(breach.kind());
            }
            if kinds.iter().all(|kind| breached.contains(kind)) {
                return recorded.position;
            }
        }
    }
}
