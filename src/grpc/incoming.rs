//! Accepts connections up to a limit, without delay on small writes, and lets go of those that say nothing. A connection
//! is closed once its client has had time to read the last word. Once the server drains, it also lets go of those without
//! a call, and of those whose clients do not read their answers.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::{Stream, stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::Connected;

use super::open::OpenOnConnection;

use crate::runtime::AcceptBackoff;

/// A connection that gives its place back when it is dropped.
pub(super) struct Connection {
    stream: TcpStream,
    /// Until the client has greeted.
    greeting: Option<Greeting>,
    open: OpenOnConnection,
    /// Ready once nobody needs it any more: whatever the client does, it is closed.
    unneeded: Pin<Box<dyn Future<Output = ()> + Send>>,
    is_unneeded: bool,
    /// Bytes that were written, so that what is under way is not cut off.
    written: Arc<AtomicU64>,
    /// Once the last word is written: until when the client may still be reading it.
    lingering: Option<Pin<Box<Sleep>>>,
    _place: OwnedSemaphorePermit,
}

/// The first bytes of a client. Pings find out dead connections only behind them.
struct Greeting {
    missing: usize,
    patience: Pin<Box<Sleep>>,
}

/// Bytes of the connection preface, RFC 9113 section 3.4.
const PREFACE_BYTES: usize = 24;

/// How long a connection without a call stays once the server drains, if nothing is written to it: enough for the last
/// word of the last call, and for clients to close it themselves.
const LAST_WORD: Duration = Duration::from_millis(250);

/// How long a connection whose calls all wait for their client to read on stays once the server drains, if nothing can be
/// written to it: longer than the way to any client and back.
const UNREAD: Duration = Duration::from_millis(500);

/// How long a connection is still read after its last word, if the client does not close it.
const LINGER: Duration = Duration::from_secs(1);

/// The same of a client that has not answered the announcement of the drain yet.
const LINGER_UNANSWERED: Duration = Duration::from_millis(300);

/// Where connections come from, and the bounds that they have together.
#[derive(Clone)]
pub(super) struct Door {
    listener: Arc<TcpListener>,
    places: Arc<Semaphore>,
    patience: Duration,
    drain: CancellationToken,
}

impl Door {
    /// A door for at most `limit` connections at once; further ones wait in the listener's backlog. One whose client
    /// has not greeted within `patience` is closed, and so is one that nobody needs once `drain` is cancelled.
    pub(super) fn new(
        listener: TcpListener,
        limit: usize,
        patience: Duration,
        drain: CancellationToken,
    ) -> Self {
        Self {
            listener: Arc::new(listener),
            places: Arc::new(Semaphore::new(limit)),
            patience,
            drain,
        }
    }

    /// Connections as they come, until `closed` is cancelled and nobody waits any more: whoever waits when the listener is
    /// closed would be cut off.
    pub(super) fn connections(
        self,
        closed: CancellationToken,
    ) -> impl Stream<Item = io::Result<Connection>> {
        let state = (self, closed, AcceptBackoff::new("grpc"));
        stream::unfold(state, async |(door, closed, mut backoff)| {
            let accepting = async {
                // The semaphore is never closed; if it were, no more connections are taken.
                let place = door.places.clone().acquire_owned().await.ok()?;
                Some((accept(&door.listener).await, place))
            };
            let (accepted, place) = tokio::select! {
                biased;
                accepted = accepting => accepted?,
                () = closed.cancelled() => return None,
            };
            let accepted = accepted.map(|(stream, peer)| {
                Connection::new(stream, peer, door.patience, door.drain.clone(), place)
            });
            match &accepted {
                Ok(_) => backoff.accepted(),
                Err(error) => tokio::time::sleep(backoff.refused(error)).await,
            }
            Some((accepted, (door, closed, backoff)))
        })
    }
}

async fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer))
}

impl Connection {
    fn new(
        stream: TcpStream,
        peer: SocketAddr,
        patience: Duration,
        drain: CancellationToken,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let open = OpenOnConnection {
            peer: Some(peer),
            is_late: drain.is_cancelled(),
            ..OpenOnConnection::default()
        };
        let written = Arc::new(AtomicU64::new(0));
        let unneeded = unneeded(drain, open.clone(), written.clone());
        Self {
            stream,
            greeting: Some(Greeting {
                missing: PREFACE_BYTES,
                patience: Box::pin(tokio::time::sleep(patience)),
            }),
            open,
            unneeded: Box::pin(unneeded),
            is_unneeded: false,
            written,
            lingering: None,
            _place: place,
        }
    }

    /// Fails once nobody needs the connection any more, and wakes the task that asks when it comes to that. A client that
    /// may still read the last word has time for it.
    fn poll_needed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_unneeded {
            self.is_unneeded = self.unneeded.as_mut().poll(context).is_ready();
        }
        if !self.is_unneeded {
            return Poll::Ready(Ok(()));
        }
        if self.greeting.is_none() && self.open.calls.count() == 0 {
            ready!(self.poll_end(context, LINGER_UNANSWERED));
        }
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }

    /// Ends the writing, then waits until the client has closed its side, at most for `linger`.
    fn poll_end(&mut self, context: &mut Context<'_>, linger: Duration) -> Poll<()> {
        if self.lingering.is_none() {
            // A fault says that the client is gone, which reading finds out.
            let _ = ready!(Pin::new(&mut self.stream).poll_shutdown(context));
            self.lingering = Some(Box::pin(tokio::time::sleep(linger)));
        }
        self.poll_linger(context)
    }

    /// Reads until the client has closed its side, or the time for that is over.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut discarded = [0; 4_096];
        loop {
            let over = self.lingering.as_mut();
            if over.is_none_or(|over| over.as_mut().poll(context).is_ready()) {
                return Poll::Ready(());
            }
            let mut buf = ReadBuf::new(&mut discarded);
            // A fault says that the client is gone, too.
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buf));
            if read.is_err() || buf.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    }

    fn wrote(&self, result: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(bytes)) = result {
            self.written.fetch_add(*bytes as u64, Ordering::Relaxed);
        }
    }
}

/// Waits until the server drains, has nothing to do for any call of the connection, and cannot write to it. A client
/// that answers no ping, says nothing at all, or does not read its answers would hold the drain otherwise.
async fn unneeded(drain: CancellationToken, open: OpenOnConnection, written: Arc<AtomicU64>) {
    drain.cancelled().await;
    loop {
        open.at_work.none().await;
        let before = written.load(Ordering::Relaxed);
        let patience = match open.calls.count() {
            0 => LAST_WORD,
            _ => UNREAD,
        };
        tokio::time::sleep(patience).await;
        if open.at_work.count() == 0 && written.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = OpenOnConnection;

    fn connect_info(&self) -> OpenOnConnection {
        self.open.clone()
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
        ready!(self.poll_needed(context))?;
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
        ready!(self.poll_needed(context))?;
        let result = Pin::new(&mut self.stream).poll_write(context, buf);
        self.wrote(&result);
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_needed(context))?;
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, bufs);
        self.wrote(&result);
        result
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Ends the writing, then waits until the client has closed its side, and discards what still comes. A connection
    /// that is closed while its client still writes is reset, and a client whose write fails may give up without having
    /// read the last word.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_end(context, LINGER).map(Ok)
    }
}
