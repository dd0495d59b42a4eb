//! The path on a real event log of 40,142 touchpoints; runs when `OWNERLINE_DATA` names the folder.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use flate2::read::GzDecoder;
use ownerline_projections::Rank;
use ownerline_proto::cloudevents::from_line;
use ownerline_proto::kind::of_encoded;
use ownerline_proto::time;
use ownerline_proto::v1::{
    GetTimelineRequest, KnownAt, RecordResult, Touchpoint, known_at::At,
    record_result::Result as ItemResult,
};
use prost::Message as _;

use crate::support::{Dice, Server, all_of, story};

pub(crate) const TOUCHPOINTS: usize = 40_142;

/// Every touchpoint of the log in the order of the file; `None`, said aloud, where there is none.
pub(crate) fn helpdesk() -> Option<Vec<Touchpoint>> {
    let path = helpdesk_file()?;
    let lines = BufReader::new(GzDecoder::new(std::fs::File::open(path).unwrap())).lines();
    Some(
        lines
            .map(|line| from_line(&line.unwrap()).unwrap())
            .collect(),
    )
}

pub(crate) fn helpdesk_file() -> Option<PathBuf> {
    match std::env::var_os("OWNERLINE_DATA") {
        Some(folder) => Some(PathBuf::from(folder).join("helpdesk.touchpoints.ndjson.gz")),
        None => {
            eprintln!("SKIPPED: OWNERLINE_DATA does not name the folder with the real event log");
            None
        }
    }
}

fn stored(results: &[RecordResult]) -> (usize, usize) {
    let mut counts = (0, 0);
    for result in results {
        match result.result.as_ref().unwrap() {
            ItemResult::Recorded(recorded) if recorded.replayed => counts.1 += 1,
            ItemResult::Recorded(_) => counts.0 += 1,
            ItemResult::Refused(refused) => panic!("refused: {refused:?}"),
        }
    }
    counts
}

fn owner(number: usize) -> String {
    format!("owner-{number}")
}

