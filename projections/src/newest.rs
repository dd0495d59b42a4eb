//! The bound of the lists in an answer about one matter.

/// The most items of a list of an answer: the newest.
pub const MAX_ITEMS: usize = 100;

/// The newest items of a list, and the number of those before them.
#[must_use]
pub fn newest<T>(items: &[T]) -> (&[T], usize) {
    let left_out = items.len().saturating_sub(MAX_ITEMS);
    (items.get(left_out..).unwrap_or_default(), left_out)
}
