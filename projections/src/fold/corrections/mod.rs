//! Corrections and retractions, once for all views.
//!
//! [`Corrections`] folds, before every other view, which touchpoint corrects or retracts which. It writes
//! only (but for the rare touchpoint that does either), so the order of arrival cannot matter. Queries
//! ask a [`Validity`], built over its state for one known position, whether a touchpoint is in force;
//! views keep every touchpoint and need no logic of their own.
//!
//! - A correction counts if what it names is known, of the same kind and in the same stream; until then
//!   it stands for itself. It stands in for what it corrects with everything it says, `occurred_at`
//!   included. Of several corrections of one touchpoint the last in history order wins; a correction
//!   may itself be corrected.
//! - What a correction leaves unset of visibility, `visible_from` and each subject is inherited from what it
//!   corrects, whichever of the two arrived first: `Validity::inherit` fills in a row that a view kept.
//! - What the server stamps is not corrected: `received_at` and origin of a correction are those of what its chain
//!   began with ([`Standing::first`]). A reference to any member of a chain means the chain ([`Standing::chain`]).
//! - A retraction counts if what it names is known and in the same stream. It takes out exactly what it
//!   names: if that was a correction, what it had corrected stands again; if that has a correction in
//!   force, the correction stays.
//! - A retraction is never corrected but retracted in turn, by one later in history order; this is what
//!   keeps retractions of retractions from going in a circle. Corrections that go in a circle have no
//!   effect, like any other reference that does not fit.

mod fold;
mod inherit;
mod rows;
mod tree;
mod validity;

pub use inherit::Inherited;
pub(crate) use inherit::{Inherits, fill};
pub use validity::{Replacement, Standing, Ties, Validity};

use crate::Recorded;
use crate::fold::state::StateMap;
use crate::fold::{FoldError, View};

/// The fold of corrections and retractions. See the [module documentation](self).
#[derive(Debug, Clone, Copy, Default)]
pub struct Corrections;

impl Corrections {
    /// The name under which its state is kept and shown.
    pub const NAME: &'static str = "corrections";
}

impl View for Corrections {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> u32 {
        2
    }

    fn apply(&self, recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
        fold::apply(recorded, state)
    }
}
