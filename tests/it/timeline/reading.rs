//! The timeline through gRPC: reading one's own write, both clocks, fill-in, stable pages.

use std::collections::BTreeSet;

use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CaseNoteAdded, DealerReplied, GetTimelineRequest, KnownAt, RecordRequest, RecordResponse,
    Subjects, TimelineFilter, Touchpoint, TouchpointRef, Visibility, get_timeline_request::Order,
    known_at::At, record_result::Result as ItemResult,
};

use crate::support::{NOW, Server, all_of, feedback};

fn reply(id: &str, feedback: &str, seconds: i64) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//test".to_owned(),
        occurred_at: Some(time::timestamp(seconds * 1_000_000_000)),
        subjects: Some(Subjects {
            feedback_id: format!("f-{feedback}"),
            ..Subjects::default()
        }),
        causation: Some(TouchpointRef {
            source: String::new(),
            id: feedback.to_owned(),
        }),
        visibility: Visibility::Dealer.into(),
        payload: Some(Payload::DealerReplied(DealerReplied {
            kind: 1,
            visible_to_owner: true,
            ..DealerReplied::default()
        })),
        ..Touchpoint::default()
    }
}

fn ids(page: &ownerline_proto::v1::GetTimelineResponse) -> Vec<String> {
    page.entries
        .iter()
        .map(|entry| {
            entry
                .recorded
                .as_ref()
                .unwrap()
                .touchpoint
                .as_ref()
                .unwrap()
                .id
                .clone()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_read_at_once_with_at_least() {
    let server = Server::start().await;
    for number in 0..20 {
        let recorded = server
            .record(feedback("owner-1", &number.to_string(), NOW + number))
            .await
            .unwrap();
        let newest = GetTimelineRequest {
            order: Order::NewestFirst.into(),
            page_size: 1,
            at_least: recorded.position.clone(),
            ..all_of("owner-1")
        };
        let page = server.page(newest).await.unwrap();
        assert_eq!(ids(&page), [number.to_string()], "newest first");
        assert!(page.position >= recorded.position);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_touchpoint_leaves_out_is_filled_in_from_its_stream() {
    let server = Server::start().await;
    server.record(reply("reply", "1", NOW + 60)).await.unwrap();
    let recorded = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let page = server
        .page(GetTimelineRequest {
            at_least: recorded.position,
            ..all_of("owner-1")
        })
        .await
        .unwrap();
    assert_eq!(ids(&page), ["1", "reply"]);
    let reply = &page.entries[1];
    assert_eq!(
        (reply.owner_id.as_str(), reply.dealer_id.as_str()),
        ("owner-1", "dealer-1")
    );
    assert_eq!(
        reply.causes,
        [TouchpointRef {
            source: "//test".to_owned(),
            id: "1".to_owned()
        }]
    );
    assert_eq!(
        page.entries[0].effects,
        [TouchpointRef {
            source: "//test".to_owned(),
            id: "reply".to_owned()
        }]
    );
    assert!(page.entries.iter().all(|entry| !entry.headline.is_empty()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_report_is_on_the_timeline_as_it_was_but_not_as_it_was_known() {
    let server = Server::start().await;
    let first = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let late = server
        .record(feedback("owner-1", "late", NOW - 3_600))
        .await
        .unwrap();
    let known_at = |position: &str| {
        Some(KnownAt {
            at: Some(At::Position(position.to_owned())),
        })
    };
    let now = server
        .page(GetTimelineRequest {
            at_least: late.position.clone(),
            ..all_of("owner-1")
        })
        .await
        .unwrap();
    assert_eq!(ids(&now), ["late", "1"]);
    let then = server
        .page(GetTimelineRequest {
            known_at: known_at(&first.position),
            ..all_of("owner-1")
        })
        .await
        .unwrap();
    assert_eq!(ids(&then), ["1"]);
    assert_eq!((then.position, then.stale), (first.position.clone(), false));
    let before = GetTimelineRequest {
        as_of: Some(time::timestamp((NOW - 1) * 1_000_000_000)),
        ..all_of("owner-1")
    };
    assert_eq!(ids(&server.page(before).await.unwrap()), ["late"]);
    let instant = Some(KnownAt {
        at: Some(At::Instant(first.recorded_at.unwrap())),
    });
    let by_instant = server
        .page(GetTimelineRequest {
            known_at: instant,
            ..all_of("owner-1")
        })
        .await
        .unwrap();
    assert_eq!(ids(&by_instant), ["1"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_stable_while_others_write() {
    let server = Server::start().await;
    let touchpoints: Vec<Touchpoint> = (0..200)
        .map(|n| feedback("owner-1", &format!("{n:03}"), NOW + n))
        .collect();
    server.import(touchpoints).await;
    let at_least = server.head().await;
    let mut request = GetTimelineRequest {
        at_least,
        page_size: 7,
        ..all_of("owner-1")
    };
    let mut seen = Vec::new();
    let mut page = server.page(request.clone()).await.unwrap();
    let position = page.position.clone();
    loop {
        seen.extend(ids(&page));
        assert_eq!(page.position, position);
        if page.next_page_token.is_empty() {
            break;
        }
        // A late report in front of where the reader is, and one behind.
        server
            .record(feedback(
                "owner-1",
                &format!("front-{}", seen.len()),
                NOW - 1,
            ))
            .await
            .unwrap();
        server
            .record(feedback(
                "owner-1",
                &format!("behind-{}", seen.len()),
                NOW + 500,
            ))
            .await
            .unwrap();
        request.page_token = page.next_page_token;
        request.page_size = 13;
        page = server.page(request.clone()).await.unwrap();
        assert!(page.stale, "more was recorded since the first page");
    }
    let expected: Vec<String> = (0..200).map(|n| format!("{n:03}")).collect();
    assert_eq!(seen, expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_hold_together_and_roles_see_what_is_theirs() {
    let server = Server::start().await;
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    server.record(reply("reply", "1", NOW + 60)).await.unwrap();
    let mut note = reply("note", "1", NOW + 70);
    note.subjects = Some(Subjects {
        owner_id: "owner-1".to_owned(),
        case_id: "case-1".to_owned(),
        ..Subjects::default()
    });
    note.visibility = Visibility::Internal.into();
    note.payload = Some(Payload::CaseNoteAdded(CaseNoteAdded {
        text: "call back".to_owned(),
    }));
    let at_least = server.record(note).await.unwrap().position;
    let asking = |filter| GetTimelineRequest {
        filter: Some(filter),
        at_least: at_least.clone(),
        ..all_of("owner-1")
    };
    let types = vec!["com.ownerline.dealer_replied.v1".to_owned()];
    let page = server
        .page(asking(TimelineFilter {
            types,
            ..Default::default()
        }))
        .await
        .unwrap();
    assert_eq!(ids(&page), ["reply"]);
    let page = server
        .page(asking(TimelineFilter {
            case_id: "case-1".to_owned(),
            ..Default::default()
        }))
        .await
        .unwrap();
    assert_eq!(ids(&page), ["note"]);
    let page = server
        .page(asking(TimelineFilter {
            dealer_id: "dealer-1".to_owned(),
            ..Default::default()
        }))
        .await
        .unwrap();
    assert_eq!(ids(&page), ["1", "reply"]);
    let page = server
        .page(asking(TimelineFilter {
            visible_to: Visibility::Owner.into(),
            ..Default::default()
        }))
        .await
        .unwrap();
    assert_eq!(ids(&page), ["1"]);
    let page = server
        .page(asking(TimelineFilter {
            visible_to: Visibility::Dealer.into(),
            ..Default::default()
        }))
        .await
        .unwrap();
    assert_eq!(ids(&page), ["1", "reply"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn newest_first_is_the_mirror_of_oldest_first() {
    let server = Server::start().await;
    // Equal instants: (source, id) decides, bytewise.
    let touchpoints = ["b", "a", "B", "a0", "~"]
        .map(|id| feedback("owner-1", id, NOW))
        .to_vec();
    server.import(touchpoints).await;
    let at_least = server.head().await;
    let oldest = server
        .page(GetTimelineRequest {
            at_least: at_least.clone(),
            ..all_of("owner-1")
        })
        .await
        .unwrap();
    assert_eq!(ids(&oldest), ["B", "a", "a0", "b", "~"]);
    let request = GetTimelineRequest {
        at_least,
        order: Order::NewestFirst.into(),
        ..all_of("owner-1")
    };
    let mut newest = ids(&server.page(request).await.unwrap());
    newest.reverse();
    assert_eq!(newest, ids(&oldest));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_retry_of_eight_clients_stores_one_and_replays_seven() {
    let server = Server::start().await;
    let mut clients = Vec::new();
    for _ in 0..8 {
        clients.push(server.another_client().await);
    }
    for round in 0..20 {
        let request = RecordRequest {
            touchpoint: Some(feedback("owner-1", &format!("round-{round}"), NOW)),
            ..RecordRequest::default()
        };
        let attempts = clients
            .iter_mut()
            .map(|client| client.record(request.clone()));
        let answers: Vec<RecordResponse> = futures::future::join_all(attempts)
            .await
            .into_iter()
            .map(|answer| answer.unwrap().into_inner())
            .collect();
        let replayed = answers.iter().filter(|answer| answer.replayed).count();
        assert_eq!(replayed, 7);
        let positions: BTreeSet<&String> = answers.iter().map(|answer| &answer.position).collect();
        assert_eq!(positions.len(), 1);
    }
    let head = server.head().await;
    assert!(head.ends_with(&format!("{:016x}", 20)), "{head}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_keeps_its_received_at_and_is_marked() {
    let server = Server::start().await;
    let mut touchpoint = feedback("owner-1", "1", NOW);
    touchpoint.received_at = Some(time::timestamp((NOW + 5) * 1_000_000_000));
    let results = server
        .import(vec![touchpoint, feedback("owner-1", "2", NOW + 1)])
        .await;
    assert!(
        results
            .iter()
            .all(|result| matches!(result.result, Some(ItemResult::Recorded(_))))
    );
    let at_least = server.head().await;
    let page = server
        .page(GetTimelineRequest {
            at_least,
            ..all_of("owner-1")
        })
        .await
        .unwrap();
    let touchpoints: Vec<Touchpoint> = page
        .entries
        .into_iter()
        .map(|entry| entry.recorded.unwrap().touchpoint.unwrap())
        .collect();
    let received: Vec<i64> = touchpoints
        .iter()
        .map(|touchpoint| touchpoint.received_at.unwrap().seconds)
        .collect();
    assert_eq!(received, [NOW + 5, NOW + 1]);
    assert!(touchpoints.iter().all(|touchpoint| touchpoint.origin == i32::from(ownerline_proto::v1::Origin::Imported)));
    server.stop().await;
}
