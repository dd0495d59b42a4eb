//! The metrics of a server: name, help, labels and buckets of each, declared here, in the folder beside, and in
//! `answers.rs` only. `docs/operations.md` has them in a table.
//!
//! Metrics are values that are passed around, not state of the process, so that two servers in one process have
//! their own. Events are counted where they happen, with an atomic or a short lock; values that can be read at
//! any time are sampled when the metrics are requested ([`Sample`]).

use std::fmt;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::followers::Followers;

mod sampled;

use sampled::Sampler;
pub use sampled::{Sample, VIEW_STATES, ViewSample};

/// Everything that a server counts. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    /// Appends to the log.
    pub appends: AppendMetrics,
    /// The work of the log.
    pub log: LogMetrics,
    /// Calls.
    pub calls: CallMetrics,
    /// Computations of answers.
    pub answers: AnswerMetrics,
    /// Looks of watches.
    pub looks: LookMetrics,
    /// Open subscriptions and their positions.
    pub subscriptions: Followers,
    /// Open watches and their positions.
    pub watches: Followers,
}

/// The metrics of appends.
#[derive(Debug, Clone)]
pub struct AppendMetrics {
    /// Duration by outcome: `stored`, `replayed`, or the name of the error.
    pub duration: Family<Outcome, Histogram, fn() -> Histogram>,
}

/// The metrics of the log, observed once per group, checkpoint or read, never per event.
#[derive(Debug, Clone)]
pub struct LogMetrics {
    /// Duration of the commit of a group, including its sync.
    pub commit: Histogram,
    /// Number of events in a group.
    pub group: Histogram,
    /// Duration of a checkpoint of the write-ahead log.
    pub checkpoint: Histogram,
    /// Duration of one bounded read, including the wait for a reader.
    pub read: Histogram,
}

/// The metrics of calls.
#[derive(Debug, Clone)]
pub struct CallMetrics {
    /// Duration of unary calls.
    pub duration: Family<CallEnd, Histogram, fn() -> Histogram>,
    /// Streams that have ended.
    pub streams: Family<CallEnd, Counter>,
    /// Open calls and streams.
    pub in_flight: Family<Method, Gauge>,
    /// Refusals.
    pub refused: Family<Refused, Counter>,
}

/// The metrics of computations of answers from the read models, looks of watches among them.
#[derive(Debug, Clone, Default)]
pub struct AnswerMetrics {
    /// Computations that run or wait for a thread.
    pub running: Gauge,
    /// Computations that ended early because nobody waited for them any more.
    pub abandoned: Counter,
}

/// The metrics of looks of watches.
#[derive(Debug, Clone)]
pub struct LookMetrics {
    /// Duration of one look, including the wait for its turn.
    pub duration: Histogram,
    /// Looks at whole timelines.
    pub whole: Counter,
}

/// The outcome of an append.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    /// The name of the outcome.
    pub outcome: &'static str,
}

/// A call by its method.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Method {
    /// `<service>/<method>`, or `other`.
    pub method: String,
}

/// A call by its method and code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CallEnd {
    /// `<service>/<method>`, or `other`.
    pub method: String,
    /// The gRPC code.
    pub code: &'static str,
}

/// A refusal by its method and reason.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Refused {
    /// `<service>/<method>`, or `other`.
    pub method: String,
    /// The stable reason, or `NONE`.
    pub reason: String,
}

/// The content type of the text of [`text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// 50 µs to 26 s, each bucket twice as wide as the one before.
fn durations() -> Histogram {
    Histogram::new(exponential_buckets(0.000_05, 2.0, 20))
}

/// 1 to 65,536 events.
fn events() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 2.0, 17))
}

impl Default for AppendMetrics {
    fn default() -> Self {
        Self {
            duration: Family::new_with_constructor(durations),
        }
    }
}

impl Default for LogMetrics {
    fn default() -> Self {
        Self {
            commit: durations(),
            group: events(),
            checkpoint: durations(),
            read: durations(),
        }
    }
}

impl Default for CallMetrics {
    fn default() -> Self {
        Self {
            duration: Family::new_with_constructor(durations),
            streams: Family::default(),
            in_flight: Family::default(),
            refused: Family::default(),
        }
    }
}

impl Default for LookMetrics {
    fn default() -> Self {
        Self {
            duration: durations(),
            whole: Counter::default(),
        }
    }
}

impl AnswerMetrics {
    fn register(&self, registry: &mut Registry) {
        let (running, abandoned) = (self.running.clone(), self.abandoned.clone());
        registry.register(
            "ownerline_answers_running",
            "Answers being computed",
            running,
        );
        let help = "Computations of answers that nobody waited for any more";
        registry.register("ownerline_answers_abandoned", help, abandoned);
    }
}

impl Metrics {
    /// Registers all metrics, in the order of their declaration. `sample` is called each time they are written.
    #[must_use]
    pub fn registry(&self, sample: impl Fn() -> Sample + Send + Sync + 'static) -> Registry {
        let mut registry = Registry::default();
        registry.register(
            "ownerline_append_duration_seconds",
            "From handing a touchpoint to the log to its answer, by outcome",
            self.appends.duration.clone(),
        );
        registry.register(
            "ownerline_commit_duration_seconds",
            "Commit of one group of events, its sync included",
            self.log.commit.clone(),
        );
        registry.register(
            "ownerline_commit_group_events",
            "Events committed with one sync",
            self.log.group.clone(),
        );
        registry.register(
            "ownerline_checkpoint_duration_seconds",
            "Checkpoint of the write-ahead log",
            self.log.checkpoint.clone(),
        );
        registry.register(
            "ownerline_read_duration_seconds",
            "One bounded read of the log, the wait for a reader included",
            self.log.read.clone(),
        );
        registry.register(
            "ownerline_rpc_duration_seconds",
            "Unary calls by method and code",
            self.calls.duration.clone(),
        );
        registry.register(
            "ownerline_rpc_streams",
            "Streams that have ended, by method and code",
            self.calls.streams.clone(),
        );
        registry.register(
            "ownerline_rpc_in_flight",
            "Calls and streams that are open, by method",
            self.calls.in_flight.clone(),
        );
        registry.register(
            "ownerline_refused",
            "Calls that ended with an error and touchpoints refused inside a batch, by method and reason",
            self.calls.refused.clone(),
        );
        registry.register(
            "ownerline_watch_look_duration_seconds",
            "Looks of watches at what changed, the wait for their turn included",
            self.looks.duration.clone(),
        );
        registry.register(
            "ownerline_watch_whole_looks",
            "Looks of watches at a whole timeline",
            self.looks.whole.clone(),
        );
        self.answers.register(&mut registry);
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("ownerline_build", "The program that runs", version);
        registry.register_collector(Box::new(Sampler {
            sample: Box::new(sample),
            subscriptions: self.subscriptions.clone(),
            watches: self.watches.clone(),
        }));
        registry
    }
}

/// The metrics of a registry as text of the type [`CONTENT_TYPE`].
///
/// # Errors
/// If a metric cannot be written.
pub fn text(registry: &Registry) -> Result<String, fmt::Error> {
    let mut text = String::new();
    encode(&mut text, registry)?;
    Ok(text)
}
