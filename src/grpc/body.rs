//! The body of an answer, watched until its end: what it holds open is let go with it, its trailers carry the request id,
//! and the end of a stream is counted and logged.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::FutureExt as _;
use http::{HeaderMap, HeaderValue};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;
use tracing::Span;

use super::counted::Call;
use super::log_lines::Traffic;
use super::messages::{Framing, Passed};
use super::open::{Open, OpenCall};
use super::problem::Problem;
use super::status::{Ending, status};
use super::transport::{self, Wording};

/// Carries the request id both ways.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// A stream that runs, and what its end needs.
pub(super) struct Streaming {
    pub(super) call: Call,
    pub(super) span: Span,
    /// What the client sent.
    pub(super) received: Arc<Passed>,
    /// Cancelled when streams must end.
    pub(super) drain: CancellationToken,
}

/// What every answer needs at its end.
pub(super) struct Trailing {
    pub(super) id: HeaderValue,
    pub(super) wording: Wording,
    /// What the call counts as open: on its connection, among its streams, on the server.
    pub(super) held: Vec<OpenCall>,
    /// The calls of the connection whose next step is the server's.
    pub(super) at_work: Option<Arc<Open>>,
}

/// The body.
pub(super) struct Answer {
    body: Body,
    /// Absent in unary calls, and once the end was told.
    streaming: Option<Streaming>,
    sent: Arc<Passed>,
    framing: Framing,
    id: HeaderValue,
    wording: Wording,
    _held: Vec<OpenCall>,
    at_work: Option<Arc<Open>>,
    /// Held while the server owes the next frame. While the client owes room for it, nobody asks the body.
    working: Option<OpenCall>,
}

impl Answer {
    pub(super) fn new(body: Body, streaming: Option<Streaming>, trailing: Trailing) -> Self {
        let sent = Arc::new(Passed::default());
        Self {
            body,
            streaming,
            framing: Framing::counted_in(sent.clone()),
            sent,
            id: trailing.id,
            wording: trailing.wording,
            _held: trailing.held,
            at_work: trailing.at_work,
            working: None,
        }
    }

    fn end(&mut self, trailers: &mut HeaderMap) {
        transport::reword(trailers, self.wording);
        if let Some(streaming) = self.streaming.take() {
            streaming.end(&Ending::of(trailers), &self.sent);
        }
        trailers.insert(REQUEST_ID, self.id.clone());
    }
}

impl Streaming {
    fn end(&self, ending: &Ending, sent: &Passed) {
        self.call.ended(ending);
        let _entered = self.span.enter();
        let traffic = Traffic {
            received: &self.received,
            sent,
        };
        ending.log(&self.call, &self.span, Some(traffic));
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            if self.working.is_none() {
                self.working = self.at_work.as_ref().map(Open::enter);
            }
            return Poll::Pending;
        };
        self.working = None;
        Poll::Ready(frame.map(|frame| {
            frame.map(|frame| match frame.into_trailers() {
                Ok(mut trailers) => {
                    self.end(&mut trailers);
                    Frame::trailers(trailers)
                }
                Err(frame) => {
                    if self.streaming.is_some()
                        && let Some(data) = frame.data_ref()
                    {
                        self.framing.pass(data);
                    }
                    frame
                }
            })
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        let Some(streaming) = self.streaming.take() else {
            return;
        };
        // A stream that is dropped before its end was cancelled by its client, or cut off because the client did not
        // read on while the server drained.
        let ending = match streaming.drain.is_cancelled() {
            true => Ending::stopping(),
            false => Ending::cancelled(),
        };
        streaming.end(&ending, &self.sent);
    }
}

/// A request whose message may be half: it is given up once the server drains, so that it does not hold the drain.
pub(super) struct Arriving {
    body: Body,
    drained: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Arriving {
    /// A body that fails with `STOPPING` when it stalls after `drained`.
    pub(super) fn new(body: Body, drained: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            body,
            drained: Box::pin(drained.fuse()),
        }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame);
        }
        ready!(self.drained.as_mut().poll(context));
        Poll::Ready(Some(Err(status(Problem::stopping()))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
