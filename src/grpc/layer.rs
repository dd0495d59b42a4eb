//! What happens around every call: a request id, one span, the deadline, a bound on how many run at
//! once, and statuses that the transport makes by itself put into our words.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue, Request, Response};
use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::{Instrument, field};

use super::counted::Counting;
use super::problem::Problem;
use super::status::{code_of, status};

/// Carries the request id both ways.
const REQUEST_ID: &str = "x-request-id";
/// A request id that a client brings is kept up to this length.
const REQUEST_ID_BYTES: usize = 128;

/// Limits of every call.
#[derive(Debug, Clone, Copy)]
pub(super) struct EdgeLimits {
    /// Calls that run at once, over all connections, up to their response headers.
    pub(super) concurrent_requests: usize,
    /// No call may take longer to its response headers, whatever deadline it brings.
    pub(super) request_timeout: Duration,
    /// Bytes of one message on the wire.
    pub(super) message_bytes: u64,
}

/// Puts [`Edge`] around a service.
#[derive(Clone)]
pub(super) struct EdgeLayer {
    limits: EdgeLimits,
    running: Arc<Semaphore>,
    counting: Counting,
}

impl EdgeLayer {
    /// A layer with these limits; clones share the count of running calls.
    pub(super) fn new(limits: EdgeLimits, counting: Counting) -> Self {
        Self {
            limits,
            running: Arc::new(Semaphore::new(limits.concurrent_requests)),
            counting,
        }
    }
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

type Answer<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

impl<S> Service<Request<Body>> for Edge<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Answer<S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The clone takes the place of the service that was polled ready.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let limits = self.layer.limits;
        let running = self.layer.running.clone();
        let id = request_id(request.headers());
        let call = self
            .layer
            .counting
            .begin(request.uri().path().trim_start_matches('/'));
        let procedure = request.uri().path().trim_start_matches('/').to_owned();
        let span = tracing::info_span!("rpc", procedure = %procedure, request_id = %id, code = field::Empty, millis = field::Empty);
        let recorded = span.clone();
        let answer = async move {
            let begun = Instant::now();
            let deadline = deadline(request.headers(), limits.request_timeout);
            let mut response = match running.try_acquire() {
                Err(_) => {
                    let limit = limits.concurrent_requests;
                    let problem = Problem::busy(
                        "server.concurrent_requests",
                        limit,
                        format!("{limit} requests are running"),
                    );
                    status(problem).into_http()
                }
                Ok(_permit) => match tokio::time::timeout(deadline, inner.call(request)).await {
                    Ok(answered) => in_our_words(answered?, &limits),
                    Err(_) => status(Problem::deadline()).into_http(),
                },
            };
            let code = code_of(response.headers());
            if let Ok(value) = HeaderValue::from_str(&id) {
                response.headers_mut().insert(REQUEST_ID, value);
            }
            recorded.record("code", field::debug(code));
            recorded.record(
                "millis",
                u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            );
            match code {
                Code::Ok => tracing::debug!("answered"),
                Code::Internal | Code::DataLoss | Code::Unknown => tracing::error!("failed"),
                _ => tracing::info!("refused"),
            }
            Ok(call.answered(response))
        };
        Box::pin(answer.instrument(span))
    }
}

fn request_id(headers: &HeaderMap) -> String {
    let brought = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    brought
        .filter(|id| {
            !id.is_empty()
                && id.len() <= REQUEST_ID_BYTES
                && id.bytes().all(|b| b.is_ascii_graphic())
        })
        .map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
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

/// Statuses that the transport makes: a message beyond its limit is OUT_OF_RANGE there, which we never
/// answer ourselves.
fn in_our_words(response: Response<Body>, limits: &EdgeLimits) -> Response<Body> {
    if code_of(response.headers()) != Code::OutOfRange {
        return response;
    }
    let limit = limits.message_bytes;
    let replaced: Status = status(Problem::limit(
        "limits.batch_bytes",
        limit,
        format!("message is larger than {limit} bytes"),
    ));
    replaced.into_http()
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
