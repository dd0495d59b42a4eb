//! HTTP/2 without a client that behaves.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h2::client::{Builder, ResponseFuture, SendRequest};
use http::{HeaderMap, Request, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tonic::Status;

/// Longer than any answer here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const IMPORT: &str = "/ownerline.v1.TouchpointService/Import";
pub(crate) const RECORD: &str = "/ownerline.v1.TouchpointService/Record";

/// An HTTP/2 connection; ended when dropped.
pub(crate) struct Raw {
    pub(crate) send: SendRequest<Bytes>,
    driving: JoinHandle<()>,
}

impl Raw {
    pub(crate) async fn connect(authority: &str) -> Self {
        Self::connect_as(authority, &Builder::new()).await
    }

    /// A client that takes headers and trailers, and has no room for a single byte of a message.
    pub(crate) async fn connect_without_room(authority: &str) -> Self {
        Self::connect_as(authority, Builder::new().initial_window_size(0)).await
    }

    async fn connect_as(authority: &str, client: &Builder) -> Self {
        Self::over(TcpStream::connect(authority).await.unwrap(), client).await
    }

    /// A client that leaves its side of the connection open after the server has closed the other; that side.
    pub(crate) async fn connect_for_longer(authority: &str) -> (Self, TcpStream) {
        let stream = TcpStream::connect(authority).await.unwrap();
        let stream = stream.into_std().unwrap();
        let held = TcpStream::from_std(stream.try_clone().unwrap()).unwrap();
        let stream = Unclosed(TcpStream::from_std(stream).unwrap());
        (Self::over(stream, &Builder::new()).await, held)
    }

    /// A client over a connection that is there.
    pub(crate) async fn over(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        client: &Builder,
    ) -> Self {
        let (send, connection) = client.handshake(stream).await.unwrap();
        let driving = tokio::spawn(async move {
            // However it ends, the test goes on to ask whether the server serves.
            let _ = connection.await;
        });
        Self { send, driving }
    }

    /// Waits until a further stream may be opened.
    pub(crate) async fn ready(&mut self) -> Result<(), h2::Error> {
        self.send = self.send.clone().ready().await?;
        Ok(())
    }

    /// Sends headers and a body, and reads the whole answer.
    pub(crate) async fn exchange(&mut self, request: Request<()>, body: Bytes) -> Answered {
        self.ready().await.unwrap();
        let (response, mut stream) = self.send.send_request(request, false).unwrap();
        // What is refused by its headers may be answered before its body is sent.
        let _ = stream.send_data(body, true);
        Answered::read(response).await
    }
}

/// One side of a connection that its owner does not close.
struct Unclosed(TcpStream);

impl AsyncRead for Unclosed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buf)
    }
}

impl AsyncWrite for Unclosed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

/// A whole answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) http: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Every message, as framed.
    pub(crate) body: Bytes,
    pub(crate) trailers: HeaderMap,
}

impl Answered {
    pub(crate) async fn read(response: ResponseFuture) -> Self {
        let reading = async {
            let (head, mut body) = response.await.unwrap().into_parts();
            let mut bytes = BytesMut::new();
            while let Some(data) = body.data().await {
                let data = data.unwrap();
                body.flow_control().release_capacity(data.len()).unwrap();
                bytes.extend_from_slice(&data);
            }
            let trailers = body.trailers().await.unwrap().unwrap_or_default();
            Self {
                http: head.status,
                headers: head.headers,
                body: bytes.freeze(),
                trailers,
            }
        };
        tokio::time::timeout(PATIENCE, reading)
            .await
            .expect("it is answered")
    }

    /// The status, wherever it stands.
    pub(crate) fn status(&self) -> Status {
        let found = Status::from_header_map(&self.trailers);
        let found = found.or_else(|| Status::from_header_map(&self.headers));
        found.expect("every answer has a status")
    }

    /// Bytes of the list that the status stands in, as HTTP/2 counts them.
    pub(crate) fn list_bytes(&self) -> usize {
        let list = match self.trailers.is_empty() {
            true => &self.headers,
            false => &self.trailers,
        };
        let lines = list.iter();
        lines
            .map(|(name, value)| name.as_str().len() + value.len() + 32)
            .sum()
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.driving.abort();
    }
}

/// The headers of a call.
pub(crate) fn call(path: &str) -> Request<()> {
    Request::builder()
        .method("POST")
        .uri(format!("http://127.0.0.1{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .unwrap()
}

/// A message as gRPC frames it.
pub(crate) fn framed(message: &[u8]) -> Bytes {
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    frame.into()
}
