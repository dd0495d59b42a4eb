//! Questions about scores: who is unknown, who has no evidence, which model is applied, which is none.

use ownerline_proto::v1::advocacy_observed;
use ownerline_proto::v1::lexicon_policy::Theme;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::policy_service_client::PolicyServiceClient;
use ownerline_proto::v1::scoring_policy::Parameter;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocacyModel, AdvocacyObserved, GetOwnerAdvocacyRequest, LexiconPolicy, OwnerRegistered,
    PolicyPublished, PublishPolicyRequest, Scope, ScoringPolicy, Subjects, Touchpoint,
};
use ownerline_proto::{time, v1::ReferralMade};
use tonic::Code;

use super::{ask, at};
use crate::support::{NOW, Server, feedback, pairs, reason, violations};

/// A touchpoint of an owner's own stream.
fn of_owner(owner: &str, id: &str, seconds: i64, payload: Payload) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//crm".to_owned(),
        occurred_at: Some(time::timestamp(seconds * 1_000_000_000)),
        subjects: Some(Subjects {
            owner_id: owner.to_owned(),
            ..Subjects::default()
        }),
        payload: Some(payload),
        ..Touchpoint::default()
    }
}

fn registered(owner: &str, market: &str) -> Touchpoint {
    let registered = OwnerRegistered {
        market: market.to_owned(),
        ..OwnerRegistered::default()
    };
    of_owner(
        owner,
        &format!("registered-{owner}"),
        NOW,
        Payload::OwnerRegistered(registered),
    )
}

fn referral(owner: &str) -> Touchpoint {
    let made = ReferralMade {
        referee_ref: "friend-1".to_owned(),
        ..ReferralMade::default()
    };
    of_owner(
        owner,
        &format!("referral-{owner}"),
        NOW,
        Payload::ReferralMade(made),
    )
}

