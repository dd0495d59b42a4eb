//! Scores over whole histories: rebuilt, in another order or stopped earlier they say the same.

use std::fs;

use ownerline_proto::time;
use ownerline_proto::v1::get_scores_request::GroupBy;
use ownerline_proto::v1::{GetScoresRequest, GetScoresResponse, KnownAt, known_at::At};

use super::{ask, figures, scores, total};
use crate::generated::{history, history_of};
use crate::remote::Remote;
use crate::support::{Dice, Server};

/// 2026-01-01, when everything generated has been reported; and half a year before.
const UNTIL: i64 = 1_767_225_600;
const BEFORE: i64 = 1_751_328_000;

const GROUPS: [GroupBy; 6] = [
    GroupBy::Unspecified,
    GroupBy::Dealer,
    GroupBy::Market,
    GroupBy::Model,
    GroupBy::Survey,
    GroupBy::Month,
];

async fn answers(remote: &Remote, known_at: Option<KnownAt>) -> Vec<GetScoresResponse> {
    let at_least = remote.head().await;
    let mut answers = Vec::new();
    for group_by in GROUPS {
        for as_of in [BEFORE, UNTIL] {
            let request = GetScoresRequest {
                group_by: group_by.into(),
                as_of: Some(time::timestamp(as_of * 1_000_000_000)),
                at_least: at_least.clone(),
                known_at: known_at.clone(),
                ..GetScoresRequest::default()
            };
            answers.push(figures(ask(remote, request).await.unwrap()));
        }
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_are_the_same_in_any_order_and_after_deleted_views() {
    let mut history = history_of(80, 5);
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_in(data.path()).await;
    server.import(history.clone()).await;
    let expected = answers(&server, None).await;
    server.stop().await;
    for answer in &expected {
        let n = |it| scores(it).nps.as_ref().unwrap().n;
        assert!(n(total(answer)) >= 10, "{:?}", total(answer));
        if !answer.groups.is_empty() {
            let groups = answer.groups.iter().filter_map(|it| it.results.as_ref());
            assert_eq!(groups.map(n).sum::<u64>(), n(total(answer)));
        }
    }

    fs::remove_dir_all(data.path().join("views")).unwrap();
    let server = Server::start_in(data.path()).await;
    assert_eq!(answers(&server, None).await, expected);
    server.stop().await;

    Dice(8).shuffle(&mut history);
    let server = Server::start().await;
    server.import(history).await;
    assert_eq!(answers(&server, None).await, expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_as_known_then_are_those_of_a_server_that_stopped_there() {
    let history = history(6);
    let server = Server::start().await;
    server.import(history.clone()).await;
    let head = server.head().await;
    let mut dice = Dice(6);
    for _ in 0..3 {
        let position = history.len() / 3 + dice.below(history.len() / 2);
        let stopped = Server::start().await;
        stopped.import(history[..position].to_vec()).await;
        let known = At::Position(format!("{}-{position:016x}", &head[..8]));
        let known = answers(&server, Some(KnownAt { at: Some(known) })).await;
        assert_eq!(known, answers(&stopped, None).await, "at {position}");
        stopped.stop().await;
    }
    server.stop().await;
}
