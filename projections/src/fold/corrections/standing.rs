//! How a touchpoint stands: whether it counts, and what it is connected with by corrections.

use std::sync::Arc;

use super::inherit::Inherited;
use crate::HistoryKey;
use crate::sight::Sight;

/// A touchpoint that stands in for another, or takes it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Its place in the history.
    pub key: HistoryKey,
    /// Who may see it.
    pub sight: Sight,
}

/// Whether a touchpoint counts, and if not, because of which.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// What is in force in its place: the end of its chain of corrections, if another.
    pub corrected_by: Option<Replacement>,
    /// What took it out: the last retraction of it, in history order, that is in force.
    pub retracted_by: Option<Replacement>,
    /// It names a known touchpoint that it can neither correct nor retract: of another kind or stream,
    /// itself a retraction, or in a circle. What it names stands as if it had not been named.
    pub without_effect: bool,
    /// Of a correction: whom it names and who may see it, with all that it inherits. `None` if it corrects
    /// nothing that is known and fits.
    pub inherited: Option<Arc<Inherited>>,
    /// The touchpoint that its chain of corrections began with, and every correction of that, each behind what it
    /// corrects; itself among them. A reference to any of them means all. Empty if nothing names it and it names
    /// nothing.
    pub chain: Arc<[HistoryKey]>,
}

impl Standing {
    /// What its chain of corrections began with, if it is corrected or corrects. What the server stamps stays that of
    /// this one: a correction changes what was said, not when it reached the centre.
    #[must_use]
    pub fn first(&self) -> Option<&HistoryKey> {
        self.chain.first().filter(|_| self.chain.len() > 1)
    }

    /// Whether folds count it.
    #[must_use]
    pub fn in_force(&self) -> bool {
        self.corrected_by.is_none() && self.retracted_by.is_none()
    }
}

/// What a touchpoint that corrects, retracts, or is corrected or retracted hangs together with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ties {
    /// Its stream: nothing in another can bear on it, however long the chain.
    pub stream: String,
    /// (source, id) of what it names itself, which may be unknown or not fit.
    pub names: Vec<(String, String)>,
}
