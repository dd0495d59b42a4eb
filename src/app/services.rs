//! The services of the contract, wired to the parts of a server.

use std::num::NonZero;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::parts::Parts;
use crate::command::{Publisher, Recorder};
use crate::config::Config;
use crate::grpc::{
    AdvocacyApi, CaseApi, ContactApi, FeedbackApi, PolicyApi, ProductionApi, ProjectionApi,
    ResponseTimeApi, Services, TimelineApi, TimelineApiParts, TouchpointApi, TouchpointApiParts,
    VehicleApi,
};
use crate::query::{
    AdvocacyReads, AssistanceReads, CaseReads, ContactReads, CountPermits, DirectoryReads,
    FeedbackReads, LoyaltyReads, OrderReads, PolicyReads, PositionText, Reads, ResponseTimeReads,
    ScoreReads, TimelineReads, TokenKey, VehicleReads, WatchPace,
};
use crate::store::EventStore as _;
use crate::telemetry::metrics::Metrics;

/// Counts over more than one dealer that run at once; more wait. Each is over in seconds at most.
const COUNTS: usize = 2;
/// The names that the footprints of all watches hold together at most: 128 MiB.
const WATCHED_NAMES: usize = 16 << 20;
/// One in so many requests may wait for a view.
const WAITING_SHARE: usize = 4;

/// Builds every service. They end their streams when `drain` is cancelled.
pub(super) fn services(parts: &Parts, key: TokenKey, drain: &CancellationToken) -> Services {
    let config = &parts.config;
    let shared = Shared {
        parts,
        text: PositionText(parts.log.epoch()),
        recorder: parts.recorder(),
        reads: Reads {
            store: parts.store(),
            projector: parts.projector.clone(),
            clock: parts.clock.clone(),
            key,
            page_entries: config.limits.page_entries,
            patience: config.limits.at_least_wait,
            metrics: parts.metrics.answers.clone(),
            waiting: Arc::new(Semaphore::new(
                (config.server.concurrent_requests / WAITING_SHARE).max(1),
            )),
        },
        permits: CountPermits::new(COUNTS),
        pace: watch_pace(config, &parts.metrics),
        subscriptions: Arc::new(Semaphore::new(config.limits.subscriptions)),
        drain,
    };
    Services {
        touchpoint: shared.touchpoint(),
        timeline: shared.timeline(),
        advocacy: shared.advocacy(),
        feedback: shared.feedback(),
        case: shared.case(),
        contact: shared.contact(),
        policy: shared.policy(),
        production: shared.production(),
        response_time: shared.response_time(),
        vehicle: shared.vehicle(),
        projection: shared.projection(),
    }
}

/// The parts that several services share.
struct Shared<'p> {
    parts: &'p Parts,
    text: PositionText,
    recorder: Recorder,
    reads: Reads,
    permits: CountPermits,
    pace: WatchPace,
    subscriptions: Arc<Semaphore>,
    drain: &'p CancellationToken,
}

impl Shared<'_> {
    fn touchpoint(&self) -> TouchpointApi {
        let parts = TouchpointApiParts {
            recorder: self.recorder.clone(),
            store: self.parts.store(),
            text: self.text,
            limits: self.parts.config.limits.clone(),
            drain: self.drain.clone(),
            subscriptions: self.subscriptions.clone(),
            metrics: self.parts.metrics.calls.clone(),
            followers: self.parts.metrics.subscriptions.clone(),
        };
        let directory = DirectoryReads::new(self.reads.clone(), self.permits.clone());
        TouchpointApi::new(parts, directory)
    }

    fn timeline(&self) -> TimelineApi {
        TimelineApi::new(TimelineApiParts {
            timelines: TimelineReads {
                reads: self.reads.clone(),
            },
            recorder: self.recorder.clone(),
            text: self.text,
            limits: self.parts.config.limits.clone(),
            pace: self.pace.clone(),
            drain: self.drain.clone(),
            subscriptions: self.subscriptions.clone(),
            followers: self.parts.metrics.watches.clone(),
        })
    }

    fn advocacy(&self) -> AdvocacyApi {
        let reads = || self.reads.clone();
        AdvocacyApi {
            reads: AdvocacyReads::new(reads()),
            loyalty: LoyaltyReads::new(reads()),
            scores: ScoreReads::new(reads(), self.permits.clone()),
            text: self.text,
        }
    }

    fn feedback(&self) -> FeedbackApi {
        FeedbackApi {
            reads: FeedbackReads {
                reads: self.reads.clone(),
            },
            text: self.text,
            limits: self.parts.config.limits.clone(),
            pace: self.pace.clone(),
            drain: self.drain.clone(),
            subscriptions: self.subscriptions.clone(),
            followers: self.parts.metrics.watches.clone(),
        }
    }

    fn case(&self) -> CaseApi {
        CaseApi {
            reads: CaseReads {
                reads: self.reads.clone(),
            },
            text: self.text,
            limits: self.parts.config.limits.clone(),
            pace: self.pace.clone(),
            drain: self.drain.clone(),
            subscriptions: self.subscriptions.clone(),
            followers: self.parts.metrics.watches.clone(),
        }
    }

    fn contact(&self) -> ContactApi {
        ContactApi {
            contacts: ContactReads::new(self.reads.clone(), self.permits.clone()),
            assistance: AssistanceReads::new(self.reads.clone(), self.permits.clone()),
            text: self.text,
        }
    }

    fn production(&self) -> ProductionApi {
        ProductionApi {
            reads: OrderReads {
                reads: self.reads.clone(),
            },
            text: self.text,
        }
    }

    fn policy(&self) -> PolicyApi {
        PolicyApi {
            reads: PolicyReads {
                reads: self.reads.clone(),
            },
            publisher: Publisher {
                recorder: self.recorder.clone(),
                store: self.parts.store(),
            },
            text: self.text,
            text_characters: self.parts.config.limits.text_characters,
        }
    }

    fn response_time(&self) -> ResponseTimeApi {
        ResponseTimeApi {
            reads: ResponseTimeReads::new(self.reads.clone(), self.permits.clone()),
            text: self.text,
        }
    }

    fn vehicle(&self) -> VehicleApi {
        VehicleApi {
            reads: VehicleReads {
                reads: self.reads.clone(),
            },
            text: self.text,
        }
    }

    fn projection(&self) -> ProjectionApi {
        ProjectionApi {
            projector: self.parts.projector.clone(),
            store: self.parts.store(),
            text: self.text,
            clock: self.parts.clock.clone(),
            limits: self.parts.config.limits.clone(),
            drain: self.drain.clone(),
            subscriptions: self.subscriptions.clone(),
        }
    }
}

fn watch_pace(config: &Config, metrics: &Metrics) -> WatchPace {
    // Each look keeps a core busy, so more of them at once would only slow each other down.
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    WatchPace {
        silence: config.limits.watch_silence,
        future_tolerance: config.limits.future_tolerance,
        looks: Arc::new(Semaphore::new(cores)),
        names: Arc::new(Semaphore::new(WATCHED_NAMES)),
        metrics: metrics.looks.clone(),
    }
}
