//! Calls and streams, counted by method, code and reason.
//!
//! Methods are those of the contract; whatever else is called counts as one, so that nobody can make up series.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ownerline_proto::DESCRIPTOR_SET;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tonic::Code;

use super::advice::Effect;
use super::status::Ending;
use crate::telemetry::metrics::{self, CallEnd, CallMetrics, Refused};

/// What methods outside the contract are counted as.
const OTHER: &str = "other";
/// What the methods of health begin with.
pub(super) const HEALTH: &str = "grpc.health.v1.Health/";
/// The watch of health, which ends last.
pub(super) const HEALTH_WATCH: &str = "grpc.health.v1.Health/Watch";
const REFLECTION: &str = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const REFLECTION_ALPHA: &str = "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

/// What every call is counted by.
#[derive(Clone)]
pub(super) struct Counting {
    methods: Arc<BTreeMap<String, Arc<Method>>>,
    other: Arc<Method>,
    /// The watch of health.
    other_watch: Arc<Method>,
    /// Reflection.
    other_exchange: Arc<Method>,
}

/// One method.
struct Method {
    name: String,
    shape: Shape,
    effect: Effect,
    metrics: CallMetrics,
    /// Of calls that are answered, at hand: they are most.
    answered: Histogram,
    in_flight: Gauge,
}

/// Which sides of a method are streams; a unary one has none.
#[derive(Debug, Clone, Copy, Default)]
struct Shape {
    asks: bool,
    answers: bool,
}

/// A call that runs; whatever it ends with, it runs no more once dropped.
pub(super) struct Call {
    method: Arc<Method>,
    begun: Instant,
}

impl Counting {
    pub(super) fn new(metrics: &CallMetrics) -> Self {
        // The set is made at build time; were it unreadable, everything would count as `other`.
        let set = FileDescriptorSet::decode(DESCRIPTOR_SET).unwrap_or_default();
        let mut methods = BTreeMap::new();
        for file in &set.file {
            for service in &file.service {
                for method in &service.method {
                    let name = format!("{}/{}", service.name(), method.name());
                    let path = format!("{}.{name}", file.package());
                    let shape = Shape {
                        asks: method.client_streaming(),
                        answers: method.server_streaming(),
                    };
                    methods.insert(path, Arc::new(Method::new(name, shape, metrics)));
                }
            }
        }
        let watch = Shape {
            asks: false,
            answers: true,
        };
        let exchange = Shape {
            asks: true,
            answers: true,
        };
        Self {
            methods: Arc::new(methods),
            other: Arc::new(Method::new(OTHER.to_owned(), Shape::default(), metrics)),
            other_watch: Arc::new(Method::new(OTHER.to_owned(), watch, metrics)),
            other_exchange: Arc::new(Method::new(OTHER.to_owned(), exchange, metrics)),
        }
    }

    /// A call of `<package>.<service>/<method>` begins.
    pub(super) fn begin(&self, path: &str) -> Call {
        let other = match path {
            HEALTH_WATCH => &self.other_watch,
            REFLECTION | REFLECTION_ALPHA => &self.other_exchange,
            _ => &self.other,
        };
        let method = self.methods.get(path).unwrap_or(other).clone();
        method.in_flight.inc();
        Call {
            method,
            begun: Instant::now(),
        }
    }
}

impl Method {
    fn new(name: String, shape: Shape, metrics: &CallMetrics) -> Self {
        let labels = metrics::Method {
            method: name.clone(),
        };
        let end = CallEnd {
            method: name.clone(),
            code: code_name(Code::Ok),
        };
        Self {
            shape,
            effect: effect(&name),
            // A stream's end is counted elsewhere: it gets no empty series here.
            answered: match shape.answers {
                true => Histogram::new([]),
                false => metrics.duration.get_or_create_owned(&end),
            },
            in_flight: metrics.in_flight.get_or_create_owned(&labels),
            metrics: metrics.clone(),
            name,
        }
    }

    fn end(&self, code: Code) -> CallEnd {
        CallEnd {
            method: self.name.clone(),
            code: code_name(code),
        }
    }
}

impl Call {
    /// Whether its answer is a stream.
    pub(super) fn streams(&self) -> bool {
        self.method.shape.answers
    }

    /// Whether its request is one message.
    pub(super) fn has_one_request(&self) -> bool {
        !self.method.shape.asks
    }

    /// What it does.
    pub(super) fn effect(&self) -> Effect {
        self.method.effect
    }

    /// What figures call its method: `<service>/<method>`, or `other`.
    pub(super) fn method(&self) -> &str {
        &self.method.name
    }

    /// How long it has run.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Counts its end: that of a stream is its last word, that of any other call its headers.
    pub(super) fn ended(&self, ending: &Ending) {
        let method = &self.method;
        let metrics = &method.metrics;
        if method.shape.answers {
            let ended = metrics
                .streams
                .get_or_create_owned(&method.end(ending.code));
            ended.inc();
        } else {
            let seconds = self.elapsed().as_secs_f64();
            match ending.code {
                Code::Ok => method.answered.observe(seconds),
                code => {
                    let ended = metrics.duration.get_or_create_owned(&method.end(code));
                    ended.observe(seconds);
                }
            }
        }
        // Whoever went away was not refused.
        if !matches!(ending.code, Code::Ok | Code::Cancelled) {
            refused(metrics, &method.name, ending.reason.as_deref());
        }
    }
}

/// What a method does: the verbs of the contract say which only read.
fn effect(name: &str) -> Effect {
    const READING: [&str; 6] = ["Get", "List", "Read", "Subscribe", "Trace", "Watch"];
    let verb = name.split_once('/').map_or("", |(_, method)| method);
    match name {
        OTHER => Effect::Reads,
        "ProjectionService/RebuildProjection" | "ProjectionService/CancelRebuild" => {
            Effect::Rebuilds
        }
        _ if READING.iter().any(|reading| verb.starts_with(reading)) => Effect::Reads,
        _ => Effect::Records,
    }
}

/// Counts a refusal.
pub(super) fn refused(metrics: &CallMetrics, method: &str, reason: Option<&str>) {
    let refused = Refused {
        method: method.to_owned(),
        reason: reason.unwrap_or("NONE").to_owned(),
    };
    metrics.refused.get_or_create_owned(&refused).inc();
}

impl Drop for Call {
    fn drop(&mut self) {
        self.method.in_flight.dec();
    }
}

/// The name of a code as the documentation of gRPC writes it.
#[must_use]
pub fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_but_these_only_reads() {
        let counting = Counting::new(&CallMetrics::default());
        let methods = counting.methods.values();
        let mut changing: Vec<_> = methods
            .filter(|method| method.effect != Effect::Reads)
            .map(|method| (method.name.as_str(), method.effect))
            .collect();
        changing.sort_by_key(|(name, _)| *name);
        let expected = [
            ("PolicyService/PublishPolicy", Effect::Records),
            ("ProjectionService/CancelRebuild", Effect::Rebuilds),
            ("ProjectionService/RebuildProjection", Effect::Rebuilds),
            ("TouchpointService/Import", Effect::Records),
            ("TouchpointService/Record", Effect::Records),
            ("TouchpointService/RecordBatch", Effect::Records),
            ("TouchpointService/RecordStream", Effect::Records),
        ];
        assert_eq!(changing, expected);
    }
}
