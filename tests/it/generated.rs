//! Generated histories with everything that real life has (several ids of one person, wrong links, late
//! reports, resales, corrections, retractions, duplicates): as known equals as it was, in any order.

use std::collections::BTreeSet;

use ownerline::generate::{Network, Settings};
use ownerline_proto::time;
use ownerline_proto::v1::{GetTimelineRequest, KnownAt, Touchpoint, known_at::At};

use crate::support::{Dice, Server, all_of, story};

/// 2026-01-01: everything is before it.
const UNTIL: i64 = 1_767_225_600;
const SEEDS: [u64; 3] = [1, 2, 3];
const POSITIONS: usize = 100;

/// Every touchpoint of a small network, each once, in the order of the reports.
pub(crate) fn history(seed: u64) -> Vec<Touchpoint> {
    let settings = Settings {
        owners: 25,
        seed,
        months: 18,
        dealers: 4,
        until: UNTIL,
    };
    let network = Network::new(settings);
    let mut seen = BTreeSet::new();
    let mut history: Vec<Touchpoint> = network
        .journeys()
        .flatten()
        .filter(|touchpoint| seen.insert((touchpoint.source.clone(), touchpoint.id.clone())))
        .collect();
    // Owners are made one after the other; the reports of all of them come mixed.
    let reported = |touchpoint: &Touchpoint| {
        let at = touchpoint.received_at.or(touchpoint.occurred_at);
        at.as_ref().map(time::nanos_clamped)
    };
    history.sort_by_key(reported);
    history
}

/// Every id under which an owner is named.
pub(crate) fn owners(history: &[Touchpoint]) -> Vec<String> {
    let named = history
        .iter()
        .filter_map(|touchpoint| touchpoint.subjects.as_ref());
    let ids: BTreeSet<String> = named.map(|subjects| subjects.owner_id.clone()).collect();
    ids.into_iter().filter(|id| !id.is_empty()).collect()
}

fn asked(owner: &str) -> GetTimelineRequest {
    GetTimelineRequest {
        as_of: Some(time::timestamp(UNTIL * 1_000_000_000)),
        ..all_of(owner)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_history_as_known_equals_a_server_that_received_only_the_prefix() {
    for seed in SEEDS {
        let history = history(seed);
        let owners = owners(&history);
        let (whole, prefix) = (Server::start().await, Server::start().await);
        whole.import(history.clone()).await;
        let head = whole.head().await;
        let last = u64::from_str_radix(&head[9..], 16).unwrap();
        assert_eq!(last, history.len() as u64, "every line is stored");
        let mut dice = Dice(seed);
        let mut positions: Vec<usize> = (0..POSITIONS)
            .map(|_| 1 + dice.below(history.len()))
            .collect();
        positions.sort_unstable();
        let (mut received, mut compared) = (0, 0);
        for position in positions {
            prefix.import(history[received..position].to_vec()).await;
            received = position;
            let at_least = prefix.head().await;
            let known = At::Position(format!("{}-{position:016x}", &head[..8]));
            for _ in 0..4 {
                let owner = &owners[dice.below(owners.len())];
                let then = GetTimelineRequest {
                    known_at: Some(KnownAt {
                        at: Some(known.clone()),
                    }),
                    ..asked(owner)
                };
                let only = GetTimelineRequest {
                    at_least: at_least.clone(),
                    ..asked(owner)
                };
                match (whole.timeline(then).await, prefix.timeline(only).await) {
                    (Ok(then), Ok(only)) => {
                        compared += then.entries.len();
                        assert_eq!(story(then), story(only), "{seed}: {owner} at {position}");
                    }
                    (then, only) => assert_eq!(
                        then.map_err(|error| error.code()),
                        only.map_err(|error| error.code()),
                        "{seed}: {owner} at {position}"
                    ),
                }
            }
        }
        assert!(compared > 1_000, "{compared} entries compared");
        whole.stop().await;
        prefix.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_history_in_random_order_gives_the_same_stories() {
    for seed in SEEDS {
        let mut history = history(seed);
        let owners = owners(&history);
        let (ordered, shuffled) = (Server::start().await, Server::start().await);
        ordered.import(history.clone()).await;
        Dice(seed).shuffle(&mut history);
        shuffled.import(history).await;
        let heads = (ordered.head().await, shuffled.head().await);
        for owner in owners {
            let at_least = |head: &String| GetTimelineRequest {
                at_least: head.clone(),
                ..asked(&owner)
            };
            let in_order = ordered.timeline(at_least(&heads.0)).await.unwrap();
            let at_random = shuffled.timeline(at_least(&heads.1)).await.unwrap();
            assert_eq!(story(in_order), story(at_random), "{seed}: {owner}");
        }
        ordered.stop().await;
        shuffled.stop().await;
    }
}
