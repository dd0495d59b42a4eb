//! Finding touchpoints, owners and dealers whose ids are not known, and unknown names in filters.

use ownerline_proto::time;
use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::feedback_service_client::FeedbackServiceClient;
use ownerline_proto::v1::known_at::At;
use ownerline_proto::v1::response_time_service_client::ResponseTimeServiceClient;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    DealerRegistered, GetLoyaltyRequest, GetResponseTimesRequest, GetScoresRequest, KnownAt,
    ListAdvocatesRequest, ListDealersRequest, ListObligationsRequest, ListOwnersRequest,
    ListTouchpointsRequest, ListTouchpointsResponse, LoyaltyFilter, OwnerRegistered,
    ResponseTimeFilter, ScoreFilter, Subjects, Touchpoint, TouchpointFilter, TouchpointRef,
    TouchpointRetracted,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{NOW, Server, feedback, reason};

fn at_dealer(mut touchpoint: Touchpoint, dealer: &str) -> Touchpoint {
    if let Some(subjects) = &mut touchpoint.subjects {
        subjects.dealer_id = dealer.to_owned();
    }
    touchpoint
}

fn registered(dealer: &str, market: &str) -> Touchpoint {
    Touchpoint {
        id: format!("register-{dealer}"),
        source: "//test".to_owned(),
        occurred_at: Some(time::timestamp((NOW - 1_000) * 1_000_000_000)),
        subjects: Some(Subjects {
            dealer_id: dealer.to_owned(),
            ..Subjects::default()
        }),
        payload: Some(Payload::DealerRegistered(DealerRegistered {
            name: format!("The {dealer}"),
            market: market.to_owned(),
            brands: vec!["Halcyra".to_owned()],
            ..DealerRegistered::default()
        })),
        ..Touchpoint::default()
    }
}

fn owner(id: &str, market: &str) -> Touchpoint {
    Touchpoint {
        id: format!("owner-{id}"),
        source: "//test".to_owned(),
        occurred_at: Some(time::timestamp((NOW - 900) * 1_000_000_000)),
        subjects: Some(Subjects {
            owner_id: id.to_owned(),
            ..Subjects::default()
        }),
        payload: Some(Payload::OwnerRegistered(OwnerRegistered {
            market: market.to_owned(),
            ..OwnerRegistered::default()
        })),
        ..Touchpoint::default()
    }
}

/// Two registered dealers, one that only feedback names; three owners, touched a second apart.
async fn server() -> Server {
    let server = Server::start().await;
    let mut told = vec![registered("dealer-1", "GB"), registered("dealer-2", "JP")];
    told.push(owner("anna", "GB"));
    for (number, (who, dealer)) in [
        ("anna", "dealer-1"),
        ("bert", "dealer-2"),
        ("carl", "dealer-3"),
        ("anna", "dealer-2"),
    ]
    .into_iter()
    .enumerate()
    {
        let seconds = NOW + i64::try_from(number).unwrap();
        told.push(at_dealer(
            feedback(who, &format!("{number}"), seconds),
            dealer,
        ));
    }
    server.import(told).await;
    server
}

async fn search(
    server: &Server,
    request: ListTouchpointsRequest,
) -> Result<ListTouchpointsResponse, Status> {
    let mut client = server.touchpoints();
    Ok(client.list_touchpoints(request).await?.into_inner())
}

