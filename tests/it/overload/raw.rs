//! HTTP/2 without a client that behaves.

use bytes::Bytes;
use h2::client::SendRequest;
use http::Request;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

pub(crate) const IMPORT: &str = "/ownerline.v1.TouchpointService/Import";
pub(crate) const RECORD: &str = "/ownerline.v1.TouchpointService/Record";

/// An HTTP/2 connection; ended when dropped.
pub(crate) struct Raw {
    pub(crate) send: SendRequest<Bytes>,
    driving: JoinHandle<()>,
}

impl Raw {
    pub(crate) async fn connect(authority: &str) -> Self {
        let stream = TcpStream::connect(authority).await.unwrap();
        let (send, connection) = h2::client::handshake(stream).await.unwrap();
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
