//! Advocates and distributions: the same scores as for single owners, and invalid questions.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::time;
use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::list_advocates_request::GroupBy;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::policy_service_client::PolicyServiceClient;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocacyDistribution, AdvocacyModel, Advocate, GetOwnerAdvocacyRequest, KnownAt,
    ListAdvocatesRequest, ListAdvocatesResponse, PolicyPublished, PublishPolicyRequest, Scope,
    Touchpoint, known_at,
};
use tonic::{Code, Status};

use super::asked::only;
use super::{ask, at, live_through, shipped};
use crate::generated::{history_of, owners};
use crate::remote::Remote;
use crate::support::{Server, pairs, reason, violations};

/// 2026-01-01, when everything generated has been reported.
const UNTIL: i64 = 1_767_225_600;

async fn list(
    remote: &Remote,
    request: ListAdvocatesRequest,
) -> Result<ListAdvocatesResponse, Status> {
    let mut client = AdvocacyServiceClient::new(remote.channel());
    Ok(client.list_advocates(request).await?.into_inner())
}

/// Everybody with a score, standing on everything there is.
fn everybody(at_least: &str) -> ListAdvocatesRequest {
    ListAdvocatesRequest {
        least_confidence: Some(0.0),
        limit: 1_000,
        as_of: Some(time::timestamp(UNTIL * 1_000_000_000)),
        at_least: at_least.to_owned(),
        ..ListAdvocatesRequest::default()
    }
}

/// Some market that somebody of a history is registered in.
fn market(history: &[Touchpoint]) -> String {
    let markets: BTreeSet<&str> = history
        .iter()
        .filter_map(|it| match &it.payload {
            Some(Payload::OwnerRegistered(it)) => Some(it.market.as_str()),
            _ => None,
        })
        .collect();
    let mut named = markets.into_iter().filter(|it| !it.is_empty());
    named.next().unwrap().to_owned()
}

/// Publishes another scoring for a market; answers the position.
async fn publish(remote: &Remote, market: &str) -> String {
    let mut scoring = only("advocacy");
    scoring.weights = shipped(remote).await.scoring.unwrap().weights;
    scoring.k = 1.0;
    let request = PublishPolicyRequest {
        source: "//rules".to_owned(),
        id: "1".to_owned(),
        policy: Some(PolicyPublished {
            name: "scoring-market".to_owned(),
            kind: Kind::Scoring.into(),
            scope: Some(Scope {
                market: market.to_owned(),
                ..Scope::default()
            }),
            effective_from: Some(time::timestamp((UNTIL - 86_400) * 1_000_000_000)),
            body: Some(Body::Scoring(scoring)),
            ..PolicyPublished::default()
        }),
        occurred_at: Some(time::timestamp((UNTIL - 86_400) * 1_000_000_000)),
        ..PublishPolicyRequest::default()
    };
    let mut client = PolicyServiceClient::new(remote.channel());
    let published = client.publish_policy(request).await.unwrap();
    published.into_inner().position
}

fn is_in_order(advocates: &[Advocate]) -> bool {
    advocates.is_sorted_by(|a, b| {
        (b.score, b.confidence) < (a.score, a.confidence)
            || ((a.score, a.confidence) == (b.score, b.confidence) && a.owner_id < b.owner_id)
    })
}

