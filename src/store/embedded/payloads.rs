//! The payloads of the events of one read, in one allocation that the events share.

use bytes::Bytes;

use crate::store::StoredEvent;

/// Collects payloads, and hands them to their events.
#[derive(Default)]
pub(super) struct Payloads {
    bytes: Vec<u8>,
    /// The length of the clear part and of the whole payload, for each event.
    lengths: Vec<(usize, usize)>,
}

impl Payloads {
    /// Reserves this many bytes; more are allocated as needed.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            lengths: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, clear: &[u8], personal: &[u8]) {
        self.bytes.extend_from_slice(clear);
        self.bytes.extend_from_slice(personal);
        self.lengths
            .push((clear.len(), clear.len() + personal.len()));
    }

    /// Sets the payload of each event, in the order in which payloads were pushed.
    pub(super) fn fill(self, events: &mut [StoredEvent]) {
        let bytes = Bytes::from(self.bytes);
        let mut begin = 0;
        for (event, (clear, whole)) in events.iter_mut().zip(self.lengths) {
            let end = begin + whole;
            event.whole = bytes.slice(begin..end);
            event.clear = event.whole.slice(..clear);
            event.personal = event.whole.slice(clear..);
            begin = end;
        }
    }
}
