//! What happens around every call: a request id, one span, the deadline, bounds on how many run at once and how many
//! streams a connection holds, and statuses that the transport makes by itself put into our words.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, Response};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tower::{Layer, Service};
use tracing::{Instrument, Span, field};

use super::body::{Answer, Arriving, REQUEST_ID, Streaming, Trailing};
use super::counted::{Call, Counting, HEALTH, HEALTH_WATCH};
use super::messages::{Passed, Requests};
use super::open::{Open, OpenCall, OpenOnConnection};
use super::origin::Origin;
use super::problem::Problem;
use super::status::{Ending, GRPC_STATUS, status};
use super::transport::{self, Wording};
use crate::config::Networks;

/// A request id that a client brings is kept up to this length.
const REQUEST_ID_BYTES: usize = 128;
/// How long the rest of a request may take once the server drains.
const REST_OF_REQUEST: Duration = Duration::from_millis(300);

/// Limits of every call.
#[derive(Debug, Clone, Copy)]
pub(super) struct EdgeLimits {
    /// Calls that run at once, over all connections, up to their response headers.
    pub(super) concurrent_requests: usize,
    /// Streams that one connection may hold open at once.
    pub(super) streams_per_connection: usize,
    /// No call may take longer to its response headers, whatever deadline it brings.
    pub(super) request_timeout: Duration,
    /// Bytes of one message on the wire.
    pub(super) message_bytes: u64,
}

/// Puts [`Edge`] around a service.
#[derive(Clone)]
pub(super) struct EdgeLayer {
    limits: EdgeLimits,
    trusted_proxies: Arc<Networks>,
    running: Arc<Semaphore>,
    counting: Counting,
    drain: CancellationToken,
    /// Every call but the watches of health.
    open: Arc<Open>,
}

impl EdgeLayer {
    /// A layer with these limits; clones share the count of running calls. What is open is counted in `open`, and
    /// requests that stop halfway are given up once `drain` is cancelled.
    pub(super) fn new(
        limits: EdgeLimits,
        trusted_proxies: Arc<Networks>,
        counting: Counting,
        drain: CancellationToken,
        open: Arc<Open>,
    ) -> Self {
        Self {
            limits,
            trusted_proxies,
            running: Arc::new(Semaphore::new(limits.concurrent_requests)),
            counting,
            drain,
            open,
        }
    }

    /// Who makes a call.
    fn origin(&self, request: &Request<Body>) -> Origin {
        let connection = request.extensions().get::<OpenOnConnection>();
        let peer = connection.and_then(|connection| connection.peer);
        Origin::of(peer, request.headers(), &self.trusted_proxies)
    }

    /// What a call counts as open, and why it must not run on this connection, if so.
    fn admit(&self, path: &str, call: &Call, connection: Option<&OpenOnConnection>) -> Admitted {
        let mut admitted = Admitted {
            held: Vec::with_capacity(4),
            at_work: connection.map(|connection| connection.at_work.clone()),
            refused: None,
        };
        let held = &mut admitted.held;
        // A watch of health ends once everything else has.
        if path != HEALTH_WATCH {
            held.push(self.open.enter());
        }
        let Some(connection) = connection else {
            return admitted;
        };
        held.push(connection.calls.enter());
        // Whoever comes so late is sent elsewhere; health says itself that nothing is served.
        if connection.is_late && !path.starts_with(HEALTH) {
            admitted.refused = Some(Problem::stopping());
        } else if call.streams() {
            let limit = self.limits.streams_per_connection;
            match connection.streams.enter_below(limit) {
                Some(stream) => held.push(stream),
                None => admitted.refused = Some(Problem::full_connection(limit)),
            }
        }
        admitted
    }

    /// A request that does not hold the drain: one message that stops halfway is given up, streams of them end themselves.
    /// What a stream is sent is counted in `received`.
    fn arriving(
        &self,
        call: &Call,
        request: Request<Body>,
        received: &Arc<Passed>,
    ) -> Request<Body> {
        let request = match call.streams() {
            true => request.map(|body| Body::new(Requests::new(body, received.clone()))),
            false => request,
        };
        if !call.has_one_request() {
            return request;
        }
        let drain = self.drain.clone();
        let given_up = async move {
            drain.cancelled().await;
            tokio::time::sleep(REST_OF_REQUEST).await;
        };
        request.map(|body| Body::new(Arriving::new(body, given_up)))
    }
}

/// A call on its connection.
struct Admitted {
    /// What it counts as open.
    held: Vec<OpenCall>,
    /// The calls of the connection whose next step is the server's.
    at_work: Option<Arc<Open>>,
    /// Why it must not run.
    refused: Option<Problem>,
}

impl<S> Layer<S> for EdgeLayer {
    type Service = Edge<S>;

