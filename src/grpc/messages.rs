//! How many messages and bytes a body carried, read off the framing of gRPC: five bytes of flag and length before each.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;

/// Bytes before each message: a flag, and the length.
const HEADER_BYTES: u8 = 5;

/// Messages and bytes that passed, while more may come.
#[derive(Debug, Default)]
pub(super) struct Passed {
    messages: AtomicU64,
    bytes: AtomicU64,
}

impl Passed {
    /// Messages whose header has passed.
    pub(super) fn messages(&self) -> u64 {
        self.messages.load(Ordering::Relaxed)
    }

    /// Bytes, framing included.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Where in the framing a body is.
#[derive(Debug, Default)]
pub(super) struct Framing {
    passed: Arc<Passed>,
    /// Bytes of the present header that have passed.
    header: u8,
    length: u32,
    /// Bytes of the present message that have not passed.
    left: usize,
}

impl Framing {
    /// What passes from here on is counted in `passed`.
    pub(super) fn counted_in(passed: Arc<Passed>) -> Self {
        Self {
            passed,
            ..Self::default()
        }
    }

    /// Counts the next bytes of the body.
    pub(super) fn pass(&mut self, mut data: &[u8]) {
        let passed = &self.passed;
        passed.bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
        loop {
            let (message, rest) = data.split_at(self.left.min(data.len()));
            self.left -= message.len();
            let Some((byte, rest)) = rest.split_first() else {
                return;
            };
            data = rest;
            // The flag comes first, and is shifted out.
            self.length = self.length << 8 | u32::from(*byte);
            self.header += 1;
            if self.header == HEADER_BYTES {
                self.header = 0;
                self.left = usize::try_from(self.length).unwrap_or(usize::MAX);
                passed.messages.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// The body of a request whose messages are counted.
pub(super) struct Requests {
    body: Body,
    framing: Framing,
}

impl Requests {
    /// The same body; what it carries is counted in `passed`.
    pub(super) fn new(body: Body, passed: Arc<Passed>) -> Self {
        Self {
            body,
            framing: Framing::counted_in(passed),
        }
    }
}

impl HttpBody for Requests {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.framing.pass(data);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(messages: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for message in messages {
            bytes.push(0);
            bytes.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
            bytes.extend(*message);
        }
        bytes
    }

    #[test]
    fn messages_are_counted_however_their_bytes_are_cut() {
        let long = [7; 300];
        let bytes = framed(&[b"one", b"", &long, b"four"]);
        for size in [1, 2, 3, 5, 7, 64, bytes.len()] {
            let passed = Arc::new(Passed::default());
            let mut framing = Framing::counted_in(passed.clone());
            for chunk in bytes.chunks(size) {
                framing.pass(chunk);
            }
            let expected = (4, bytes.len() as u64);
            assert_eq!((passed.messages(), passed.bytes()), expected, "{size}");
        }
    }

    #[test]
    fn a_message_counts_once_its_length_is_known_and_bytes_that_are_none_do_no_harm() {
        let passed = Arc::new(Passed::default());
        let mut framing = Framing::counted_in(passed.clone());
        framing.pass(&[0, 0, 0, 0]);
        assert_eq!(passed.messages(), 0);
        framing.pass(&[9, 1]);
        assert_eq!(passed.messages(), 1);
        framing.pass(&[255; 4_000]);
        framing.pass(&[255; 4_000]);
        assert_eq!(passed.bytes(), 8_006);
    }
}
