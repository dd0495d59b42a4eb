//! Scores over whole histories: they add up, a model that is asked about is the model in force, and what is
//! kept, rebuilt or stopped earlier says the same.

use std::fs;

use ownerline_proto::v1::projection_service_client::ProjectionServiceClient;
use ownerline_proto::v1::{
    GetOwnerAdvocacyRequest, GetOwnerAdvocacyResponse, KnownAt, RebuildProjectionRequest, known_at,
};
use prost::Message as _;

use super::{ask, at, live_through, said, shipped};
use crate::generated::{history, history_of, owners};
use crate::real_data::{TOUCHPOINTS, helpdesk};
use crate::remote::Remote;
use crate::support::{Dice, Server};

/// 2026-01-01, when everything generated has been reported.
const UNTIL: i64 = 1_767_225_600;

/// Every answer about every owner.
async fn everybody(
    remote: &Remote,
    owners: &[String],
    as_of: i64,
    at_least: &str,
) -> Vec<GetOwnerAdvocacyResponse> {
    let mut answers = Vec::new();
    for owner in owners {
        answers.push(ask(remote, at(owner, as_of, at_least)).await.unwrap());
    }
    answers
}

fn adds_up(answer: &GetOwnerAdvocacyResponse) {
    let names: Vec<i32> = answer.components.iter().map(|it| it.component).collect();
    assert_eq!(names, [1, 2, 3, 4, 5]);
    let Some(score) = answer.score else {
        assert_eq!(answer.confidence, 0.0);
        return;
    };
    let mut sum = 50.0;
    for component in &answer.components {
        sum += component.prior_share;
        sum += component
            .contributions
            .iter()
            .map(|it| it.share)
            .sum::<f64>();
    }
    assert!((sum - score).abs() < 1e-6, "{sum} is not {score}");
    assert!((0.0..=100.0).contains(&score));
    assert!(answer.confidence > 0.0 && answer.confidence <= 1.0);
}

async fn rebuild(remote: &Remote, name: &str) {
    let mut client = ProjectionServiceClient::new(remote.channel());
    let names = vec![name.to_owned()];
    let request = RebuildProjectionRequest { names };
    let mut answers = client
        .rebuild_projection(request)
        .await
        .unwrap()
        .into_inner();
    let mut done = false;
    while let Some(answer) = answers.message().await.unwrap() {
        done = answer.done;
    }
    assert!(done);
}

