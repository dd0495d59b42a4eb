//! One row of a stream, in memory.

use super::rows::{Row, Says};
use crate::HistoryKey;

/// A row of a stream, as known at a position.
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
        self.in_force && !self.row.says().is_of_others()
    }
}

/// Whether it is a feedback as received or edited, whose words are about nothing else.
pub(super) fn is_of_item<H>(row: &StreamRow<H>) -> bool {
    let says = row.row.says();
    matches!(says, Says::FeedbackReceived | Says::FeedbackEdited)
}
