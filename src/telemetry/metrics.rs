//! Every metric of a server, declared once: name, help, labels, buckets. `docs/operations.md` has them in
//! a table for people.
//!
//! Metrics are values that are handed down, not state of the process: two servers in one process have
//! figures of their own. What changes is counted where it happens, an atomic or a short lock each; what
//! can be looked at is looked at when somebody asks ([`Sample`]).

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

use super::followers::Followers;

/// Everything a server counts. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    /// Touchpoints on their way into the log.
    pub appends: AppendMetrics,
    /// Inside the log.
    pub log: LogMetrics,
    /// Calls.
    pub calls: CallMetrics,
    /// Looks of watches.
    pub looks: LookMetrics,
    /// Open subscriptions, and where they are.
    pub subscriptions: Followers,
    /// Open watches, and where they are.
    pub watches: Followers,
}

/// Touchpoints on their way into the log.
#[derive(Debug, Clone)]
pub struct AppendMetrics {
    /// `stored`, `replayed`, or why not.
    pub duration: Family<Outcome, Histogram, fn() -> Histogram>,
}

/// Inside the log. Once a group, checkpoint or read, never once an event.
#[derive(Debug, Clone)]
pub struct LogMetrics {
    /// Of a group, the sync included.
    pub commit: Histogram,
    /// Events of a group.
    pub group: Histogram,
    /// Of the write-ahead log.
    pub checkpoint: Histogram,
    /// Of one bounded read, the wait for a reader included.
    pub read: Histogram,
}

/// Calls.
#[derive(Debug, Clone)]
pub struct CallMetrics {
    /// Unary calls, to their end.
    pub duration: Family<CallEnd, Histogram, fn() -> Histogram>,
    /// Streams that have ended.
    pub streams: Family<CallEnd, Counter>,
    /// Calls and streams that have not.
    pub in_flight: Family<Method, Gauge>,
    /// What callers were refused.
    pub refused: Family<Refused, Counter>,
}

/// Looks of watches.
#[derive(Debug, Clone)]
pub struct LookMetrics {
    /// Of one look, the wait for its turn included.
    pub duration: Histogram,
}

/// What became of an append.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    /// A name of an outcome.
    pub outcome: &'static str,
}

/// A call by its method.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Method {
    /// `<service>/<method>`, or `other`.
    pub method: String,
}

/// A call by its method and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CallEnd {
    /// `<service>/<method>`, or `other`.
    pub method: String,
    /// A gRPC code.
    pub code: &'static str,
}

/// A refusal by its method and reason.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Refused {
    /// `<service>/<method>`, or `other`.
    pub method: String,
    /// A stable reason, or `NONE`.
    pub reason: String,
}

/// What is looked at when somebody asks.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Position of the last acknowledged event.
    pub head: u64,
    /// Events before or in the writer.
    pub queue_events: u64,
    /// Events of the log that the index lacks.
    pub index_lag_events: u64,
    /// Bytes of the log's file.
    pub log_bytes: u64,
    /// Bytes of the write-ahead log's file.
    pub wal_bytes: u64,
    /// Whether the log takes nothing more.
    pub poisoned: bool,
    /// Whether the log takes nothing because the disk is full.
    pub full: bool,
    /// Whether the index cannot be written and is tried again.
    pub index_retrying: bool,
    /// Files that the process has open; not known everywhere.
    pub open_files: Option<u64>,
    /// Files that the process may open.
    pub open_files_limit: u64,
    /// Every view.
    pub views: Vec<ViewSample>,
    /// Memory of the process that is in RAM; not known everywhere.
    pub resident_bytes: Option<u64>,
}

/// How far a view is.
#[derive(Debug, Clone)]
pub struct ViewSample {
    /// Its name.
    pub view: &'static str,
    /// One of [`VIEW_STATES`].
    pub state: &'static str,
    /// Events it is behind.
    pub lag_events: u64,
    /// How long the oldest of them has been in the log.
    pub lag_seconds: f64,
    /// Events applied.
    pub applied: u64,
}

