//! The echo, the yardstick of every load: a server of plain tonic in a process of its own. It answers a request
//! with the same message, or repeats a given batch.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::Instant;

use futures::future::BoxFuture;
use futures::stream;
use http::uri::PathAndQuery;
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::{RecordRequest, SubscribeResponse};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, ServerStreamingService, UnaryService};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tower::Service;

use crate::connection::connect;
use crate::error::LoadError;
use crate::latencies::Latencies;
use crate::run::Run;

const ECHO: &str = "/ownerline.bench.Echo/Echo";
const REPEAT: &str = "/ownerline.bench.Echo/Repeat";
/// The defaults of the server.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 8 << 20;

/// Asks for the same answer several times.
#[derive(Clone, PartialEq, prost::Message)]
struct RepeatRequest {
    /// The answer to repeat.
    #[prost(message, optional, tag = "1")]
    answer: Option<SubscribeResponse>,
    /// How many times.
    #[prost(uint64, tag = "2")]
    times: u64,
}

/// Serves the echo on a free port of the loopback interface, and passes its address to `listening`.
///
/// # Errors
/// If the port cannot be bound, `listening` fails, or the server does.
pub async fn serve_echo(
    listening: impl FnOnce(SocketAddr) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    listening(listener.local_addr()?)?;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let served = Server::builder()
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .add_service(EchoService)
        .serve_with_incoming(incoming);
    served.await.map_err(std::io::Error::other)
}

#[derive(Clone)]
struct EchoService;

impl NamedService for EchoService {
    const NAME: &'static str = "ownerline.bench.Echo";
}

impl Service<http::Request<Body>> for EchoService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            match request.uri().path() {
                ECHO => {
                    let codec = ProstCodec::<RecordRequest, RecordRequest>::default();
                    Ok(Grpc::new(codec).unary(Echo, request).await)
                }
                REPEAT => {
                    let codec = ProstCodec::<SubscribeResponse, RepeatRequest>::default();
                    Ok(Grpc::new(codec).server_streaming(Repeat, request).await)
                }
                _ => {
                    let mut not_found = http::Response::new(Body::empty());
                    *not_found.status_mut() = http::StatusCode::NOT_FOUND;
                    Ok(not_found)
                }
            }
        })
    }
}

struct Echo;

impl UnaryService<RecordRequest> for Echo {
    type Response = RecordRequest;
    type Future = Ready<Result<Response<RecordRequest>, Status>>;

    fn call(&mut self, request: Request<RecordRequest>) -> Self::Future {
        ready(Ok(Response::new(request.into_inner())))
    }
}

struct Repeat;

impl ServerStreamingService<RepeatRequest> for Repeat {
    type Response = SubscribeResponse;
    type ResponseStream = stream::BoxStream<'static, Result<SubscribeResponse, Status>>;
    type Future = Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<RepeatRequest>) -> Self::Future {
        let RepeatRequest { answer, times } = request.into_inner();
        let answer = answer.unwrap_or_default();
        let answers = (0..times).map(move |_| Ok(answer.clone()));
        ready(Ok(Response::new(Box::pin(stream::iter(answers)))))
    }
}

/// A client of the unary method.
#[derive(Clone)]
pub(crate) struct EchoClient(tonic::client::Grpc<tonic::transport::Channel>);

impl EchoClient {
    pub(crate) fn new(channel: tonic::transport::Channel) -> Self {
        Self(tonic::client::Grpc::new(channel))
    }

    pub(crate) async fn echo(
        &mut self,
        request: RecordRequest,
    ) -> Result<RecordRequest, LoadError> {
        self.0.ready().await?;
        let codec = ProstCodec::<RecordRequest, RecordRequest>::default();
        let path = PathAndQuery::from_static(ECHO);
        let answer = self.0.unary(Request::new(request), path, codec).await?;
        Ok(answer.into_inner())
    }
}

/// Reads repetitions of a batch until about `touchpoints` have come, and counts them.
///
/// # Errors
/// If the server cannot be reached or fails.
pub async fn echo_stream(
    url: &str,
    batch: SubscribeResponse,
    touchpoints: u64,
) -> Result<Run, LoadError> {
    let per_batch = touchpoints_in(&batch).max(1);
    let request = RepeatRequest {
        answer: Some(batch),
        times: touchpoints.div_ceil(per_batch),
    };
    let mut client = tonic::client::Grpc::new(connect(url).await?);
    client.ready().await?;
    let codec = ProstCodec::<RepeatRequest, SubscribeResponse>::default();
    let path = PathAndQuery::from_static(REPEAT);
    let started = Instant::now();
    let answer = client.server_streaming(Request::new(request), path, codec);
    let mut answers: Streaming<SubscribeResponse> = answer.await?.into_inner();
    let mut count = 0;
    while let Some(answer) = answers.message().await? {
        count += touchpoints_in(&answer);
    }
    Ok(Run {
        count,
        elapsed: started.elapsed(),
        latencies: Latencies::new()?,
    })
}

/// The number of touchpoints in an answer.
pub(crate) fn touchpoints_in(answer: &SubscribeResponse) -> u64 {
    match &answer.item {
        Some(Item::Batch(batch)) => batch.touchpoints.len() as u64,
        _ => 0,
    }
}
