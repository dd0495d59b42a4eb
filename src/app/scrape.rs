//! The endpoint of metrics: `GET /metrics` and nothing else, over HTTP/1.1, with few and short connections.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus_client::registry::Registry;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::runtime::AcceptBackoff;
use crate::telemetry::metrics;

/// The maximum number of connections; further ones wait in the backlog of the listener.
const CONNECTIONS: usize = 8;
/// The longest life of a connection, which serves one request.
const PATIENCE: Duration = Duration::from_secs(5);
/// The maximum size of the head of a request, in bytes.
const HEAD_BYTES: usize = 8 << 10;
/// The only path.
const PATH: &str = "/metrics";

/// A bound endpoint of metrics, which serves nothing yet.
pub(super) struct Scrapes {
    listener: TcpListener,
    addr: SocketAddr,
}

impl Scrapes {
    /// The endpoint over a bound listener.
    pub(super) fn new((listener, addr): (TcpListener, SocketAddr)) -> Self {
        Self { listener, addr }
    }

    /// The address that it listens on.
    pub(super) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves metrics until `stop` is cancelled; then closes all connections.
    pub(super) async fn serve(self, registry: Registry, stop: CancellationToken) {
        tracing::info!(addr = %self.addr, "metrics are served");
        tokio::select! {
            () = self.accept(Arc::new(registry)) => {}
            () = stop.cancelled() => {}
        }
    }

    async fn accept(self, registry: Arc<Registry>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        // Dropping the set closes every connection.
        let mut connections = JoinSet::new();
        let mut backoff = AcceptBackoff::new("metrics");
        // The semaphore is never closed.
        while let Ok(place) = places.clone().acquire_owned().await {
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tokio::time::sleep(backoff.refused(&error)).await;
                    continue;
                }
            };
            backoff.accepted();
            let registry = registry.clone();
            connections.spawn(async move {
                let _place = place;
                // A client that is too slow is disconnected without an answer.
                let _ = tokio::time::timeout(PATIENCE, answer_one(stream, registry)).await;
            });
            while connections.try_join_next().is_some() {}
        }
    }
}

async fn answer_one(stream: TcpStream, registry: Arc<Registry>) {
    let service = service_fn(move |request| {
        let answer = answer(&request, &registry);
        async move { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .keep_alive(false)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "connection for metrics failed");
    }
}

fn answer(request: &Request<Incoming>, registry: &Registry) -> Response<Full<Bytes>> {
    if request.uri().path() != PATH {
        return plain_text(StatusCode::NOT_FOUND, "there is only /metrics\n");
    }
    if request.method() != Method::GET {
        let mut refused = plain_text(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered\n");
        refused
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET"));
        return refused;
    }
    match metrics::text(registry) {
        Ok(text) => {
            let mut response = Response::new(Full::new(text.into()));
            let kind = HeaderValue::from_static(metrics::CONTENT_TYPE);
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        Err(error) => {
            tracing::error!(%error, "metrics cannot be written");
            plain_text(
                StatusCode::INTERNAL_SERVER_ERROR,
                "an error of the server\n",
            )
        }
    }
}

fn plain_text(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response
}
