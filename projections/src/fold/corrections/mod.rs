//! Corrections and retractions, once for all views.
//!
//! The view records which touchpoint corrects or retracts which. It writes
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
mod standing;
mod tree;
mod validity;

pub use fold::VIEW;
pub use inherit::Inherited;
pub(crate) use inherit::{Inherits, fill};
pub use standing::{Replacement, Standing, Ties};
pub use validity::Validity;
