//! Policies through a whole server: published once, listed, found for somebody and an instant.

use std::fs;

use ownerline_proto::time;
use ownerline_proto::v1::expected_revision::Expectation;
use ownerline_proto::v1::get_policy_request::{InForce, Version, Which};
use ownerline_proto::v1::policy::Standing;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::policy_service_client::PolicyServiceClient;
use ownerline_proto::v1::sla_policy::Obligation;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CalendarPolicy, DealerRegistered, ExpectedRevision, GetPolicyRequest, GetPolicyResponse,
    KnownAt, ListPoliciesRequest, ListPoliciesResponse, PolicyPublished, PublishPolicyRequest,
    PublishPolicyResponse, Scope, SlaPolicy, Subjects, Touchpoint, TouchpointRef,
    TouchpointRetracted, known_at,
};
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::process::{Served, run, stderr, stdout};
use crate::remote::Remote;
use crate::support::{NOW, Server, pairs, reason, violations};

const SECOND: i64 = 1_000_000_000;

fn client(remote: &Remote) -> PolicyServiceClient<Channel> {
    PolicyServiceClient::new(remote.channel())
}

fn at(seconds: i64) -> pbjson_types::Timestamp {
    time::timestamp(seconds * SECOND)
}

/// An SLA whose budget says which it is.
fn sla(name: &str, budget: i64) -> PolicyPublished {
    PolicyPublished {
        name: name.to_owned(),
        kind: Kind::Sla.into(),
        effective_from: Some(at(NOW)),
        body: Some(Body::Sla(SlaPolicy {
            obligations: vec![Obligation {
                kind: Owed::FirstReply.into(),
                budget_seconds: budget,
                ..Obligation::default()
            }],
        })),
        ..PolicyPublished::default()
    }
}

fn request(id: &str, policy: PolicyPublished) -> PublishPolicyRequest {
    PublishPolicyRequest {
        source: "//rules".to_owned(),
        id: id.to_owned(),
        policy: Some(policy),
        ..PublishPolicyRequest::default()
    }
}

async fn publish(
    remote: &Remote,
    request: PublishPolicyRequest,
) -> Result<PublishPolicyResponse, Status> {
    Ok(client(remote).publish_policy(request).await?.into_inner())
}

async fn list(remote: &Remote, request: ListPoliciesRequest) -> ListPoliciesResponse {
    client(remote)
        .list_policies(request)
        .await
        .unwrap()
        .into_inner()
}

async fn in_force(
    remote: &Remote,
    in_force: InForce,
    at_least: &str,
) -> Result<GetPolicyResponse, Status> {
    let request = GetPolicyRequest {
        which: Some(Which::InForce(in_force)),
        at_least: at_least.to_owned(),
        ..GetPolicyRequest::default()
    };
    Ok(client(remote).get_policy(request).await?.into_inner())
}

fn of_sla(dealer: &str, start: i64) -> InForce {
    InForce {
        kind: Kind::Sla.into(),
        scope: Some(Scope {
            dealer_id: dealer.to_owned(),
            ..Scope::default()
        }),
        start: Some(at(start)),
        ..InForce::default()
    }
}

/// name@version of an answer.
fn called(answer: &GetPolicyResponse) -> String {
    let published = answer.policy.as_ref().unwrap().published.as_ref().unwrap();
    format!("{}@{}", published.name, published.version)
}

