//! The yardstick: what plain tonic does with the same messages, in a process of its own. It answers a
//! request with itself, or with a batch as often as asked.

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

use super::{BenchError, Run, Spread, connect};

const SAME: &str = "/ownerline.bench.Echo/Same";
const AGAIN: &str = "/ownerline.bench.Echo/Again";
/// As the server's defaults.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 8 << 20;

/// Asks for an answer several times.
#[derive(Clone, PartialEq, prost::Message)]
struct AgainRequest {
    /// What to answer.
    #[prost(message, optional, tag = "1")]
    answer: Option<SubscribeResponse>,
    /// How often.
    #[prost(uint64, tag = "2")]
    times: u64,
}

/// Listens on a free port of this machine.
///
/// # Errors
/// What the system says.
pub async fn serve_echo(
    listening: impl FnOnce(SocketAddr) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    listening(listener.local_addr()?)?;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let served = Server::builder()
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .add_service(Echo)
        .serve_with_incoming(incoming);
    served.await.map_err(std::io::Error::other)
}

#[derive(Clone)]
struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "ownerline.bench.Echo";
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            match request.uri().path() {
                SAME => {
                    let codec = ProstCodec::<RecordRequest, RecordRequest>::default();
                    Ok(Grpc::new(codec).unary(Same, request).await)
                }
                AGAIN => {
                    let codec = ProstCodec::<SubscribeResponse, AgainRequest>::default();
                    Ok(Grpc::new(codec).server_streaming(Again, request).await)
                }
                _ => {
                    let mut absent = http::Response::new(Body::empty());
                    *absent.status_mut() = http::StatusCode::NOT_FOUND;
                    Ok(absent)
                }
            }
        })
    }
}

struct Same;

impl UnaryService<RecordRequest> for Same {
    type Response = RecordRequest;
    type Future = Ready<Result<Response<RecordRequest>, Status>>;

    fn call(&mut self, request: Request<RecordRequest>) -> Self::Future {
        ready(Ok(Response::new(request.into_inner())))
    }
}

struct Again;

impl ServerStreamingService<AgainRequest> for Again {
    type Response = SubscribeResponse;
    type ResponseStream = stream::BoxStream<'static, Result<SubscribeResponse, Status>>;
    type Future = Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<AgainRequest>) -> Self::Future {
        let AgainRequest { answer, times } = request.into_inner();
        let answer = answer.unwrap_or_default();
        let answers = (0..times).map(move |_| Ok(answer.clone()));
        ready(Ok(Response::new(Box::pin(stream::iter(answers)))))
    }
}

/// A client of the unary echo.
#[derive(Clone)]
pub(super) struct EchoClient(tonic::client::Grpc<tonic::transport::Channel>);

impl EchoClient {
    pub(super) fn new(channel: tonic::transport::Channel) -> Self {
        Self(tonic::client::Grpc::new(channel))
    }

    pub(super) async fn same(
        &mut self,
        request: RecordRequest,
    ) -> Result<RecordRequest, BenchError> {
        self.0.ready().await?;
        let codec = ProstCodec::<RecordRequest, RecordRequest>::default();
        let path = PathAndQuery::from_static(SAME);
        let answer = self.0.unary(Request::new(request), path, codec).await?;
        Ok(answer.into_inner())
    }
}

/// Reads a batch again and again until about `touchpoints` have come, and counts them.
///
/// # Errors
/// If the server cannot be reached or fails.
pub async fn echo_stream(
    url: &str,
    batch: SubscribeResponse,
    touchpoints: u64,
) -> Result<Run, BenchError> {
    let each = touchpoints_of(&batch).max(1);
    let request = AgainRequest {
        answer: Some(batch),
        times: touchpoints.div_ceil(each),
    };
    let mut client = tonic::client::Grpc::new(connect(url).await?);
    client.ready().await?;
    let codec = ProstCodec::<AgainRequest, SubscribeResponse>::default();
    let path = PathAndQuery::from_static(AGAIN);
    let begun = Instant::now();
    let answer = client.server_streaming(Request::new(request), path, codec);
    let mut answers: Streaming<SubscribeResponse> = answer.await?.into_inner();
    let mut count = 0;
    while let Some(answer) = answers.message().await? {
        count += touchpoints_of(&answer);
    }
    Ok(Run {
        count,
        took: begun.elapsed(),
        spread: Spread::new()?,
    })
}

/// How many touchpoints an answer has.
pub(super) fn touchpoints_of(answer: &SubscribeResponse) -> u64 {
    match &answer.item {
        Some(Item::Batch(batch)) => batch.touchpoints.len() as u64,
        _ => 0,
    }
}