/// As the history stands at the end of the log, whatever the clock says.
fn asked(owner: &str) -> GetTimelineRequest {
    GetTimelineRequest {
        as_of: Some(time::timestamp(1_400_000_000_000_000_000)),
        ..all_of(owner)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn real_data_is_stored_once_and_a_timeline_has_exactly_its_touchpoints() {
    let Some(touchpoints) = helpdesk() else {
        return;
    };
    let server = Server::start().await;
    assert_eq!(
        stored(&server.import(touchpoints.clone()).await),
        (TOUCHPOINTS, 0)
    );
    assert_eq!(
        stored(&server.import(touchpoints.clone()).await),
        (0, TOUCHPOINTS)
    );
    let at_least = server.head().await;
    for owner in [22, 1, 63, 176].map(owner) {
        let mut expected: Vec<(i64, Rank, &str, &str)> = touchpoints
            .iter()
            .filter(|touchpoint| {
                touchpoint
                    .subjects
                    .as_ref()
                    .is_some_and(|subjects| subjects.owner_id == owner)
            })
            .map(|touchpoint| {
                let occurred_at = time::nanos(touchpoint.occurred_at.as_ref().unwrap()).unwrap();
                let kind = of_encoded(&touchpoint.encode_to_vec()).unwrap();
                (
                    occurred_at,
                    Rank::of(touchpoint, kind.number),
                    touchpoint.source.as_str(),
                    touchpoint.id.as_str(),
                )
            })
            .collect();
        expected.sort_unstable();
        let expected: Vec<(i64, &str, &str)> = expected
            .into_iter()
            .map(|(occurred_at, _, source, id)| (occurred_at, source, id))
            .collect();
        let timeline = server
            .timeline(GetTimelineRequest {
                at_least: at_least.clone(),
                page_size: 37,
                ..asked(&owner)
            })
            .await
            .unwrap();
        let recorded: Vec<&Touchpoint> = timeline
            .entries
            .iter()
            .map(|entry| {
                entry
                    .recorded
                    .as_ref()
                    .unwrap()
                    .touchpoint
                    .as_ref()
                    .unwrap()
            })
            .collect();
        let got: Vec<(i64, &str, &str)> = recorded
            .iter()
            .map(|t| {
                (
                    time::nanos(t.occurred_at.as_ref().unwrap()).unwrap(),
                    t.source.as_str(),
                    t.id.as_str(),
                )
            })
            .collect();
        assert_eq!(got, expected, "{owner}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_data_as_known_at_a_position_equals_a_server_that_received_only_the_prefix() {
    let Some(touchpoints) = helpdesk() else {
        return;
    };
    let whole = Server::start().await;
    whole.import(touchpoints.clone()).await;
    let head = whole.head().await;
    let prefix = Server::start().await;
    let mut dice = Dice(7);
    let mut positions: Vec<usize> = (0..100).map(|_| 1 + dice.below(TOUCHPOINTS)).collect();
    positions.sort_unstable();
    let mut received = 0;
    for position in positions {
        prefix
            .import(touchpoints[received..position].to_vec())
            .await;
        received = position;
        let at_least = prefix.head().await;
        let known_at = Some(KnownAt {
            at: Some(At::Position(format!("{}-{position:016x}", &head[..8]))),
        });
        let owners = [22, dice.below(227), dice.below(227)].map(owner);
        for owner in owners {
            let then = whole
                .timeline(GetTimelineRequest {
                    known_at: known_at.clone(),
                    ..asked(&owner)
                })
                .await;
            let only = prefix
                .timeline(GetTimelineRequest {
                    at_least: at_least.clone(),
                    ..asked(&owner)
                })
                .await;
            match (then, only) {
                (Ok(then), Ok(only)) => {
                    assert_eq!(story(then), story(only), "{owner} at {position}")
                }
                (then, only) => assert_eq!(
                    then.map_err(|e| e.code()),
                    only.map_err(|e| e.code()),
                    "{owner} at {position}"
                ),
            }
        }
    }
    whole.stop().await;
    prefix.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_data_answers_the_same_after_index_and_views_are_deleted() {
    let Some(touchpoints) = helpdesk() else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_in(directory.path()).await;
    server.import(touchpoints).await;
    let head = server.head().await;
    let asking = |number| GetTimelineRequest {
        at_least: head.clone(),
        ..asked(&owner(number))
    };
    let mut before = Vec::new();
    for number in 1..60 {
        before.push(
            server
                .timeline(asking(number))
                .await
                .map_err(|error| error.code()),
        );
    }
    server.stop().await;
    for derived in ["index", "views"] {
        std::fs::remove_dir_all(directory.path().join(derived)).unwrap();
    }
    let server = Server::start_in(directory.path()).await;
    for (number, before) in (1..60).zip(before) {
        let after = server
            .timeline(asking(number))
            .await
            .map_err(|error| error.code());
        assert_eq!(after, before, "owner-{number}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_data_in_random_order_gives_the_same_stories() {
    let Some(mut touchpoints) = helpdesk() else {
        return;
    };
    let ordered = Server::start().await;
    ordered.import(touchpoints.clone()).await;
    Dice(11).shuffle(&mut touchpoints);
    let shuffled = Server::start().await;
    assert_eq!(
        stored(&shuffled.import(touchpoints).await),
        (TOUCHPOINTS, 0)
    );
    let (left, right) = (ordered.head().await, shuffled.head().await);
    for number in 1..227 {
        let in_order = ordered
            .timeline(GetTimelineRequest {
                at_least: left.clone(),
                ..asked(&owner(number))
            })
            .await;
        let at_random = shuffled
            .timeline(GetTimelineRequest {
                at_least: right.clone(),
                ..asked(&owner(number))
            })
            .await;
        assert_eq!(
            in_order.map(story).map_err(|e| e.code()),
            at_random.map(story).map_err(|e| e.code()),
            "owner-{number}"
        );
    }
    ordered.stop().await;
    shuffled.stop().await;
}
