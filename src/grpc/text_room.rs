//! The room for texts in an answer that is one message.

use std::cell::Cell;

use ownerline_projections::context_pack::one_text;

/// Bytes of all texts of an answer. What stands beside them fits into what is left of a message.
const TEXT_BYTES: usize = 2 << 20;

/// Room for texts, of which each gets a bounded part.
pub(super) struct TextRoom {
    /// Bytes that are left.
    left: Cell<usize>,
    /// The number of texts that did not fit.
    left_out: Cell<usize>,
}

impl TextRoom {
    pub(super) fn new() -> Self {
        Self {
            left: Cell::new(TEXT_BYTES),
            left_out: Cell::new(0),
        }
    }

    /// The number of texts that did not fit.
    pub(super) fn left_out(&self) -> usize {
        self.left_out.get()
    }

    /// A text of at most 1,000 characters, as far as there is room.
    pub(super) fn shortened(&self, text: String) -> String {
        let text = one_text(text);
        match self.left.get().checked_sub(text.len()) {
            Some(left) => {
                self.left.set(left);
                text
            }
            None => {
                self.left_out.set(self.left_out.get() + 1);
                String::new()
            }
        }
    }
}