fn adds_up(total: &AdvocacyDistribution) {
    assert_eq!(total.bands.len(), 5);
    if total.n >= 30 {
        let counts: u64 = total.bands.iter().map(|it| it.count.unwrap()).sum();
        assert_eq!(counts, total.n);
        let mean = total.mean.unwrap();
        assert!(total.low.unwrap() <= mean && mean <= total.high.unwrap());
    } else {
        assert!(total.mean.is_none());
        assert!(
            total
                .bands
                .iter()
                .all(|it| it.count.is_none() && it.share.is_none())
        );
    }
    let enough = total.n >= 10;
    assert!(
        total
            .bands
            .iter()
            .all(|it| it.low.is_some() == enough && it.of == total.n)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_listed_with_the_score_that_is_answered_of_each_by_the_model_of_their_market()
{
    let data = tempfile::tempdir().unwrap();
    let history = history_of(80, 5);
    live_through(data.path(), &history, 1).await;
    let server = Server::start_in(data.path()).await;
    let market = market(&history);
    let head = publish(&server, &market).await;
    let found = list(&server, everybody(&head)).await.unwrap();
    let markets: Vec<&str> = found.models.iter().map(|it| it.market.as_str()).collect();
    assert_eq!(markets, ["", &market]);
    let listed: BTreeMap<&str, &Advocate> = (found.advocates.iter())
        .map(|it| (it.owner_id.as_str(), it))
        .collect();
    let (mut persons, mut of_market) = (BTreeSet::new(), 0);
    for owner in owners(&history) {
        let request = GetOwnerAdvocacyRequest {
            as_of: found.as_of,
            known_at: Some(KnownAt {
                at: Some(known_at::At::Position(found.position.clone())),
            }),
            ..at(&owner, UNTIL, "")
        };
        let answer = ask(&server, request).await.unwrap();
        let least = answer.owner_ids[0].as_str();
        let Some(score) = answer.score else {
            assert!(!listed.contains_key(least), "{owner}");
            continue;
        };
        let advocate = listed[least];
        assert_eq!(advocate.score, score, "{owner}");
        assert_eq!(advocate.confidence, answer.confidence, "{owner}");
        let pieces = answer.components.iter().map(|it| it.contributions.len());
        assert_eq!(advocate.evidence, pieces.sum::<usize>() as u64);
        let policy = answer.scoring.unwrap().name;
        assert_eq!(policy == "scoring-market", advocate.market == market);
        assert_eq!(answer.means_at, found.means_at);
        of_market += usize::from(advocate.market == market);
        persons.insert(least.to_owned());
    }
    assert!(
        of_market > 3 && persons.len() > of_market + 3,
        "{of_market}"
    );
    assert_eq!(found.advocates.len(), persons.len());
    assert_eq!((found.eligible, found.cut), (persons.len() as u64, false));
    assert!(is_in_order(&found.advocates));
    let total = found.total.clone().unwrap();
    assert_eq!(total.n, persons.len() as u64);
    adds_up(&total);
    same_in_parts(&server, &found).await;
    server.stop().await;
}

/// By dealer, of one market, and the first few: parts of the same answer.
async fn same_in_parts(server: &Server, found: &ListAdvocatesResponse) {
    let dealers = ListAdvocatesRequest {
        group_by: GroupBy::Dealer.into(),
        limit: 3,
        ..everybody("")
    };
    let dealers = list(server, dealers).await.unwrap();
    assert_eq!(dealers.advocates, found.advocates[..3]);
    assert!(dealers.cut && !dealers.groups_cut);
    assert_eq!(dealers.total, found.total);
    assert!(dealers.groups.is_sorted_by(|a, b| a.key < b.key));
    dealers.groups.iter().for_each(adds_up);
    let (n, none) = dealers.groups.iter().fold((0, 0), |(n, none), group| {
        (n + group.n, none + group.insufficient)
    });
    let total = found.total.as_ref().unwrap();
    assert_eq!((n, none), (total.n, total.insufficient));
    let dealer = dealers.groups.iter().max_by_key(|it| it.n).unwrap();
    let of_dealer = ListAdvocatesRequest {
        dealer_id: dealer.key.clone(),
        ..everybody("")
    };
    let of_dealer = list(server, of_dealer).await.unwrap();
    let theirs = found
        .advocates
        .iter()
        .filter(|it| it.dealer_id == dealer.key);
    assert!(theirs.eq(&of_dealer.advocates));
    assert_eq!(of_dealer.total.unwrap().n, dealer.n);
    let sure = ListAdvocatesRequest {
        least_confidence: None,
        limit: 0,
        ..everybody("")
    };
    let sure = list(server, sure).await.unwrap();
    assert_eq!(sure.least_confidence, 0.2);
    let first = found.advocates.iter().filter(|it| it.confidence >= 0.2);
    assert!(first.take(50).eq(&sure.advocates));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_what_if_query_applies_one_model_to_everybody() {
    let data = tempfile::tempdir().unwrap();
    let history = history_of(30, 7);
    live_through(data.path(), &history, 1).await;
    let server = Server::start_in(data.path()).await;
    let market = market(&history);
    let known = KnownAt {
        at: Some(known_at::At::Position(server.head().await)),
    };
    let then = ListAdvocatesRequest {
        known_at: Some(known.clone()),
        ..everybody("")
    };
    let in_force = list(&server, then).await.unwrap();
    let head = publish(&server, &market).await;
    let request = ListAdvocatesRequest {
        model: Some(shipped(&server).await),
        known_at: Some(known),
        ..everybody(&head)
    };
    let mut what_if = list(&server, request).await.unwrap();
    let names: Vec<&str> = (what_if.models.iter())
        .map(|it| it.scoring.as_ref().unwrap().name.as_str())
        .collect();
    assert_eq!(names, [""]);
    what_if.models.clone_from(&in_force.models);
    assert_eq!(what_if, in_force);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_violation_of_a_question_about_many_is_reported_at_once() {
    let server = Server::start().await;
    let mut scoring = only("luck");
    scoring.k = -1.0;
    let request = ListAdvocatesRequest {
        group_by: 9,
        dealer_id: "a dealer".to_owned(),
        market: "a market".to_owned(),
        least_confidence: Some(1.5),
        limit: 1_001,
        at_least: "nowhere".to_owned(),
        model: Some(AdvocacyModel {
            scoring: Some(scoring),
            lexicon: None,
        }),
        ..ListAdvocatesRequest::default()
    };
    let refused = list(&server, request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(reason(&refused), "MALFORMED_REQUEST");
    let expected = [
        ("at_least", "FORMAT"),
        ("dealer_id", "CHARACTERS"),
        ("group_by", "UNKNOWN_VALUE"),
        ("least_confidence", "RANGE"),
        ("limit", "RANGE"),
        ("market", "CHARACTERS"),
        ("model.scoring.k", "RANGE"),
        ("model.scoring.weights[0].name", "UNKNOWN_VALUE"),
    ];
    assert_eq!(violations(&refused), pairs(&expected));
    let empty = list(&server, ListAdvocatesRequest::default()).await;
    let empty = empty.unwrap();
    assert_eq!(
        (empty.eligible, empty.cut, empty.groups.len()),
        (0, false, 0)
    );
    adds_up(&empty.total.unwrap());
    server.stop().await;
}
