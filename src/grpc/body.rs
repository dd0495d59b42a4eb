//! The body of an answer, watched until its end: what it holds open is let go with it, and the end of a stream is
//! counted and logged.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::FutureExt as _;
use http::{HeaderMap, HeaderValue};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tracing::Span;

use super::counted::Call;
use super::open::OpenCall;
use super::problem::Problem;
use super::status::{Ending, status};
use super::transport;

/// Carries the request id both ways.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// A stream that runs, and what its end needs.
pub(super) struct Streaming {
    pub(super) call: Call,
    pub(super) span: Span,
    pub(super) id: HeaderValue,
}

/// The body.
pub(super) struct Answer {
    body: Body,
    /// Absent in unary calls, and once the end was told.
    streaming: Option<Streaming>,
    message_bytes: u64,
    /// What the call counts as open: on its connection, among its streams, on the server.
    _held: Vec<OpenCall>,
}

impl Answer {
    pub(super) fn new(
        body: Body,
        streaming: Option<Streaming>,
        message_bytes: u64,
        held: Vec<OpenCall>,
    ) -> Self {
        Self {
            body,
            streaming,
            message_bytes,
            _held: held,
        }
    }

    fn end(&mut self, trailers: &mut HeaderMap) {
        transport::reword(trailers, self.message_bytes);
        if let Some(streaming) = self.streaming.take() {
            let ending = Ending::of(trailers);
            streaming.end(&ending);
            trailers.insert(REQUEST_ID, streaming.id);
        }
    }
}

impl Streaming {
    fn end(&self, ending: &Ending) {
        self.call.ended(ending);
        let _entered = self.span.enter();
        ending.log(&self.span, self.call.elapsed());
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        Poll::Ready(frame.map(|frame| {
            frame.map(|frame| match frame.into_trailers() {
                Ok(mut trailers) => {
                    self.end(&mut trailers);
                    Frame::trailers(trailers)
                }
                Err(data) => data,
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
        // A stream that is dropped before its end was cancelled by its client.
        if let Some(streaming) = self.streaming.take() {
            streaming.end(&Ending::cancelled());
        }
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