fn reported(id: &str, policy: PolicyPublished) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//another".to_owned(),
        occurred_at: Some(at(NOW)),
        payload: Some(Payload::PolicyPublished(policy)),
        ..Touchpoint::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_is_in_force_and_listed_also_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_in(directory.path()).await;
    let before = in_force(&server, of_sla("d-1", NOW), "").await.unwrap();
    assert_eq!(called(&before), "sla@0");
    assert!(before.policy.unwrap().shipped);

    let dealer = Touchpoint {
        id: "d".to_owned(),
        source: "//crm".to_owned(),
        occurred_at: Some(at(NOW - 10)),
        subjects: Some(Subjects {
            dealer_id: "d-1".to_owned(),
            ..Subjects::default()
        }),
        payload: Some(Payload::DealerRegistered(DealerRegistered {
            market: "GB".to_owned(),
            ..DealerRegistered::default()
        })),
        ..Touchpoint::default()
    };
    server.record(dealer).await.unwrap();
    let mut market = sla("gb", 3_600);
    market.scope = Some(Scope {
        market: "GB".to_owned(),
        ..Scope::default()
    });
    let first = publish(&server, request("1", market)).await.unwrap();
    assert_eq!(
        (first.name.as_str(), first.version, first.revision),
        ("gb", 1, 0)
    );
    assert_eq!(first.stream, "policy-gb");
    let second = publish(&server, request("2", sla("sla", 60)))
        .await
        .unwrap();
    assert_eq!(second.version, 1);

    let of_dealer = in_force(&server, of_sla("d-1", NOW), &second.position)
        .await
        .unwrap();
    assert_eq!(
        (called(&of_dealer), of_dealer.market.as_str()),
        ("gb@1".to_owned(), "GB")
    );
    assert!(of_dealer.position >= second.position);
    let of_other = in_force(&server, of_sla("d-2", NOW), "").await.unwrap();
    assert_eq!(called(&of_other), "sla@1");
    let earlier = in_force(&server, of_sla("d-1", NOW - 1), "").await.unwrap();
    assert_eq!(called(&earlier), "sla@0");

    let all = list(&server, ListPoliciesRequest::default()).await;
    assert_eq!(all.policies.len(), 10);
    server.stop().await;
    let server = Server::start_in(directory.path()).await;
    let again = ListPoliciesRequest {
        at_least: all.position.clone(),
        as_of: all.as_of,
        ..ListPoliciesRequest::default()
    };
    assert_eq!(list(&server, again).await, all);
    server.stop().await;
}

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
    let attempts = (0..8).map(|_| publish(&server, request("1", sla("sla", 60))));
    let answers = futures::future::join_all(attempts).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|it| it.version == 1 && it.revision == 0));
    assert_eq!(answers.iter().filter(|it| !it.replayed).count(), 1);
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
async fn what_is_refused_says_why_and_publishes_nothing() {
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
async fn everything_wrong_with_a_policy_is_told_at_once_with_its_path() {
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

#[tokio::test(flavor = "multi_thread")]
async fn reported_policies_are_taken_listed_with_their_faults_and_displace_nothing() {
    let server = Server::start().await;
    let first = publish(&server, request("1", sla("sla", 60)))
        .await
        .unwrap();
    // As the clock of this server stands behind what tests call now, this is told as of before.
    let mut twin = reported(
        "twin",
        PolicyPublished {
            version: 1,
            ..sla("sla", 61)
        },
    );
    twin.occurred_at = None;
    assert_eq!(
        server.record(twin.clone()).await.unwrap_err().code(),
        Code::InvalidArgument
    );
    let decided = list(
        &server,
        ListPoliciesRequest {
            at_least: first.position.clone(),
            ..ListPoliciesRequest::default()
        },
    )
    .await;
    let own = decided.policies.iter().find(|it| !it.shipped).unwrap();
    let later = own
        .occurred_at
        .map(|it| time::nanos_clamped(&it) + 1)
        .unwrap();
    twin.occurred_at = Some(time::timestamp(later));
    server.record(twin).await.unwrap();
    let overlapping = PolicyPublished {
        kind: Kind::Calendar.into(),
        version: 1,
        body: Some(Body::Calendar(CalendarPolicy {
            zone: "UTC".to_owned(),
            ..CalendarPolicy::default()
        })),
        ..sla("closed", 1)
    };
    let last = server
        .record(reported("closed", overlapping))
        .await
        .unwrap();

    let answer = in_force(&server, of_sla("d-1", NOW), &last.position)
        .await
        .unwrap();
    let policy = answer.policy.unwrap();
    assert_eq!(policy.touchpoint.unwrap().id, "1");
    let all = list(&server, ListPoliciesRequest::default()).await;
    let mut faulty: Vec<_> = all
        .policies
        .iter()
        .filter(|it| it.standing() != Standing::Usable)
        .map(|it| {
            let published = it.published.as_ref().unwrap();
            (
                published.name.as_str(),
                it.standing(),
                it.problems[0].field.as_str(),
            )
        })
        .collect();
    faulty.sort_by_key(|it| it.0);
    let expected = [
        ("closed", Standing::Unusable, "calendar.weekly"),
        ("sla", Standing::VersionTaken, "version"),
    ];
    assert_eq!(faulty, expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retracted_policy_is_in_force_only_as_it_was_known() {
    let server = Server::start().await;
    let first = publish(&server, request("1", sla("sla", 60)))
        .await
        .unwrap();
    let retraction = Touchpoint {
        payload: Some(Payload::TouchpointRetracted(TouchpointRetracted {
            r#ref: Some(TouchpointRef {
                source: "//rules".to_owned(),
                id: "1".to_owned(),
            }),
            reason: "by mistake".to_owned(),
            policy: "sla".to_owned(),
        })),
        ..reported("r", PolicyPublished::default())
    };
    let retracted = server.record(retraction).await.unwrap();
    assert_eq!(retracted.stream, "policy-sla");
    let now = in_force(&server, of_sla("", NOW), &retracted.position)
        .await
        .unwrap();
    assert_eq!(called(&now), "sla@0");
    let request = GetPolicyRequest {
        which: Some(Which::InForce(of_sla("", NOW))),
        known_at: Some(KnownAt {
            at: Some(known_at::At::Position(first.position)),
        }),
        ..GetPolicyRequest::default()
    };
    let then = client(&server)
        .get_policy(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(called(&then), "sla@1");
    let next = publish(&server, self::request("2", sla("sla", 60)))
        .await
        .unwrap();
    assert_eq!(next.version, 2, "its number stays used");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_filtered_comes_in_stable_pages_and_a_version_is_found_by_its_number() {
    let server = Server::start().await;
    let mut last = String::new();
    for number in 1..=5 {
        let published = publish(&server, request(&number.to_string(), sla("sla", number)));
        last = published.await.unwrap().position;
    }
    let mut asked = ListPoliciesRequest {
        kind: Kind::Sla.into(),
        at_least: last,
        page_size: 4,
        ..ListPoliciesRequest::default()
    };
    let first = list(&server, asked.clone()).await;
    publish(&server, request("6", sla("a", 6))).await.unwrap();
    asked.page_token = first.next_page_token.clone();
    let second = list(&server, asked.clone()).await;
    assert_eq!(
        (&second.position, second.as_of),
        (&first.position, first.as_of)
    );
    let versions = |page: &ListPoliciesResponse| -> Vec<i32> {
        let published = page
            .policies
            .iter()
            .map(|it| it.published.as_ref().unwrap());
        published.map(|it| it.version).collect()
    };
    assert_eq!(
        (versions(&first), versions(&second)),
        (vec![0, 1, 2, 3], vec![4, 5])
    );
    assert!(second.next_page_token.is_empty());
    asked.name = "other".to_owned();
    let refused = client(&server).list_policies(asked).await.unwrap_err();
    assert_eq!(reason(&refused), "PAGE_TOKEN");

    let version = |version| GetPolicyRequest {
        which: Some(Which::Version(Version {
            name: "sla".to_owned(),
            version,
        })),
        ..GetPolicyRequest::default()
    };
    let found = client(&server)
        .get_policy(version(3))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(called(&found), "sla@3");
    let none = client(&server).get_policy(version(9)).await.unwrap_err();
    assert_eq!(
        (none.code(), reason(&none).as_str()),
        (Code::NotFound, "NOT_FOUND")
    );
    server.stop().await;
}

#[test]
fn a_policy_is_published_listed_and_shown_on_the_command_line() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(&directory.path().join("data"));
    let file = directory.path().join("sla.json");
    let path = file.to_str().unwrap();
    let ask = |arguments: &[&str]| {
        let server = ["--server", served.url()];
        run(&[&["policy"], arguments, &server].concat())
    };
    let shown = stdout(&ask(&["show", "sla@0", "--json"]));
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let mut policy = shown["policy"]["published"].clone();
    policy["effectiveFrom"] = "2024-01-01T00:00:00Z".into();
    policy["scope"] = serde_json::json!({"dealerId": "dealer-7"});
    fs::write(&file, policy.to_string()).unwrap();

    let tried = stdout(&ask(&["publish", path, "--validate-only"]));
    assert_eq!(tried, "sla@1 can be published; nothing was.\n");
    let key = ["--source", "//rules", "--id", "1"];
    let told = stdout(&ask(&[&["publish", path], &key[..]].concat()));
    assert!(told.starts_with("sla@1 is published, at "), "{told}");
    let position = told
        .trim()
        .trim_end_matches('.')
        .rsplit(' ')
        .next()
        .unwrap();
    let told = stdout(&ask(&[&["publish", path], &key[..]].concat()));
    assert!(
        told.starts_with("sla@1 was published before, at "),
        "{told}"
    );

    let listed = stdout(&ask(&["list", "--kind", "sla", "--at-least", position]));
    assert!(
        listed.contains("dealer dealer-7") && listed.contains("sla@0"),
        "{listed}"
    );
    let shown = stdout(&ask(&["show", "--kind", "sla", "--dealer", "dealer-7"]));
    assert!(
        shown.starts_with("sla@1 · sla · for dealer dealer-7"),
        "{shown}"
    );
    assert!(shown.contains("\"budgetSeconds\": \"86400\""), "{shown}");

    policy["sla"]["obligations"][0]["warningShares"] = serde_json::json!([0.9, 0.5, 2]);
    fs::write(&file, policy.to_string()).unwrap();
    let refused = ask(&["publish", path]);
    assert_eq!(refused.status.code(), Some(1));
    for field in ["warning_shares[1]", "warning_shares[2]"] {
        let line = format!("field policy.sla.obligations[0].{field}: ");
        assert!(stderr(&refused).contains(&line), "{}", stderr(&refused));
    }
    fs::write(&file, "{\"nonsense\": 1}").unwrap();
    let refused = stderr(&ask(&["publish", path]));
    assert!(
        refused.contains("is not the proto3 JSON of a policy"),
        "{refused}"
    );
    assert!(refused.contains("nonsense"), "{refused}");
    assert_eq!(served.terminate(), Some(0));
}