    fn layer(&self, inner: S) -> Edge<S> {
        Edge {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service with the edge around it.
#[derive(Clone)]
pub(super) struct Edge<S> {
    inner: S,
    layer: EdgeLayer,
}

type Answering<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

impl<S> Service<Request<Body>> for Edge<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Answering<S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The clone takes the place of the service that was polled ready.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        let limits = layer.limits;
        let id = request_id(request.headers());
        let path = request.uri().path().trim_start_matches('/');
        let call = layer.counting.begin(path);
        let mut admitted = layer.admit(path, &call, request.extensions().get());
        let deadline = Instant::now() + deadline(request.headers(), limits.request_timeout);
        let span = span(path, &id, layer.origin(&request));
        let recorded = span.clone();
        let answering = async move {
            let working = admitted.at_work.as_ref().map(Open::enter);
            let permit = layer.running.try_acquire();
            let received = Arc::new(Passed::default());
            let response = if let Err(refused) = transport::refuse_other_protocols(&request) {
                *refused
            } else if let Some(problem) = admitted.refused.take() {
                status(problem).into_http()
            } else if permit.is_err() {
                status(too_many(limits.concurrent_requests)).into_http()
            } else {
                let request = layer.arriving(&call, request, &received);
                match tokio::time::timeout_at(deadline, inner.call(request)).await {
                    Ok(answered) => answered?,
                    Err(_) => status(Problem::deadline(call.effect())).into_http(),
                }
            };
            drop(working);
            let trailing = Trailing {
                id,
                wording: Wording {
                    message_bytes: limits.message_bytes,
                    effect: call.effect(),
                },
                held: admitted.held,
                at_work: admitted.at_work,
            };
            let streaming = Streaming {
                call,
                span: recorded,
                received,
                drain: layer.drain.clone(),
            };
            Ok(answered(response, streaming, trailing))
        };
        Box::pin(answering.instrument(span))
    }
}

/// Names a call in the log. An error is a line of some level, and all of them need the span.
fn span(procedure: &str, id: &HeaderValue, origin: Origin) -> Span {
    let request_id = id.to_str().unwrap_or_default();
    let peer = origin.peer.map(field::display);
    let client = origin.client.map(field::display);
    tracing::error_span!("rpc", %procedure, %request_id, peer, client, code = field::Empty, reason = field::Empty, millis = field::Empty, received = field::Empty, received_bytes = field::Empty, sent = field::Empty, sent_bytes = field::Empty)
}

/// An answer on its way out: in our words, with its request id, counted and logged if this is its end, and watched
/// until it is.
fn answered(response: Response<Body>, streaming: Streaming, trailing: Trailing) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    transport::reword(&mut head.headers, trailing.wording);
    head.headers.insert(REQUEST_ID, trailing.id.clone());
    let goes_on = streaming.call.streams() && !head.headers.contains_key(GRPC_STATUS);
    let streaming = if goes_on {
        Some(streaming)
    } else {
        let ending = Ending::of(&head.headers);
        streaming.call.ended(&ending);
        ending.log(&streaming.call, &streaming.span, None);
        None
    };
    let body = Body::new(Answer::new(body, streaming, trailing));
    Response::from_parts(head, body)
}

fn too_many(limit: usize) -> Problem {
    let message = format!("{limit} requests are running");
    Problem::busy("server.concurrent_requests", limit, message)
}

/// The id that the client brought, or a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let brought = headers.get(REQUEST_ID).filter(|id| {
        let bytes = id.as_bytes();
        (1..=REQUEST_ID_BYTES).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
    });
    brought.cloned().unwrap_or_else(|| {
        let new = uuid::Uuid::now_v7().to_string();
        // A UUID is a header value; were it none, there would be no id.
        HeaderValue::try_from(new).unwrap_or(HeaderValue::from_static("none"))
    })
}

/// A little before the transport's own timer, which would answer CANCELLED without a word about the
/// outcome.
fn deadline(headers: &HeaderMap, cap: Duration) -> Duration {
    let asked = headers
        .get("grpc-timeout")
        .and_then(|timeout| timeout.to_str().ok())
        .and_then(grpc_timeout);
    asked.map_or(cap, |asked| cap.min(asked.mul_f64(0.98)))
}

/// `<1-8 digits><H|M|S|m|u|n>`, gRPC over HTTP/2.
fn grpc_timeout(text: &str) -> Option<Duration> {
    let unit_at = text.len().checked_sub(1)?;
    let (digits, unit) = text.split_at_checked(unit_at)?;
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(amount.saturating_mul(3_600)),
        "M" => Duration::from_secs(amount.saturating_mul(60)),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_of_every_unit_are_read() {
        assert_eq!(grpc_timeout("5S"), Some(Duration::from_secs(5)));
        assert_eq!(grpc_timeout("250m"), Some(Duration::from_millis(250)));
        assert_eq!(grpc_timeout("7u"), Some(Duration::from_micros(7)));
        assert_eq!(grpc_timeout("2H"), Some(Duration::from_secs(7_200)));
        for malformed in ["", "5", "S", "-1S", "5x", "5ü"] {
            assert_eq!(grpc_timeout(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn the_earlier_of_the_two_deadlines_holds() {
        let mut headers = HeaderMap::new();
        let cap = Duration::from_secs(30);
        assert_eq!(deadline(&headers, cap), cap);
        headers.insert("grpc-timeout", HeaderValue::from_static("1S"));
        assert_eq!(deadline(&headers, cap), Duration::from_millis(980));
        headers.insert("grpc-timeout", HeaderValue::from_static("99H"));
        assert_eq!(deadline(&headers, cap), cap);
    }

    #[test]
    fn a_request_id_that_could_break_a_log_line_is_replaced() {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_static("good-id"));
        assert_eq!(request_id(&headers), "good-id");
        headers.insert(REQUEST_ID, HeaderValue::from_static("bad id"));
        assert_ne!(request_id(&headers), "bad id");
    }
}
