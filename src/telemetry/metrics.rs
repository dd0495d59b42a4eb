//! The metrics of a server: name, help, labels and buckets of each, declared in this file only.
//! `docs/operations.md` has them in a table.
//!
//! Metrics are values that are passed around, not state of the process, so that two servers in one process have
//! their own. Events are counted where they happen, with an atomic or a short lock; values that can be read at
//! any time are sampled when the metrics are requested ([`Sample`]).

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeLabelSet, EncodeMetric,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::followers::{Followers, Lag};

/// Everything that a server counts. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    /// Appends to the log.
    pub appends: AppendMetrics,
    /// The work of the log.
    pub log: LogMetrics,
    /// Calls.
    pub calls: CallMetrics,
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

/// The metrics of looks of watches.
#[derive(Debug, Clone)]
pub struct LookMetrics {
    /// Duration of one look, including the wait for its turn.
    pub duration: Histogram,
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

/// The values that are sampled when the metrics are requested.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Position of the last acknowledged event.
    pub head: u64,
    /// Events that wait for the writer or are being written.
    pub queue_events: u64,
    /// Events of the log that the index lacks.
    pub index_lag_events: u64,
    /// Size of the log file, in bytes.
    pub log_bytes: u64,
    /// Size of the write-ahead log, in bytes.
    pub wal_bytes: u64,
    /// Whether the log refuses appends until a restart.
    pub poisoned: bool,
    /// Whether the log refuses appends because the disk is full.
    pub full: bool,
    /// Whether the index cannot be written and is being retried.
    pub index_retrying: bool,
    /// Files that the process has open, where the system reports it.
    pub open_files: Option<u64>,
    /// Files that the process may open.
    pub open_files_limit: u64,
    /// All views.
    pub views: Vec<ViewSample>,
    /// Resident memory of the process, where the system reports it.
    pub resident_bytes: Option<u64>,
}

/// The progress of a view.
#[derive(Debug, Clone)]
pub struct ViewSample {
    /// Name of the view.
    pub view: &'static str,
    /// One of [`VIEW_STATES`].
    pub state: &'static str,
    /// Number of events that it has not applied.
    pub lag_events: u64,
    /// Number of those before it answers what is known now.
    pub catch_up_events: u64,
    /// Time since the oldest of them was recorded.
    pub lag_seconds: f64,
    /// Number of events that it has applied.
    pub applied: u64,
}

/// The states of a view.
pub const VIEW_STATES: [&str; 4] = ["catching_up", "live", "failed", "retrying"];

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
        }
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

/// Writes the sampled metrics.
struct Sampler {
    sample: Box<dyn Fn() -> Sample + Send + Sync>,
    subscriptions: Followers,
    watches: Followers,
}

impl fmt::Debug for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sampler").finish_non_exhaustive()
    }
}

/// A gauge without labels: name, help and value, if it is known.
type PlainGauge = (&'static str, &'static str, Option<u64>);

impl Collector for Sampler {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let sample = (self.sample)();
        let subscriptions = self.subscriptions.lag(sample.head);
        let watches = self.watches.lag(sample.head);
        let gauges = log_gauges(&sample)
            .into_iter()
            .chain(file_gauges(&sample))
            .chain(follower_gauges(subscriptions, watches))
            .chain([(
                "process_resident_memory_bytes",
                "Memory of the process that is in RAM.",
                sample.resident_bytes,
            )]);
        for (name, help, value) in gauges {
            if let Some(value) = value {
                encode_plain(&mut encoder, name, help, value)?;
            }
        }
        encode_views(&mut encoder, &sample.views)
    }
}

fn log_gauges(sample: &Sample) -> [PlainGauge; 8] {
    [
        (
            "ownerline_head_position",
            "Position of the last acknowledged event.",
            Some(sample.head),
        ),
        (
            "ownerline_queue_events",
            "Events that wait for the writer or are being written.",
            Some(sample.queue_events),
        ),
        (
            "ownerline_index_lag_events",
            "Events of the log that the index lacks.",
            Some(sample.index_lag_events),
        ),
        (
            "ownerline_log_bytes",
            "Size of the log's file.",
            Some(sample.log_bytes),
        ),
        (
            "ownerline_wal_bytes",
            "Size of the write-ahead log's file.",
            Some(sample.wal_bytes),
        ),
        (
            "ownerline_poisoned",
            "1 once the log takes nothing more until a restart.",
            Some(sample.poisoned.into()),
        ),
        (
            "ownerline_log_full",
            "1 while the log takes nothing because the disk is full.",
            Some(sample.full.into()),
        ),
        (
            "ownerline_index_retrying",
            "1 while the index cannot be written and is tried again.",
            Some(sample.index_retrying.into()),
        ),
    ]
}

fn file_gauges(sample: &Sample) -> [PlainGauge; 2] {
    [
        (
            "ownerline_open_files_limit",
            "Files that the process may open.",
            Some(sample.open_files_limit),
        ),
        (
            "ownerline_open_files",
            "Files that the process has open.",
            sample.open_files,
        ),
    ]
}

fn follower_gauges(subscriptions: Lag, watches: Lag) -> [PlainGauge; 4] {
    [
        (
            "ownerline_subscriptions",
            "Open subscriptions.",
            Some(subscriptions.count),
        ),
        (
            "ownerline_subscription_lag_max_events",
            "Events that the subscription furthest behind has not been sent.",
            Some(subscriptions.max),
        ),
        (
            "ownerline_subscription_lag_events",
            "Events that subscriptions have not been sent, all together.",
            Some(subscriptions.sum),
        ),
        ("ownerline_watches", "Open watches.", Some(watches.count)),
    ]
}

fn encode_views(encoder: &mut DescriptorEncoder<'_>, views: &[ViewSample]) -> fmt::Result {
    encode_family(
        encoder,
        "ownerline_view_lag_events",
        "Events that a view has not applied.",
        views
            .iter()
            .map(|view| ([("view", view.view)], view.lag_events)),
    )?;
    encode_family(
        encoder,
        "ownerline_view_catch_up_events",
        "Events that a view must still apply before it answers what is known now.",
        views
            .iter()
            .map(|view| ([("view", view.view)], view.catch_up_events)),
    )?;
    encode_family(
        encoder,
        "ownerline_view_lag_seconds",
        "How long the oldest event that a view has not applied has been in the log.",
        views
            .iter()
            .map(|view| ([("view", view.view)], view.lag_seconds)),
    )?;
    let states = views.iter().flat_map(|view| {
        VIEW_STATES.map(|state| {
            let labels = [("view", view.view), ("state", state)];
            (labels, u64::from(state == view.state))
        })
    });
    encode_family(
        encoder,
        "ownerline_view_state",
        "1 for what a view is doing.",
        states,
    )?;
    let applied = views
        .iter()
        .map(|view| ([("view", view.view)], view.applied));
    let mut metric = encoder.encode_descriptor(
        "ownerline_view_applied_events",
        "Events that a view has applied since it was built.",
        None,
        MetricType::Counter,
    )?;
    for (labels, value) in applied {
        counter(value).encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}

fn counter<N: EncodeCounterValue>(value: N) -> ConstCounter<N> {
    ConstCounter::new(value)
}

fn encode_plain(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    value: u64,
) -> fmt::Result {
    let metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    ConstGauge::new(value).encode(metric)
}

fn encode_family<L: EncodeLabelSet, N: EncodeGaugeValue>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: impl Iterator<Item = (L, N)>,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in values {
        ConstGauge::new(value).encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}
