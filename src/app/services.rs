//! The services of the contract over what the server is made of.

use std::num::NonZero;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::recorder;
use crate::command::Publisher;
use crate::config::Config;
use crate::grpc::{
    AdvocacyApi, FeedbackApi, PolicyApi, ProjectionApi, ResponseTimeApi, Services, TimelineApi,
    TimelineApiParts, TouchpointApi, TouchpointApiParts,
};
use crate::projector::ProjectorHandle;
use crate::query::{
    AdvocacyReads, Counts, DirectoryReads, FeedbackReads, LoyaltyReads, PolicyReads, PositionText,
    ResponseTimeReads, ScoreReads, Timelines, TokenKey, WatchPace,
};
use crate::runtime::Clock;
use crate::store::SharedStore;
use crate::telemetry::metrics::Metrics;

pub(super) fn services(
    config: &Config,
    metrics: &Metrics,
    store: &SharedStore,
    projector: ProjectorHandle,
    clock: Arc<dyn Clock>,
    key: TokenKey,
    drain: CancellationToken,
) -> Services {
    let text = PositionText(store.epoch());
    let recorder = recorder(config, store, clock.clone(), metrics);
    let timelines = Timelines {
        store: store.clone(),
        projector: projector.clone(),
        clock: clock.clone(),
        key,
        page_entries: config.limits.page_entries,
        patience: config.limits.at_least_wait,
    };
    let counts = Counts::default();
    let directory = DirectoryReads::new(timelines.clone(), counts.clone());
    let subscriptions = Arc::new(Semaphore::new(config.limits.subscriptions));
    let parts = TouchpointApiParts {
        recorder: recorder.clone(),
        store: store.clone(),
        text,
        limits: config.limits.clone(),
        drain: drain.clone(),
        subscriptions: subscriptions.clone(),
        metrics: metrics.calls.clone(),
        followers: metrics.subscriptions.clone(),
    };
    let policy = PolicyApi {
        reads: PolicyReads {
            timelines: timelines.clone(),
        },
        publisher: Publisher {
            recorder: recorder.clone(),
            store: store.clone(),
        },
        text,
        text_characters: config.limits.text_characters,
    };
    let advocacy = AdvocacyApi {
        reads: AdvocacyReads::new(timelines.clone()),
        loyalty: LoyaltyReads::new(timelines.clone()),
        scores: ScoreReads::new(timelines.clone(), counts.clone()),
        text,
    };
    let response_time = ResponseTimeApi {
        reads: ResponseTimeReads::new(timelines.clone(), counts),
        text,
    };
    let pace = watch_pace(config, metrics);
    let feedback = FeedbackApi {
        reads: FeedbackReads {
            timelines: timelines.clone(),
        },
        text,
        limits: config.limits.clone(),
        pace: pace.clone(),
        drain: drain.clone(),
        subscriptions: subscriptions.clone(),
        followers: metrics.watches.clone(),
    };
    let timeline = TimelineApiParts {
        timelines,
        recorder,
        text,
        limits: config.limits.clone(),
        pace,
        drain: drain.clone(),
        subscriptions: subscriptions.clone(),
        followers: metrics.watches.clone(),
    };
    Services {
        touchpoint: TouchpointApi::new(parts, directory),
        timeline: TimelineApi::new(timeline),
        advocacy,
        feedback,
        policy,
        response_time,
        projection: ProjectionApi {
            projector,
            store: store.clone(),
            text,
            clock,
            limits: config.limits.clone(),
            drain,
            subscriptions,
        },
    }
}

fn watch_pace(config: &Config, metrics: &Metrics) -> WatchPace {
    // A look keeps a core busy: more of them at once would only stand in each other's way.
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    WatchPace {
        silence: config.limits.watch_silence,
        future_tolerance: config.limits.future_tolerance,
        looks: Arc::new(Semaphore::new(cores)),
        metrics: metrics.looks.clone(),
    }
}
