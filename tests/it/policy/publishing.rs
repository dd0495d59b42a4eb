//! Publishing: once for each request, one for each number, everything wrong at once.

use ownerline_proto::v1::expected_revision::Expectation;
use ownerline_proto::v1::get_policy_request::InForce;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::sla_policy::Obligation;
use ownerline_proto::v1::{
    ExpectedRevision, ListPoliciesRequest, PublishPolicyRequest, PublishPolicyResponse, Scope,
};
use tonic::Code;
use tonic_types::StatusExt as _;

use super::{at, in_force, list, publish, request, sla};
use crate::support::{NOW, Server, pairs, reason, violations};

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_answers_the_first_result_and_other_content_is_refused() {
    let server = Server::start().await;
    let asked = request("1", sla("sla", 60));
    let first = publish(&server, asked.clone()).await.unwrap();
    publish(&server, request("2", sla("sla", 120)))
        .await
        .unwrap();
    let again = publish(&server, asked.clone()).await.unwrap();
    let expected = PublishPolicyResponse {
        replayed: true,
        ..first.clone()
    };
    assert_eq!(again, expected, "though another version came since");
    let mut dry = asked.clone();
    dry.validate_only = true;
    assert_eq!(publish(&server, dry).await.unwrap(), expected);
    let other = publish(&server, request("1", sla("sla", 61)))
        .await
        .unwrap_err();
    assert_eq!(
        (other.code(), reason(&other).as_str()),
        (Code::AlreadyExists, "ID_REUSED")
    );
    server
        .record(crate::support::feedback("o", "f", NOW))
        .await
        .unwrap();
    let mut taken = request("f", sla("sla", 60));
    taken.source = "//test".to_owned();
    let taken = publish(&server, taken).await.unwrap_err();
    assert_eq!(reason(&taken), "ID_REUSED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_many_times_at_once_publishes_once() {
    let server = Server::start().await;
    // With a number of its own, an attempt that comes second finds it taken: by itself.
    for (id, version, expected) in [("1", 0, 1), ("2", 7, 7)] {
        let mut policy = sla("sla", 60);
        policy.version = version;
        let asked = request(id, policy);
        let attempts = (0..16).map(|_| publish(&server, asked.clone()));
        let answers = futures::future::join_all(attempts).await;
        let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert!(answers.iter().all(|it| it.version == expected));
        assert_eq!(answers.iter().filter(|it| !it.replayed).count(), 1);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_publishers_that_race_for_a_number_one_wins() {
    let server = Server::start().await;
    let ids: Vec<String> = (0..8).map(|number| number.to_string()).collect();
    let attempts = ids.iter().map(|id| {
        let mut policy = sla("sla", 60);
        policy.version = 5;
        publish(&server, request(id, policy))
    });
    let answers = futures::future::join_all(attempts).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    for refused in lost.into_iter().map(Result::unwrap_err) {
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert_eq!(reason(&refused), "POLICY_VERSION_EXISTS");
        let details = refused.get_error_details();
        assert_eq!(details.error_info().unwrap().metadata["next_version"], "6");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_why_and_publishes_nothing() {
    let server = Server::start().await;
    publish(&server, request("1", sla("sla", 60)))
        .await
        .unwrap();
    let mut calendar = sla("workshop", 60);
    if let Some(Body::Sla(sla)) = &mut calendar.body {
        sla.obligations[0].calendar = "nobody".to_owned();
    }
    let mut other = sla("survey", 60);
    other.version = 1;
    let mut stale = request("2", sla("sla", 60));
    stale.expected_revision = Some(ExpectedRevision {
        expectation: Some(Expectation::NoStream(true)),
    });
    for (request, expected) in [
        (request("2", calendar), "POLICY_UNKNOWN_CALENDAR"),
        (request("2", other), "POLICY_OTHER_KIND"),
        (stale, "WRONG_EXPECTED_REVISION"),
    ] {
        let mut dry = request.clone();
        dry.validate_only = true;
        let told = [publish(&server, dry).await, publish(&server, request).await];
        assert_eq!(
            told.map(|it| reason(&it.unwrap_err())),
            [expected, expected]
        );
    }
    let mut dry = request("3", sla("sla", 60));
    dry.validate_only = true;
    let dry = publish(&server, dry).await.unwrap();
    assert_eq!((dry.version, dry.position.as_str()), (2, ""));
    let of_name = ListPoliciesRequest {
        name: "sla".to_owned(),
        ..ListPoliciesRequest::default()
    };
    assert_eq!(list(&server, of_name).await.policies.len(), 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_violation_of_a_policy_is_reported_at_once_with_its_path() {
    let server = Server::start().await;
    let mut policy = sla("not a name", -1);
    policy.effective_from = None;
    policy.scope = Some(Scope {
        market: "GB".to_owned(),
        dealer_id: "d-1".to_owned(),
    });
    if let Some(Body::Sla(sla)) = &mut policy.body {
        sla.obligations.push(Obligation {
            warning_shares: vec![0.9, 0.5, 1.0],
            ..sla.obligations[0].clone()
        });
    }
    let refused = publish(
        &server,
        PublishPolicyRequest {
            id: String::new(),
            occurred_at: Some(at(4_000_000_000)),
            ..request("", policy)
        },
    )
    .await
    .unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let expected = [
        ("id", "REQUIRED"),
        ("occurred_at", "FUTURE"),
        ("policy.effective_from", "REQUIRED"),
        ("policy.name", "CHARACTERS"),
        ("policy.scope.market", "DISAGREES"),
        ("policy.sla.obligations[0].budget_seconds", "RANGE"),
        ("policy.sla.obligations[1].budget_seconds", "RANGE"),
        ("policy.sla.obligations[1].kind", "DISAGREES"),
        ("policy.sla.obligations[1].warning_shares[1]", "DISAGREES"),
        ("policy.sla.obligations[1].warning_shares[2]", "RANGE"),
    ];
    assert_eq!(violations(&refused), pairs(&expected));
    let refused = publish(&server, PublishPolicyRequest::default())
        .await
        .unwrap_err();
    let expected = [
        ("id", "REQUIRED"),
        ("policy", "REQUIRED"),
        ("source", "REQUIRED"),
    ];
    assert_eq!(violations(&refused), pairs(&expected));
    let refused = in_force(&server, InForce::default(), "").await.unwrap_err();
    assert_eq!(
        violations(&refused),
        pairs(&[("in_force.kind", "REQUIRED")])
    );
    server.stop().await;
}
