//! The payloads of the events of one read, in one piece of memory: every event holds slices of it.

use bytes::Bytes;

use crate::store::StoredEvent;

/// Payloads on their way into events.
#[derive(Default)]
pub(super) struct Payloads {
    bytes: Vec<u8>,
    /// Length of the clear part and of the whole, for each event.
    lengths: Vec<(usize, usize)>,
}

impl Payloads {
    /// Room for so many bytes; it grows.
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

    /// Gives each event its payload; they are in the order in which the payloads came.
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
