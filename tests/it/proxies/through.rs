//! What works through a proxy, and for how long.

use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    GetTimelineRequest, RecordBatchRequest, SubscribeRequest, Touchpoint, WatchTimelineRequest,
};
use tonic::{Code, Streaming};
use tonic_types::StatusExt as _;

use super::front::{Front, Proxy, free_address};
use crate::load::Load;
use crate::process::Served;
use crate::remote::Remote;
use crate::support::{Dice, NOW, all_of, asked_for, feedback, one_stream, reason, seed};

/// A proxy whose patience is so many seconds.
fn impatient(proxy: Proxy, seconds: u32) -> Vec<(&'static str, String)> {
    let of_nginx = [
        "client_body_timeout 10m",
        "grpc_read_timeout 10m",
        "grpc_send_timeout 10m",
    ];
    let of_haproxy = ["timeout client 10m", "timeout server 10m"];
    let lines: &[&str] = match proxy {
        Proxy::Nginx => &of_nginx,
        Proxy::Haproxy => &of_haproxy,
    };
    let instead = lines.iter().map(|line| {
        let key = line.strip_suffix(" 10m").unwrap();
        (*line, format!("{key} {seconds}s"))
    });
    instead.collect()
}

/// Runs behind each proxy that is installed.
async fn behind_each(
    settings: &[(&str, &str)],
    patience: Option<u32>,
    test: impl AsyncFn(Proxy, &Served, &Front),
) {
    for proxy in Proxy::ALL {
        let address = free_address();
        let instead = patience.map(|seconds| impatient(proxy, seconds));
        let instead = instead.unwrap_or_default();
        let instead = instead
            .iter()
            .map(|(words, others)| (*words, others.as_str()));
        let instead: Vec<_> = instead.collect();
        let Some(front) = proxy.start(address, &instead) else {
            continue;
        };
        let directory = tempfile::tempdir().unwrap();
        let served = Served::start_at(directory.path(), &address.to_string(), settings);
        test(proxy, &served, &front).await;
        assert_eq!(served.terminate(), Some(0), "{proxy:?}");
    }
}

/// Feedback of nine thousand letters.
fn wordy(number: usize) -> Touchpoint {
    let (owner, id) = (format!("owner-{number}"), format!("long-{number}"));
    let mut touchpoint = feedback(&owner, &id, NOW);
    if let Some(Payload::FeedbackReceived(said)) = &mut touchpoint.payload {
        said.verbatim = "x".repeat(9_000);
    }
    touchpoint
}

#[tokio::test(flavor = "multi_thread")]
async fn large_batches_streams_and_typed_errors_pass() {
    behind_each(&[], None, async |proxy, served, front| {
        let remote = Remote::connect(front.url()).await.unwrap();
        let imported = remote.import(one_stream(3_000)).await;
        assert_eq!(imported.len(), 3_000, "{proxy:?}");
        // As large as the server takes it.
        let batch = RecordBatchRequest {
            touchpoints: (0..400).map(wordy).collect(),
        };
        let answer = remote.touchpoints().record_batch(batch).await.unwrap();
        let results = answer.into_inner().results;
        let at_least = remote.head().await;
        assert_eq!(results.len(), 400, "{proxy:?}");
        let request = GetTimelineRequest {
            at_least,
            ..all_of("owner-7")
        };
        let through = remote.timeline(request.clone()).await.unwrap();
        let direct = served.remote().await.timeline(request).await.unwrap();
        assert_eq!(through.entries, direct.entries, "{proxy:?}");
        assert_eq!(through.entries.len(), 1, "{proxy:?}");
        let mut nameless = feedback("owner-1", "", NOW);
        nameless.source.clear();
        let refused = remote.record(nameless).await.unwrap_err();
        assert_eq!(
            refused.code(),
            Code::InvalidArgument,
            "{proxy:?}: {refused:?}"
        );
        let details = refused.get_error_details();
        assert!(details.bad_request().is_some(), "{proxy:?}: {refused:?}");
        assert!(refused.metadata().contains_key("x-request-id"), "{proxy:?}");
        let unknown = remote.timeline(all_of("nobody")).await.unwrap_err();
        assert_eq!(reason(&unknown), "NOT_FOUND", "{proxy:?}: {unknown:?}");
    })
    .await;
}

/// Reads a stream for so many messages.
async fn goes_on<T>(proxy: Proxy, name: &str, stream: &mut Streaming<T>, messages: usize) {
    for number in 0..messages {
        let message = stream.message().await;
        let message =
            message.unwrap_or_else(|status| panic!("{proxy:?} {name} {number}: {status:?}"));
        assert!(message.is_some(), "{proxy:?}: {name} ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_and_subscriptions_outlive_the_patience_of_a_proxy() {
    let settings = [("OWNERLINE_LIMITS_WATCH_SILENCE", "1s")];
    behind_each(&settings, Some(2), async |proxy, _, front| {
        let remote = Remote::connect(front.url()).await.unwrap();
        let recorded = remote.record(feedback("owner-1", "1", NOW)).await.unwrap();
        let watch = WatchTimelineRequest {
            owner_id: "owner-1".to_owned(),
            at_least: recorded.position,
            ..WatchTimelineRequest::default()
        };
        let watch = remote.timelines().watch_timeline(watch).await.unwrap();
        let mut watch = watch.into_inner();
        let everything = SubscribeRequest::default();
        let subscription = remote.touchpoints().subscribe(everything).await.unwrap();
        let mut subscription = subscription.into_inner();
        // Nothing happens for more than twice the patience of the proxy.
        tokio::join!(
            goes_on(proxy, "watch", &mut watch, 6),
            goes_on(proxy, "subscription", &mut subscription, 7),
        );
        remote.record(feedback("owner-1", "2", NOW)).await.unwrap();
        loop {
            let answer = subscription.message().await.unwrap().unwrap();
            if let Some(Item::Batch(batch)) = answer.item {
                assert_eq!(batch.touchpoints.len(), 1, "{proxy:?}");
                break;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_under_load_through_a_proxy_lose_nothing_and_store_nothing_twice() {
    let stops = asked_for("OWNERLINE_STOPS", 2);
    for proxy in Proxy::ALL {
        let address = free_address();
        let Some(front) = proxy.start(address, &[]) else {
            continue;
        };
        let seed = seed();
        let mut dice = Dice(seed);
        let directory = tempfile::tempdir().unwrap();
        let mut load = Load::new(seed);
        let start = || {
            let served = Served::start_at(directory.path(), &address.to_string(), &[]);
            served.behind(front.url())
        };
        for _ in 0..stops {
            let ends = load.until_drained(start(), &mut dice).await;
            for status in [&ends.import, &ends.subscription, &ends.watch] {
                assert_eq!(status.code(), Code::Unavailable, "{proxy:?}: {status:?}");
            }
        }
        load.all_is_there(start(), directory.path()).await;
        eprintln!("{proxy:?}: {}", load.told());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_finds_no_server_behind_the_proxy_is_unavailable() {
    for proxy in Proxy::ALL {
        let Some(front) = proxy.start(free_address(), &[]) else {
            continue;
        };
        let remote = Remote::connect(front.url()).await.unwrap();
        let refused = remote.record(feedback("owner-1", "1", NOW)).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{proxy:?}: {refused:?}");
        let told = refused.message();
        assert_eq!(told, "no server answers behind the proxy", "{proxy:?}");
        let everything = SubscribeRequest::default();
        let subscription = remote.touchpoints().subscribe(everything).await;
        assert_eq!(
            subscription.unwrap_err().code(),
            Code::Unavailable,
            "{proxy:?}"
        );
    }
}
