//! Generated histories with everything that occurs in practice (several ids of one person, wrong links, late
//! reports, resales, corrections, retractions, duplicates): as known equals as it was, in any order.

use std::collections::BTreeSet;

use ownerline_generate::{Network, Settings};
use ownerline_proto::time;
use ownerline_proto::v1::{
    Actor, GetContextPackRequest, GetTimelineRequest, KnownAt, Touchpoint, actor, known_at::At,
};
use serde_json::Value;

use crate::support::{Dice, Server, all_of, story};

/// 2026-01-01: everything is before it.
const UNTIL: i64 = 1_767_225_600;
const SEEDS: [u64; 3] = [1, 2, 3];
const POSITIONS: usize = 100;

/// Every touchpoint of a small network, each once, in the order of the reports.
pub(crate) fn history(seed: u64) -> Vec<Touchpoint> {
    history_of(25, seed)
}

/// The same of a network of another size.
pub(crate) fn history_of(owners: u64, seed: u64) -> Vec<Touchpoint> {
    let settings = Settings {
        owners,
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

/// The context pack of an owner as known at a position, apart from positions; `None` if nobody knew them.
async fn pack(server: &Server, owner: &str, known: &str) -> Option<Value> {
    let request = GetContextPackRequest {
        owner_id: owner.to_owned(),
        actor: Some(Actor {
            id: "agent-7".to_owned(),
            kind: actor::Kind::Human.into(),
            ..Actor::default()
        }),
        as_of: Some(time::timestamp(UNTIL * 1_000_000_000)),
        known_at: Some(KnownAt {
            at: Some(At::Position(known.to_owned())),
        }),
        ..GetContextPackRequest::default()
    };
    match server.timelines().get_context_pack(request).await {
        Ok(answer) => {
            let pack = answer.into_inner().pack.unwrap();
            let mut pack = serde_json::to_value(pack).unwrap();
            forget_positions(&mut pack);
            Some(pack)
        }
        Err(status) => {
            assert_eq!(status.code(), tonic::Code::NotFound);
            None
        }
    }
}

fn forget_positions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("position");
            members.values_mut().for_each(forget_positions);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_positions),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn packs_of_a_generated_history_do_not_depend_on_what_came_later_or_in_which_order() {
    for seed in SEEDS {
        let mut history = history(seed);
        let owners = owners(&history);
        let (whole, part, shuffled) = (
            Server::start().await,
            Server::start().await,
            Server::start().await,
        );
        whole.import(history.clone()).await;
        let middle = history.len() / 2;
        part.import(history[..middle].to_vec()).await;
        Dice(seed).shuffle(&mut history);
        shuffled.import(history).await;
        let (head, then) = (whole.head().await, part.head().await);
        let before = format!("{}{}", &head[..9], &then[9..]);
        let again = shuffled.head().await;
        let mut told = 0;
        for owner in &owners {
            let now = pack(&whole, owner, &head).await;
            assert_eq!(now, pack(&shuffled, owner, &again).await, "{seed}: {owner}");
            let known = pack(&whole, owner, &before).await;
            assert_eq!(known, pack(&part, owner, &then).await, "{seed}: {owner}");
            told += usize::from(known != now);
        }
        assert!(told > 10, "{told} of {} packs changed", owners.len());
        for server in [whole, part, shuffled] {
            server.stop().await;
        }
    }
}
