//! Read models: one file or folder each.

pub mod identity;
pub mod ownership;
pub mod timeline;

use thiserror::Error;

use crate::Recorded;
use crate::state::{StateError, StateMap};

/// Why a fold stopped. The touchpoint it stopped at is never skipped.
#[derive(Debug, Clone, Error)]
pub enum FoldError {
    /// The state could not be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The touchpoint is something this version of the fold cannot handle.
    #[error("cannot handle the touchpoint: {reason}")]
    Unsupported {
        /// Why.
        reason: String,
    },
}

/// A read model: a pure fold over the log.
pub trait View: Send + Sync + 'static {
    /// Its name, as `projections list` shows it; lower case, stable.
    fn name(&self) -> &'static str;

    /// The version of its fold and its keys: a new one is built from the log beside the old one.
    fn version(&self) -> u32;

    /// Folds one touchpoint into the state. Touchpoints come in position order, each exactly once.
    ///
    /// # Errors
    /// If the state cannot be read or the touchpoint cannot be handled; the view stops there.
    fn apply(&self, recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError>;
}
