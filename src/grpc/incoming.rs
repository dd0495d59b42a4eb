//! Accepts connections up to a limit, without delay on small writes, and lets go of those that say nothing.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::{Stream, stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use tonic::transport::server::{Connected, TcpConnectInfo};

/// A connection that gives its place back when it is dropped.
pub(super) struct Connection {
    stream: TcpStream,
    /// Until the client has greeted.
    greeting: Option<Greeting>,
    _place: OwnedSemaphorePermit,
}

/// The first bytes of a client. Pings find out dead connections only behind them.
struct Greeting {
    missing: usize,
    patience: Pin<Box<Sleep>>,
}

/// Bytes of the connection preface, RFC 9113 section 3.4.
const PREFACE_BYTES: usize = 24;

/// How long nothing is accepted after the system refused it, for want of file descriptors mostly.
const PAUSE: Duration = Duration::from_millis(50);

/// Connections as they come; beyond `limit` at once, further ones wait in the listener's backlog. One whose
/// client has not greeted within `patience` is closed.
pub(super) fn connections(
    listener: TcpListener,
    limit: usize,
    patience: Duration,
) -> impl Stream<Item = io::Result<Connection>> {
    let places = Arc::new(Semaphore::new(limit));
    stream::unfold((listener, places), move |(listener, places)| async move {
        // The semaphore is never closed; if it were, no more connections are taken.
        let place = places.clone().acquire_owned().await.ok()?;
        let accepted = accept(&listener).await.map(|stream| Connection {
            stream,
            greeting: Some(Greeting {
                missing: PREFACE_BYTES,
                patience: Box::pin(tokio::time::sleep(patience)),
            }),
            _place: place,
        });
        if let Err(error) = &accepted {
            tracing::warn!(%error, "connection could not be accepted");
            tokio::time::sleep(PAUSE).await;
        }
        Some((accepted, (listener, places)))
    })
}

async fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(greeting) = &mut self.greeting
            && greeting.patience.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buf))?;
        let read = buf.filled().len().saturating_sub(before);
        if let Some(greeting) = &mut self.greeting {
            greeting.missing = greeting.missing.saturating_sub(read);
        }
        self.greeting.take_if(|greeting| greeting.missing == 0);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
