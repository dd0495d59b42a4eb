//! Queries that cannot be answered: unknown owners, foreign tokens, positions that do not exist.

use ownerline_proto::v1::{GetTimelineRequest, KnownAt, known_at::At};
use tonic::Code;

use crate::support::{NOW, Server, all_of, feedback, pairs, reason, violations};

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_owner_is_not_found() {
    let server = Server::start().await;
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let status = server.page(all_of("owner-2")).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::NotFound, "NOT_FOUND")
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_tokens_that_are_changed_or_of_another_query_or_server_are_refused() {
    let server = Server::start().await;
    let other = Server::start().await;
    for id in ["1", "2", "3"] {
        server.record(feedback("owner-1", id, NOW)).await.unwrap();
        other.record(feedback("owner-1", id, NOW)).await.unwrap();
    }
    let at_least = server.head().await;
    let first = GetTimelineRequest {
        page_size: 1,
        at_least,
        ..all_of("owner-1")
    };
    let token = server.page(first.clone()).await.unwrap().next_page_token;
    assert!(!token.is_empty());
    let with = |owner: &str, token: &str| GetTimelineRequest {
        page_token: token.to_owned(),
        ..all_of(owner)
    };
    assert!(server.page(with("owner-1", &token)).await.is_ok());
    let mut tampered = token.clone().into_bytes();
    tampered[10] = if tampered[10] == b'A' { b'B' } else { b'A' };
    let tampered = String::from_utf8(tampered).unwrap();
    for (server, request) in [
        (&server, with("owner-1", &tampered)),
        (&server, with("owner-2", &token)),
        (&other, with("owner-1", &token)),
    ] {
        let status = server.page(request).await.unwrap_err();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::InvalidArgument, "PAGE_TOKEN")
        );
    }
    server.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_of_another_log_and_beyond_the_end_are_refused() {
    let server = Server::start().await;
    let recorded = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let beyond = format!("{}ffff", &recorded.position[..recorded.position.len() - 4]);
    let elsewhere = format!("0000beef{}", &recorded.position[8..]);
    let asking = |at_least: &str| GetTimelineRequest {
        at_least: at_least.to_owned(),
        ..all_of("owner-1")
    };
    let status = server.page(asking(&beyond)).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::FailedPrecondition, "BEHIND_END_OF_LOG")
    );
    let status = server.page(asking(&elsewhere)).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::FailedPrecondition, "OTHER_EPOCH")
    );
    let known_at = Some(KnownAt {
        at: Some(At::Position("nonsense".to_owned())),
    });
    let status = server
        .page(GetTimelineRequest {
            known_at,
            owner_id: String::new(),
            ..all_of("")
        })
        .await
        .unwrap_err();
    assert_eq!(
        violations(&status),
        pairs(&[("owner_id", "REQUIRED"), ("known_at.position", "FORMAT")])
    );
    server.stop().await;
}
