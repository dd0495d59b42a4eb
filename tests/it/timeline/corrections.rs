//! Corrections and retractions through gRPC: both stay on the timeline, linked to what they change.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    GetTimelineRequest, GetTimelineResponse, KnownAt, TouchpointRef, TouchpointRetracted,
    known_at::At, timeline_entry::Standing,
};

use crate::support::{Server, all_of, feedback};

const NOW: i64 = 1_700_000_000;

fn named(id: &str) -> Option<TouchpointRef> {
    Some(TouchpointRef {
        source: String::new(),
        id: id.to_owned(),
    })
}

/// (id, standing, the touchpoint that is the reason)
fn standings(page: &GetTimelineResponse) -> Vec<(String, Standing, String)> {
    let entries = page.entries.iter();
    entries
        .map(|entry| {
            let recorded = entry.recorded.clone().unwrap_or_default();
            let by = entry.corrected_by.clone().or(entry.retracted_by.clone());
            let by = by.map(|by| format!("{} {}", by.source, by.id));
            let id = recorded.touchpoint.unwrap_or_default().id;
            (id, entry.standing(), by.unwrap_or_default())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_and_a_retraction_are_shown_with_what_they_replace_as_known() {
    let server = Server::start().await;
    let wrong = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let mut right = feedback("owner-1", "1", NOW - 60);
    right.id = "2".to_owned();
    right.corrects = named("1");
    let right = server.record(right).await.unwrap();
    let mut retraction = feedback("owner-1", "1", NOW + 60);
    retraction.id = "3".to_owned();
    retraction.payload = Some(Payload::TouchpointRetracted(TouchpointRetracted {
        r#ref: named("2"),
        reason: "the wrong owner".to_owned(),
        ..TouchpointRetracted::default()
    }));
    let at_least = server.record(retraction).await.unwrap().position;
    let known_at = |position: &str| GetTimelineRequest {
        known_at: Some(KnownAt {
            at: Some(At::Position(position.to_owned())),
        }),
        at_least: at_least.clone(),
        ..all_of("owner-1")
    };
    let standing = |id: &str, standing, by: &str| (id.to_owned(), standing, by.to_owned());
    let page = server.page(known_at(&wrong.position)).await.unwrap();
    assert_eq!(standings(&page), [standing("1", Standing::InForce, "")]);
    let page = server.page(known_at(&right.position)).await.unwrap();
    assert_eq!(
        standings(&page),
        [
            standing("2", Standing::InForce, ""),
            standing("1", Standing::Corrected, "//test 2"),
        ]
    );
    let page = server.page(known_at(&at_least)).await.unwrap();
    assert_eq!(
        standings(&page),
        [
            standing("2", Standing::Retracted, "//test 3"),
            standing("1", Standing::InForce, ""),
            standing("3", Standing::InForce, ""),
        ]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_of_another_stream_is_accepted_and_flagged() {
    let server = Server::start().await;
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let mut other = feedback("owner-1", "2", NOW);
    other.corrects = named("1");
    let at_least = server.record(other).await.unwrap().position;
    let page = server.page(GetTimelineRequest {
        at_least,
        ..all_of("owner-1")
    });
    let page = page.await.unwrap();
    let flagged: Vec<_> = page.entries.iter().map(|entry| &entry.warnings).collect();
    assert!(flagged[0].is_empty());
    assert_eq!(flagged[1][0].reason, "REFERENCE_WITHOUT_EFFECT");
    assert!(
        page.entries
            .iter()
            .all(|entry| entry.standing() == Standing::InForce)
    );
    server.stop().await;
}
