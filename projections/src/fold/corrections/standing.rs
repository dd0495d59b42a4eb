//! The standing of a touchpoint: whether it is in force, and its chain of corrections.

use std::sync::Arc;

use super::inherit::Inherited;
use crate::sight::Sight;
use crate::{HistoryKey, TouchpointKey};

/// A touchpoint that replaces or retracts another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Its history key.
    pub key: HistoryKey,
    /// Who may see it.
    pub sight: Sight,
}

/// Whether a touchpoint is in force, and if not, which other touchpoint is the reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// The touchpoint in force in its place: the end of its chain of corrections, if that is another.
    pub corrected_by: Option<Replacement>,
    /// Its last retraction, in history order, that is in force.
    pub retracted_by: Option<Replacement>,
    /// Whether it names a known touchpoint that it can neither correct nor retract: of another kind or stream, itself a
    /// retraction, or in a circle. The target is not affected.
    pub without_effect: bool,
    /// The subjects and the sight of a correction, inherited ones included. `None` if it corrects nothing that is known
    /// and fits.
    pub inherited: Option<Arc<Inherited>>,
    /// The chain of corrections: its first touchpoint and every correction of that, each after its target; itself among
    /// them. A reference to any of them means all. Empty if it has no references in either direction.
    pub chain: Arc<[HistoryKey]>,
}

impl Standing {
    /// The first touchpoint of its chain, if it corrects or is corrected. The fields that the server stamps are always
    /// those of the first: a correction changes the content, not when it reached the centre.
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

/// The stream and references that can change the standing of a touchpoint that corrects, retracts, or is a target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ties {
    /// Its stream. The whole chain is in it.
    pub stream: String,
    /// The key of its targets, which may be unknown or not fit.
    pub names: Vec<TouchpointKey>,
}
