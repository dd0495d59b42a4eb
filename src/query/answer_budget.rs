//! How many bytes one answer may have. gRPC clients refuse messages beyond 4 MiB by default, and then know nothing of
//! what the answer said; whatever has a list is cut by this budget before.

/// Bytes of the lists of one answer. What stands beside them fits into the MiB that is left.
const ANSWER_BYTES: usize = 3 << 20;
/// Bytes of one message of a stream: small, because some messages wait for each reader that does not read.
const MESSAGE_BYTES: usize = 256 << 10;
/// Bytes of the tag and the length of one item of a list.
const FRAMING_BYTES: usize = 8;

/// The bytes that are left for the lists of one answer.
#[derive(Debug, Clone)]
pub struct AnswerBudget {
    left: usize,
    is_untouched: bool,
}

impl AnswerBudget {
    /// The budget of an answer to a unary call, or of one that a client waits for.
    #[must_use]
    pub fn of_answer() -> Self {
        Self::of(ANSWER_BYTES)
    }

    /// The budget of one of many messages of a stream.
    #[must_use]
    pub fn of_message() -> Self {
        Self::of(MESSAGE_BYTES)
    }

    fn of(left: usize) -> Self {
        Self {
            left,
            is_untouched: true,
        }
    }

    /// Takes the encoded bytes of one more item and returns true, if they fit. The first item always fits: an answer
    /// without any would not move forward, and the limits of requests keep single items small.
    #[must_use]
    pub fn takes(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes.saturating_add(FRAMING_BYTES));
        if left.is_none() && !std::mem::take(&mut self.is_untouched) {
            return false;
        }
        self.is_untouched = false;
        self.left = left.unwrap_or_default();
        true
    }

    /// Returns by how much the encoded bytes of all these items are beyond the budget.
    #[must_use]
    pub fn excess(&self, items: impl Iterator<Item = usize>) -> usize {
        Self::encoded(items).saturating_sub(self.left)
    }

    /// Returns the bytes of a list of items with these encoded bytes.
    #[must_use]
    pub fn encoded(items: impl Iterator<Item = usize>) -> usize {
        let framed = items.map(|bytes| bytes.saturating_add(FRAMING_BYTES));
        framed.sum()
    }

    /// Takes the last of some items, as many as fit by their encoded bytes, and returns how many before them are left
    /// out.
    pub fn newest(
        &mut self,
        items: impl DoubleEndedIterator<Item = usize> + ExactSizeIterator,
    ) -> usize {
        let all = items.len();
        let fitting = items.rev().take_while(|bytes| self.takes(*bytes));
        all - fitting.count()
    }

    /// Keeps the first items, as many as fit by their encoded bytes, and returns whether some were left out.
    pub fn cut<T>(&mut self, items: &mut Vec<T>, bytes: impl Fn(&T) -> usize) -> bool {
        let all = items.len();
        let fitting = items.iter().take_while(|item| self.takes(bytes(item)));
        let fitting = fitting.count();
        items.truncate(fitting);
        fitting < all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_fit_until_the_bytes_are_used_up_and_the_first_always_does() {
        let mut budget = AnswerBudget::of_answer();
        assert!(budget.takes(5 << 20));
        assert!(!budget.takes(0));
        let mut items = vec![(1 << 20) - FRAMING_BYTES; 5];
        assert!(AnswerBudget::of_answer().cut(&mut items, |bytes| *bytes));
        assert_eq!(items.len(), 3);
        assert!(!AnswerBudget::of_answer().cut(&mut items, |bytes| *bytes));
    }
}