fn ids(found: &ListTouchpointsResponse) -> Vec<String> {
    let all = found.touchpoints.iter();
    all.map(|it| it.touchpoint.as_ref().unwrap().id.clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn touchpoints_are_listed_the_last_recorded_first_in_pages_without_gap() {
    let server = server().await;
    let all = search(&server, ListTouchpointsRequest::default())
        .await
        .unwrap();
    assert_eq!(
        ids(&all),
        [
            "3",
            "2",
            "1",
            "0",
            "owner-anna",
            "register-dealer-2",
            "register-dealer-1"
        ]
    );
    assert!(all.next_page_token.is_empty() && all.searched_down_to.is_empty());
    assert_eq!(all.position, server.head().await);

    let mut request = ListTouchpointsRequest {
        filter: Some(TouchpointFilter {
            types: vec!["com.ownerline.feedback_received.v1".to_owned()],
            dealer_ids: vec!["dealer-2".to_owned()],
            ..TouchpointFilter::default()
        }),
        page_size: 1,
        ..ListTouchpointsRequest::default()
    };
    let mut found = Vec::new();
    loop {
        let page = search(&server, request.clone()).await.unwrap();
        assert!(page.touchpoints.len() <= 1);
        found.extend(ids(&page));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(found, ["3", "1"]);

    // A page keeps to where the first one began.
    let first = search(
        &server,
        ListTouchpointsRequest {
            page_size: 2,
            ..ListTouchpointsRequest::default()
        },
    )
    .await
    .unwrap();
    server
        .import(vec![feedback("dora", "later", NOW + 50)])
        .await;
    let rest = ListTouchpointsRequest {
        page_token: first.next_page_token.clone(),
        ..ListTouchpointsRequest::default()
    };
    assert_eq!(ids(&search(&server, rest).await.unwrap()).len(), 5);
    let period = ListTouchpointsRequest {
        filter: Some(TouchpointFilter {
            from: Some(time::timestamp((NOW + 2) * 1_000_000_000)),
            until: Some(time::timestamp((NOW + 4) * 1_000_000_000)),
            ..TouchpointFilter::default()
        }),
        ..ListTouchpointsRequest::default()
    };
    assert_eq!(ids(&search(&server, period).await.unwrap()), ["3", "2"]);
    let before = ListTouchpointsRequest {
        known_at: all.touchpoints[1].position.clone(),
        ..ListTouchpointsRequest::default()
    };
    assert_eq!(ids(&search(&server, before).await.unwrap())[0], "2");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_without_matches_ends_and_says_how_far_it_came() {
    let server = server().await;
    let nobody = ListTouchpointsRequest {
        filter: Some(TouchpointFilter {
            owner_ids: vec!["nobody".to_owned()],
            ..TouchpointFilter::default()
        }),
        ..ListTouchpointsRequest::default()
    };
    let found = search(&server, nobody).await.unwrap();
    assert!(found.touchpoints.is_empty() && found.next_page_token.is_empty());
    let wrong = ListTouchpointsRequest {
        filter: Some(TouchpointFilter {
            types: vec!["nosuch".to_owned()],
            ..TouchpointFilter::default()
        }),
        ..ListTouchpointsRequest::default()
    };
    let refused = search(&server, wrong).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_are_listed_by_their_last_touchpoint_that_counts() {
    let server = server().await;
    let list = async |request: ListOwnersRequest| {
        let request = ListOwnersRequest {
            at_least: server.head().await,
            ..request
        };
        let answer = server.touchpoints().list_owners(request).await?;
        Ok::<_, Status>(answer.into_inner())
    };
    let names = |answer: &ownerline_proto::v1::ListOwnersResponse| -> Vec<(String, String)> {
        let owners = answer.owners.iter();
        owners
            .map(|it| (it.owner_id.clone(), it.dealer_id.clone()))
            .collect()
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let all = list(ListOwnersRequest::default()).await.unwrap();
    assert_eq!(
        names(&all),
        [
            pair("anna", "dealer-2"),
            pair("carl", "dealer-3"),
            pair("bert", "dealer-2")
        ]
    );
    assert_eq!(
        all.owners[0].last_type,
        "com.ownerline.feedback_received.v1"
    );
    let first = list(ListOwnersRequest {
        page_size: 2,
        ..ListOwnersRequest::default()
    })
    .await
    .unwrap();
    let rest = list(ListOwnersRequest {
        page_size: 2,
        page_token: first.next_page_token.clone(),
        ..ListOwnersRequest::default()
    })
    .await
    .unwrap();
    assert_eq!((first.owners.len(), rest.owners.len()), (2, 1));
    assert!(rest.next_page_token.is_empty());

    let of_dealer = list(ListOwnersRequest {
        dealer_id: "dealer-1".to_owned(),
        ..ListOwnersRequest::default()
    })
    .await
    .unwrap();
    assert!(of_dealer.owners.is_empty(), "anna went elsewhere");

    // What was taken back was no touch.
    let mut undone = feedback("anna", "undo", NOW + 60);
    undone.subjects.as_mut().unwrap().feedback_id = "f-3".to_owned();
    undone.subjects.as_mut().unwrap().owner_id.clear();
    undone.payload = Some(Payload::TouchpointRetracted(TouchpointRetracted {
        r#ref: Some(TouchpointRef {
            source: "//test".to_owned(),
            id: "3".to_owned(),
        }),
        reason: "told by mistake".to_owned(),
        ..TouchpointRetracted::default()
    }));
    server.import(vec![undone]).await;
    let after = list(ListOwnersRequest::default()).await.unwrap();
    assert_eq!(after.owners[0].owner_id, "carl");
    assert_eq!(names(&after)[2], pair("anna", "dealer-1"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dealers_are_listed_whether_registered_or_only_named() {
    let server = server().await;
    let list = async |market: &str| {
        let request = ListDealersRequest {
            market: market.to_owned(),
            at_least: server.head().await,
            ..ListDealersRequest::default()
        };
        let answer = server.touchpoints().list_dealers(request).await?;
        Ok::<_, Status>(answer.into_inner())
    };
    let all = list("").await.unwrap().dealers;
    let told: Vec<_> = all
        .iter()
        .map(|it| (it.dealer_id.as_str(), it.market.as_str(), it.registered))
        .collect();
    assert_eq!(
        told,
        [
            ("dealer-1", "GB", true),
            ("dealer-2", "JP", true),
            ("dealer-3", "", false)
        ]
    );
    assert_eq!(all[0].name, "The dealer-1");
    assert_eq!(list("JP").await.unwrap().dealers.len(), 1);
    let refused = list("jp").await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    assert_eq!(nearest(&refused), "JP");
    server.stop().await;
}

/// The names that a refusal suggests.
fn nearest(status: &Status) -> String {
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    info.metadata.get("nearest").cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_by_a_name_that_nobody_knows_is_refused_with_the_nearest_ones() {
    let server = server().await;
    let at_least = server.head().await;
    let channel = || server.channel();
    let text = str::to_owned;

    let response_times = GetResponseTimesRequest {
        filter: Some(ResponseTimeFilter {
            dealer_id: text("dealer-11"),
            ..ResponseTimeFilter::default()
        }),
        at_least: at_least.clone(),
        ..GetResponseTimesRequest::default()
    };
    let scores = GetScoresRequest {
        filter: Some(ScoreFilter {
            market: text("GBR"),
            ..ScoreFilter::default()
        }),
        at_least: at_least.clone(),
        ..GetScoresRequest::default()
    };
    let inbox = ListObligationsRequest {
        dealer_id: text("Dealer-3"),
        at_least: at_least.clone(),
        ..ListObligationsRequest::default()
    };
    let advocates = ListAdvocatesRequest {
        market: text("gb"),
        at_least: at_least.clone(),
        ..ListAdvocatesRequest::default()
    };
    let loyalty = GetLoyaltyRequest {
        filter: Some(LoyaltyFilter {
            make: text("Halcyr"),
            ..LoyaltyFilter::default()
        }),
        at_least: at_least.clone(),
        ..GetLoyaltyRequest::default()
    };
    let mut advocacy = AdvocacyServiceClient::new(channel());
    let mut times = ResponseTimeServiceClient::new(channel());
    let mut items = FeedbackServiceClient::new(channel());
    let refusals = [
        times.get_response_times(response_times).await.unwrap_err(),
        advocacy.get_scores(scores).await.unwrap_err(),
        items.list_obligations(inbox).await.unwrap_err(),
        advocacy.list_advocates(advocates).await.unwrap_err(),
        advocacy.get_loyalty(loyalty).await.unwrap_err(),
    ];
    let told: Vec<_> = refusals.iter().map(nearest).collect();
    for refused in &refusals {
        assert_eq!(refused.code(), Code::NotFound, "{refused:?}");
        assert_eq!(reason(refused), "NOT_FOUND");
    }
    assert_eq!(told[0], "dealer-1, dealer-2, dealer-3");
    assert_eq!(told[1], "GB");
    assert_eq!(told[2], "dealer-3, dealer-1, dealer-2");
    assert_eq!(told[3], "GB");
    // Nobody has a car here, so no make is known.
    assert_eq!(told[4], "");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn known_at_before_the_log_is_refused_and_not_answered_with_zero() {
    let server = server().await;
    let request = GetScoresRequest {
        known_at: Some(KnownAt {
            at: Some(At::Instant(time::timestamp(NOW * 1_000_000_000))),
        }),
        ..GetScoresRequest::default()
    };
    let refused = AdvocacyServiceClient::new(server.channel())
        .get_scores(request)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(reason(&refused), "BEFORE_LOG");
    assert!(refused.message().contains("the log begins"), "{refused:?}");
    server.stop().await;
}
