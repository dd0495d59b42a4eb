//! The metrics that are sampled when they are requested: how far the parts of a server are, and how they are.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeLabelSet, EncodeMetric,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::telemetry::LostLines;
use crate::telemetry::followers::{Followers, Lag};

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
    /// Lines of the log on standard error that were lost.
    pub lost_lines: LostLines,
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

/// Writes the sampled metrics.
pub(super) struct Sampler {
    pub(super) sample: Box<dyn Fn() -> Sample + Send + Sync>,
    pub(super) subscriptions: Followers,
    pub(super) watches: Followers,
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
        encode_lost_lines(&mut encoder, sample.lost_lines)?;
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

fn encode_lost_lines(encoder: &mut DescriptorEncoder<'_>, lost: LostLines) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(
        "ownerline_log_lines_lost",
        "Lines of the log on standard error that were lost, by cause.",
        None,
        MetricType::Counter,
    )?;
    for (cause, lines) in [
        ("queue_full", lost.queue_full),
        ("write_failed", lost.write_failed),
    ] {
        counter(lines).encode(metric.encode_family(&[("cause", cause)])?)?;
    }
    Ok(())
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