pub(super) fn only(component: &str) -> ScoringPolicy {
    ScoringPolicy {
        weights: vec![Parameter {
            name: component.to_owned(),
            value: 1.0,
        }],
        k: 3.0,
        ..ScoringPolicy::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_owner_is_not_found_and_one_without_evidence_has_no_score() {
    let server = Server::start().await;
    let recorded = server.record(registered("owner-1", "GB")).await.unwrap();
    let unknown = ask(&server, at("owner-9", NOW, &recorded.position)).await;
    assert_eq!(unknown.unwrap_err().code(), Code::NotFound);
    let answer = ask(&server, at("owner-1", NOW, &recorded.position))
        .await
        .unwrap();
    assert_eq!((answer.score, answer.confidence), (None, 0.0));
    assert_eq!(answer.components.len(), 5);
    assert_eq!(answer.owner_ids, ["owner-1"]);
    assert_eq!(
        answer.means_at, None,
        "everything was recorded after the instant asked for"
    );
    let with = server.record(referral("owner-1")).await.unwrap();
    let answer = ask(&server, at("owner-1", NOW, &with.position))
        .await
        .unwrap();
    // w · r · x of one referral alone, pulled towards a mean of 0: W = 1, k = 3.
    assert_eq!(answer.score, Some(62.5));
    assert_eq!(answer.confidence, 0.0875);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_if_is_answered_by_the_model_of_the_question_and_stores_nothing() {
    let server = Server::start().await;
    server.record(referral("owner-1")).await.unwrap();
    let mut words = feedback("owner-1", "1", NOW);
    if let Some(Payload::FeedbackReceived(received)) = &mut words.payload {
        received.score = Some(0);
        received.verbatim = "The loaner smelled of dogs. Nobody was friendly.".to_owned();
    }
    let recorded = server.record(words).await.unwrap();
    let head = server.head().await;
    let in_force = ask(&server, at("owner-1", NOW, &recorded.position))
        .await
        .unwrap();
    let survey = GetOwnerAdvocacyRequest {
        model: Some(AdvocacyModel {
            scoring: Some(only("survey")),
            lexicon: None,
        }),
        ..at("owner-1", NOW, "")
    };
    let survey = ask(&server, survey).await.unwrap();
    assert_eq!(
        survey.score,
        Some(50.0 - 50.0 / 4.0),
        "one answer of 0 against k = 3"
    );
    assert_eq!(survey.lexicon, in_force.lexicon);
    assert_eq!(survey.scoring.unwrap().name, "");
    let smell = Theme {
        name: "smell".to_owned(),
        words: vec!["smelled".to_owned()],
        sign: -1,
    };
    let lexicon = GetOwnerAdvocacyRequest {
        model: Some(AdvocacyModel {
            scoring: None,
            lexicon: Some(LexiconPolicy {
                themes: vec![smell],
            }),
        }),
        ..at("owner-1", NOW, "")
    };
    let words = |answer: ownerline_proto::v1::GetOwnerAdvocacyResponse| -> Vec<String> {
        let found = answer.components[2].contributions.iter();
        found.map(|it| it.theme.clone().unwrap().words).collect()
    };
    assert_eq!(words(in_force.clone()), ["Nobody was friendly"]);
    assert_eq!(words(ask(&server, lexicon).await.unwrap()), ["smelled"]);
    assert_eq!(server.head().await, head);
    let again = ask(&server, at("owner-1", NOW, "")).await.unwrap();
    assert_eq!(again, in_force);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_violation_of_a_model_is_reported_at_once() {
    let server = Server::start().await;
    let mut scoring = only("luck");
    scoring.k = -1.0;
    let theme = Theme {
        name: "smell".to_owned(),
        words: Vec::new(),
        sign: 0,
    };
    let request = GetOwnerAdvocacyRequest {
        owner_id: String::new(),
        model: Some(AdvocacyModel {
            scoring: Some(scoring),
            lexicon: Some(LexiconPolicy {
                themes: vec![theme],
            }),
        }),
        ..GetOwnerAdvocacyRequest::default()
    };
    let refused = ask(&server, request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(reason(&refused), "MALFORMED_REQUEST");
    let expected = [
        ("model.lexicon.themes[0].sign", "RANGE"),
        ("model.lexicon.themes[0].words", "REQUIRED"),
        ("model.scoring.k", "RANGE"),
        ("model.scoring.weights[0].name", "UNKNOWN_VALUE"),
        ("owner_id", "REQUIRED"),
    ];
    assert_eq!(violations(&refused), pairs(&expected));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_of_a_market_is_applied_to_its_owners_only() {
    let server = Server::start().await;
    for touchpoint in [
        registered("owner-1", "GB"),
        referral("owner-1"),
        registered("owner-2", "DE"),
        referral("owner-2"),
    ] {
        server.record(touchpoint).await.unwrap();
    }
    let request = PublishPolicyRequest {
        source: "//rules".to_owned(),
        id: "1".to_owned(),
        policy: Some(PolicyPublished {
            name: "scoring-gb".to_owned(),
            kind: Kind::Scoring.into(),
            scope: Some(Scope {
                market: "GB".to_owned(),
                ..Scope::default()
            }),
            effective_from: Some(time::timestamp((NOW - 100) * 1_000_000_000)),
            body: Some(Body::Scoring(only("advocacy"))),
            ..PolicyPublished::default()
        }),
        occurred_at: Some(time::timestamp((NOW - 100) * 1_000_000_000)),
        ..PublishPolicyRequest::default()
    };
    let mut client = PolicyServiceClient::new(server.channel());
    let published = client.publish_policy(request).await.unwrap().into_inner();
    let mut found = Vec::new();
    for owner in ["owner-1", "owner-2"] {
        let answer = ask(&server, at(owner, NOW, &published.position))
            .await
            .unwrap();
        let scoring = answer.scoring.unwrap();
        let confidence = answer.confidence;
        found.push((scoring.name, scoring.version, confidence));
    }
    let expected = [
        ("scoring-gb".to_owned(), 1, 0.25),
        ("scoring".to_owned(), 0, 0.0875),
    ];
    assert_eq!(found, expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn touchpoints_after_as_of_do_not_count_yet() {
    let server = Server::start().await;
    server.record(referral("owner-1")).await.unwrap();
    let story = AdvocacyObserved {
        kind: advocacy_observed::Kind::Negative.into(),
        ..AdvocacyObserved::default()
    };
    let told = of_owner(
        "owner-1",
        "story",
        NOW + 86_400,
        Payload::AdvocacyObserved(story),
    );
    let recorded = server.record(told).await.unwrap();
    let before = ask(&server, at("owner-1", NOW, &recorded.position))
        .await
        .unwrap();
    assert_eq!(before.score, Some(62.5));
    let after = ask(&server, at("owner-1", NOW + 86_400, "")).await.unwrap();
    assert!(after.score.unwrap() < 50.01, "{:?}", after.score);
    assert!(after.confidence > before.confidence);
    server.stop().await;
}
