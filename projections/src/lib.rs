//! Pure folds of Ownerline: from the log to every read model, without clock, randomness or I/O.
//!
//! A [`view::View`] folds recorded touchpoints into a [`state::StateMap`]; the [`driver`] calls all
//! views for each touchpoint. Queries are pure functions over [`state::StateRead`]. Same events in,
//! same bytes out.

pub mod recorded;
pub mod state;
pub mod view;

pub use recorded::Recorded;
