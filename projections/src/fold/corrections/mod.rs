//! Corrections and retractions, once for all views.
//!
//! The view records which touchpoint corrects or retracts which. It almost never reads, so the order of arrival cannot
//! matter. A query asks a [`Validity`], built over the view's state for one known position, whether a touchpoint is in
//! force; the other views store every touchpoint and need no logic of their own.
//!
//! - A correction takes effect if its target is known, of the same kind and in the same stream; until then it counts as
//!   a touchpoint of its own. It replaces its target in every respect, `occurred_at` included. Of several corrections
//!   of one touchpoint the last in history order wins. A correction may itself be corrected.
//! - If a correction leaves visibility, `visible_from` or a subject unset, it inherits that field from its target,
//!   whichever of the two arrived first: `Validity::inherit` fills in the row of a view.
//! - Fields stamped by the server are not corrected: `received_at` and origin of a correction are those of the first
//!   touchpoint of its chain ([`Standing::first`]). A reference to any member of a chain means the chain
//!   ([`Standing::chain`]).
//! - A retraction takes effect if its target is known and in the same stream. It takes out exactly its target: if that
//!   was a correction, the corrected touchpoint is in force again; if the target has a correction in force, the
//!   correction stays.
//! - A retraction cannot be corrected. It can be retracted, by one later in history order, which keeps retractions of
//!   retractions from going in a circle. Corrections that go in a circle have no effect, like any other reference that
//!   does not fit.

mod fold;
mod inherit;
mod relatives;
mod rows;
mod standing;
mod tree;
mod validity;

pub use fold::VIEW;
pub use inherit::Inherited;
pub(crate) use inherit::{Inherits, fill};
pub use relatives::Relative;
pub use standing::{Replacement, Standing, Ties};
pub use validity::Validity;
