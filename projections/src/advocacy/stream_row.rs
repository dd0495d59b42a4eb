//! One row of a stream, in memory.

use super::rows::{Row, RowKind};
use crate::HistoryKey;

/// A known row of a stream.
pub(super) struct StreamRow<H> {
    pub key: HistoryKey,
    pub row: Row,
    /// The themes of its words.
    pub hits: Vec<H>,
    pub in_force: bool,
}

impl<H> StreamRow<H> {
    /// Whether it is in force and may be evidence about a person.
    pub(super) fn bears_on_persons(&self) -> bool {
        self.in_force && !self.row.kind().is_context()
    }
}

/// Whether it is a received or edited feedback.
pub(super) fn is_of_item<H>(row: &StreamRow<H>) -> bool {
    matches!(
        row.row.kind(),
        RowKind::FeedbackReceived | RowKind::FeedbackEdited
    )
}
