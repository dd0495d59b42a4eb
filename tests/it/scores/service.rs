//! Questions to the service, and its refusals.

use ownerline_proto::time;
use ownerline_proto::v1::funnel_position::Standing;
use ownerline_proto::v1::get_scores_request::GroupBy;
use ownerline_proto::v1::known_at::At;
use ownerline_proto::v1::score_figure::NoShrunken;
use ownerline_proto::v1::{GetScoresRequest, KnownAt, ScoreFilter};
use tonic::Code;

use super::{answers, ask, delivered, scores, total};
use crate::support::{NOW, Server, feedback, pairs, violations};

fn at(seconds: i64) -> pbjson_types::Timestamp {
    time::timestamp(seconds * 1_000_000_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_published_together_in_total_and_by_group() {
    let server = Server::start().await;
    let mut told = answers("dealer-1", &[10; 40]);
    told.extend(answers("dealer-2", &[2; 40]));
    told.extend(answers("dealer-3", &[10; 5]));
    // Nobody answers this one.
    told.push(delivered(&feedback("owner-1", "silent", NOW)));
    server.import(told).await;
    let request = GetScoresRequest {
        group_by: GroupBy::Dealer.into(),
        as_of: Some(at(NOW + 60)),
        at_least: server.head().await,
        ..GetScoresRequest::default()
    };
    let answer = ask(&server, request.clone()).await.unwrap();
    let all = total(&answer);
    let nps = scores(all).nps.as_ref().unwrap();
    assert_eq!((all.received, nps.n), (85, 85));
    // 45 promoters, 40 detractors, rounded to 1e-6.
    assert_eq!(nps.point, Some(5.882_353));
    assert!(nps.shrunken.is_none());
    let asked = all.invitations.as_ref().unwrap();
    assert_eq!(
        (asked.delivered, asked.answered, asked.unanswered),
        (86, 85, 1)
    );
    let keys: Vec<_> = answer.groups.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["dealer-1", "dealer-2", "dealer-3"]);
    let group = |at: usize| {
        let results = answer.groups[at].results.as_ref().unwrap();
        scores(results).nps.as_ref().unwrap()
    };
    let standing = |at: usize| group(at).funnel.as_ref().unwrap().standing();
    assert_eq!(standing(0), Standing::FarAbove);
    assert_eq!(standing(1), Standing::FarBelow);
    assert_eq!((group(2).n, group(2).point, group(2).low), (5, None, None));
    assert!(group(2).shrunken.is_none() && group(2).funnel.is_none());
    assert_eq!(group(2).no_shrunken(), NoShrunken::FewAnswers);
    assert_eq!(group(0).no_shrunken(), NoShrunken::FewGroups);
    assert_eq!(answer.as_of, request.as_of);
    assert!(!answer.stale && !answer.groups_cut);

    // A filter narrows what is shown, not what it is compared with.
    let filter = ScoreFilter {
        dealer_id: "dealer-3".to_owned(),
        ..ScoreFilter::default()
    };
    let one = GetScoresRequest {
        filter: Some(filter),
        ..request
    };
    let one = ask(&server, one).await.unwrap();
    assert_eq!(one.groups, answer.groups[2..]);
    assert_eq!(total(&one).received, 5);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn known_at_answers_as_it_was_known() {
    let server = Server::start().await;
    server.import(answers("dealer-1", &[9; 3])).await;
    let then = server.head().await;
    server.import(answers("dealer-2", &[9; 4])).await;
    let now = GetScoresRequest {
        at_least: server.head().await,
        ..GetScoresRequest::default()
    };
    assert_eq!(total(&ask(&server, now).await.unwrap()).received, 7);
    let known = GetScoresRequest {
        known_at: Some(KnownAt {
            at: Some(At::Position(then.clone())),
        }),
        ..GetScoresRequest::default()
    };
    let answer = ask(&server, known).await.unwrap();
    assert_eq!((total(&answer).received, &answer.position), (3, &then));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_violation_of_a_question_is_reported_at_once() {
    let server = Server::start().await;
    let request = GetScoresRequest {
        filter: Some(ScoreFilter {
            market: "no market".to_owned(),
            dealer_id: "no dealer".to_owned(),
            survey: "no survey".to_owned(),
            model: "a\nb".to_owned(),
            from: Some(at(NOW)),
            until: Some(at(NOW)),
            from_date: "2025-02-30".to_owned(),
            until_date: "2025-01-01".to_owned(),
        }),
        group_by: 17,
        known_at: Some(KnownAt { at: None }),
        at_least: "nonsense".to_owned(),
        ..GetScoresRequest::default()
    };
    let refused = ask(&server, request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let expected = pairs(&[
        ("at_least", "FORMAT"),
        ("filter.dealer_id", "CHARACTERS"),
        ("filter.from_date", "FORMAT"),
        ("filter.market", "CHARACTERS"),
        ("filter.model", "CHARACTERS"),
        ("filter.survey", "CHARACTERS"),
        ("filter.until", "RANGE"),
        ("filter.until_date", "DISAGREES"),
        ("group_by", "UNKNOWN_VALUE"),
        ("known_at.at", "REQUIRED"),
    ]);
    assert_eq!(violations(&refused), expected);
    server.stop().await;
}
