//! Calls and streams, counted by method, code and reason.
//!
//! Methods are those of the contract; whatever else is called counts as one, so that nobody can make up
//! series.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use http::{HeaderMap, Response};
use http_body::{Frame, SizeHint};
use ownerline_proto::DESCRIPTOR_SET;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tonic::body::Body;
use tonic::{Code, Status};

use super::status::{GRPC_STATUS, code_of, reason_of};
use crate::telemetry::metrics::{self, CallEnd, CallMetrics, Refused};

/// What every call is counted by.
#[derive(Clone)]
pub(super) struct Counting {
    methods: Arc<BTreeMap<String, Arc<Method>>>,
    other: Arc<Method>,
}

/// One method.
struct Method {
    name: String,
    /// Whether its answer is a stream.
    streams: bool,
    metrics: CallMetrics,
    /// Of calls that are answered, at hand: they are most.
    answered: Histogram,
    in_flight: Gauge,
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
                    let streams = method.server_streaming();
                    methods.insert(path, Arc::new(Method::new(name, streams, metrics)));
                }
            }
        }
        Self {
            methods: Arc::new(methods),
            other: Arc::new(Method::new("other".to_owned(), false, metrics)),
        }
    }

    /// A call of `<package>.<service>/<method>` begins.
    pub(super) fn begin(&self, path: &str) -> Call {
        let method = self.methods.get(path).unwrap_or(&self.other).clone();
        method.in_flight.inc();
        Call {
            method,
            begun: Instant::now(),
        }
    }
}

impl Method {
    fn new(name: String, streams: bool, metrics: &CallMetrics) -> Self {
        let labels = metrics::Method {
            method: name.clone(),
        };
        let end = CallEnd {
            method: name.clone(),
            code: code_name(Code::Ok),
        };
        Self {
            streams,
            // A stream's end is counted elsewhere: it gets no empty series here.
            answered: match streams {
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
    /// Counts a call that is over with these headers; a stream goes on, and is counted at its end.
    pub(super) fn answered(self, response: Response<Body>) -> Response<Body> {
        let headers = response.headers();
        if self.method.streams && !headers.contains_key(GRPC_STATUS) {
            return response.map(|body| {
                Body::new(Counted {
                    body,
                    call: Some(self),
                })
            });
        }
        self.ended(code_of(headers), headers);
        response
    }

    fn ended(&self, code: Code, told: &HeaderMap) {
        let method = &self.method;
        if method.streams {
            let ended = method
                .metrics
                .streams
                .get_or_create_owned(&method.end(code));
            ended.inc();
        } else {
            let seconds = self.begun.elapsed().as_secs_f64();
            match code {
                Code::Ok => method.answered.observe(seconds),
                code => {
                    let ended = method
                        .metrics
                        .duration
                        .get_or_create_owned(&method.end(code));
                    ended.observe(seconds);
                }
            }
        }
        if code != Code::Ok {
            let reason = reason_of(told);
            refused(&method.metrics, &method.name, reason.as_deref());
        }
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

/// The body of a stream. One that is dropped before its end was cancelled by its client.
struct Counted {
    body: Body,
    call: Option<Call>,
}

impl http_body::Body for Counted {
    type Data = bytes::Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(trailers) = frame.trailers_ref()
            && let Some(call) = self.call.take()
        {
            call.ended(code_of(trailers), trailers);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            let cancelled = call.method.end(Code::Cancelled);
            call.method
                .metrics
                .streams
                .get_or_create_owned(&cancelled)
                .inc();
        }
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