fn encoded(answers: &[GetOwnerAdvocacyResponse]) -> Vec<Vec<u8>> {
    answers.iter().map(|it| it.encode_to_vec()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_add_up_and_are_the_same_byte_for_byte_however_they_come_about() {
    let data = tempfile::tempdir().unwrap();
    let history = history_of(80, 5);
    let owners = owners(&history);
    live_through(data.path(), &history, 1).await;
    let server = Server::start_in(data.path()).await;
    let head = server.head().await;
    let answers = everybody(&server, &owners, UNTIL, &head).await;
    let (mut scored, mut evidence, mut expected, mut hits) = (0, 0, 0, 0);
    for answer in &answers {
        adds_up(answer);
        assert_eq!(answer.means_at.unwrap().seconds, UNTIL);
        scored += usize::from(answer.score.is_some());
        expected += usize::from(answer.expectation.is_some());
        let all = answer.components.iter().flat_map(|it| &it.contributions);
        evidence += all.clone().count();
        hits += all.filter(|it| it.theme.is_some()).count();
    }
    println!("{scored} scores of {evidence} pieces, {hits} themes, {expected} expectations");
    assert!(
        scored >= 10 && evidence >= 50 && hits > 0,
        "{scored} {evidence} {hits}"
    );
    let means: Vec<f64> = answers[0]
        .components
        .iter()
        .map(|it| it.brand_mean)
        .collect();
    assert!(means.iter().all(|mean| *mean != 0.0), "{means:?}");

    let model = shipped(&server).await;
    for (owner, answer) in owners.iter().zip(&answers) {
        let request = GetOwnerAdvocacyRequest {
            model: Some(model.clone()),
            ..at(owner, UNTIL, "")
        };
        let what_if = ask(&server, request).await.unwrap();
        assert_eq!(what_if.scoring.as_ref().unwrap().name, "");
        assert_eq!(
            said(what_if).encode_to_vec(),
            said(answer.clone()).encode_to_vec()
        );
    }
    rebuild(&server, "advocacy").await;
    let rebuilt = everybody(&server, &owners, UNTIL, &head).await;
    assert_eq!(encoded(&rebuilt), encoded(&answers));
    server.stop().await;

    fs::remove_dir_all(data.path().join("views")).unwrap();
    let server = Server::start_in(data.path()).await;
    let anew = everybody(&server, &owners, UNTIL, &head).await;
    assert_eq!(encoded(&anew), encoded(&answers));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_score_as_known_then_is_that_of_a_server_that_stopped_there() {
    let whole = tempfile::tempdir().unwrap();
    let history = history(6);
    let owners = owners(&history);
    live_through(whole.path(), &history, 1).await;
    let server = Server::start_in(whole.path()).await;
    let head = server.head().await;
    let mut dice = Dice(6);
    let mut scored = 0;
    for _ in 0..3 {
        let position = history.len() / 3 + dice.below(history.len() / 2);
        let stopped = tempfile::tempdir().unwrap();
        live_through(stopped.path(), &history[..position], 1).await;
        let prefix = Server::start_in(stopped.path()).await;
        let at_least = prefix.head().await;
        for owner in &owners {
            let known = known_at::At::Position(format!("{}-{position:016x}", &head[..8]));
            let then = GetOwnerAdvocacyRequest {
                known_at: Some(KnownAt { at: Some(known) }),
                ..at(owner, UNTIL, &head)
            };
            // The month of the mean is that of the position, on a server whose clock went on, too.
            let known = known_at::At::Position(at_least.clone());
            let only = GetOwnerAdvocacyRequest {
                known_at: Some(KnownAt { at: Some(known) }),
                ..at(owner, UNTIL, &at_least)
            };
            match (ask(&server, then).await, ask(&prefix, only).await) {
                (Ok(then), Ok(only)) => {
                    adds_up(&then);
                    scored += usize::from(then.score.is_some());
                    assert_eq!(said(then), said(only), "{owner} at {position}");
                }
                (then, only) => assert_eq!(
                    then.map_err(|error| error.code()),
                    only.map_err(|error| error.code()),
                    "{owner} at {position}"
                ),
            }
        }
        prefix.stop().await;
    }
    assert!(scored > 15, "{scored}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_data_that_tells_of_no_evidence_has_no_scores_before_and_after_a_rebuild() {
    let Some(touchpoints) = helpdesk() else {
        return;
    };
    // All of it was reported by then; the months between are lived through.
    const AS_OF: i64 = 1_400_000_000;
    let data = tempfile::tempdir().unwrap();
    let owners: Vec<String> = owners(&touchpoints).into_iter().step_by(7).collect();
    let mut reported = touchpoints;
    reported.sort_by_key(|it| it.received_at.or(it.occurred_at).map(|at| time_of(&at)));
    live_through(data.path(), &reported, 256).await;
    let server = Server::start_in(data.path()).await;
    let head = server.head().await;
    assert_eq!(
        u64::from_str_radix(&head[9..], 16).unwrap(),
        TOUCHPOINTS as u64
    );
    let answers = everybody(&server, &owners, AS_OF, &head).await;
    // Nobody was asked for a number there, and nobody's words or promises are told: that is no 50.
    for answer in &answers {
        adds_up(answer);
        assert_eq!(answer.score, None);
        assert!(
            answer
                .components
                .iter()
                .all(|it| it.contributions.is_empty())
        );
    }
    rebuild(&server, "advocacy").await;
    let rebuilt = everybody(&server, &owners, AS_OF, &head).await;
    assert_eq!(encoded(&rebuilt), encoded(&answers));
    server.stop().await;
}

fn time_of(at: &pbjson_types::Timestamp) -> i64 {
    ownerline_proto::time::nanos_clamped(at)
}