/// What a view can be doing.
pub const VIEW_STATES: [&str; 4] = ["catching_up", "live", "failed", "retrying"];

/// What the text of `Metrics::text` is, for whoever asks over HTTP.
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
    /// All figures in the order of their declaration. `sample` is asked each time they are written.
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
        registry.register_collector(Box::new(Looked {
            sample: Box::new(sample),
            subscriptions: self.subscriptions.clone(),
            watches: self.watches.clone(),
        }));
        registry
    }
}

/// All figures of a registry as text, of the type [`CONTENT_TYPE`].
///
/// # Errors
/// If a figure cannot be written.
pub fn text(registry: &Registry) -> Result<String, fmt::Error> {
    let mut text = String::new();
    encode(&mut text, registry)?;
    Ok(text)
}

/// What is looked at when somebody asks.
struct Looked {
    sample: Box<dyn Fn() -> Sample + Send + Sync>,
    subscriptions: Followers,
    watches: Followers,
}

impl fmt::Debug for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Looked").finish_non_exhaustive()
    }
}

impl Collector for Looked {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let sample = (self.sample)();
        let subscriptions = self.subscriptions.lag(sample.head);
        let mut plain = |name, help, value| plain(&mut encoder, name, help, value);
        plain(
            "ownerline_head_position",
            "Position of the last acknowledged event.",
            sample.head,
        )?;
        plain(
            "ownerline_queue_events",
            "Events that wait for the writer or are being written.",
            sample.queue_events,
        )?;
        plain(
            "ownerline_index_lag_events",
            "Events of the log that the index lacks.",
            sample.index_lag_events,
        )?;
        plain(
            "ownerline_log_bytes",
            "Size of the log's file.",
            sample.log_bytes,
        )?;
        plain(
            "ownerline_wal_bytes",
            "Size of the write-ahead log's file.",
            sample.wal_bytes,
        )?;
        plain(
            "ownerline_poisoned",
            "1 once the log takes nothing more until a restart.",
            u64::from(sample.poisoned),
        )?;
        plain(
            "ownerline_log_full",
            "1 while the log takes nothing because the disk is full.",
            u64::from(sample.full),
        )?;
        plain(
            "ownerline_index_retrying",
            "1 while the index cannot be written and is tried again.",
            u64::from(sample.index_retrying),
        )?;
        plain(
            "ownerline_open_files_limit",
            "Files that the process may open.",
            sample.open_files_limit,
        )?;
        if let Some(open) = sample.open_files {
            plain(
                "ownerline_open_files",
                "Files that the process has open.",
                open,
            )?;
        }
        plain(
            "ownerline_subscriptions",
            "Open subscriptions.",
            subscriptions.count,
        )?;
        plain(
            "ownerline_subscription_lag_max_events",
            "Events that the subscription furthest behind has not been sent.",
            subscriptions.most,
        )?;
        plain(
            "ownerline_subscription_lag_events",
            "Events that subscriptions have not been sent, all together.",
            subscriptions.together,
        )?;
        plain(
            "ownerline_watches",
            "Open watches.",
            self.watches.lag(sample.head).count,
        )?;
        if let Some(bytes) = sample.resident_bytes {
            plain(
                "process_resident_memory_bytes",
                "Memory of the process that is in RAM.",
                bytes,
            )?;
        }
        views(&mut encoder, &sample.views)
    }
}

fn views(encoder: &mut DescriptorEncoder<'_>, views: &[ViewSample]) -> fmt::Result {
    gauges(
        encoder,
        "ownerline_view_lag_events",
        "Events that a view has not applied.",
        views
            .iter()
            .map(|view| ([("view", view.view)], view.lag_events)),
    )?;
    gauges(
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
    gauges(
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

fn plain(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    ConstGauge::new(value).encode(metric)
}

fn gauges<L: EncodeLabelSet, N: EncodeGaugeValue>(
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
