//! Listing and finding policies: as it was and as it was known, including publications reported by others.

use ownerline_proto::time;
use ownerline_proto::v1::get_policy_request::{Version, Which};
use ownerline_proto::v1::policy::Standing;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CalendarPolicy, DealerRegistered, GetPolicyRequest, KnownAt, ListPoliciesRequest,
    ListPoliciesResponse, PolicyPublished, Scope, Subjects, Touchpoint, TouchpointRef,
    TouchpointRetracted, known_at,
};
use tonic::Code;

use super::{at, called, client, in_force, list, of_sla, publish, reported, request, sla};
use crate::support::{NOW, Server, reason};

#[tokio::test(flavor = "multi_thread")]
async fn published_policies_are_in_force_and_listed_also_after_a_restart() {
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
    assert_eq!(all.policies.len(), 11);
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
