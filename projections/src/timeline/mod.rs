//! View `timeline`: what happened between one person and the brand, as it was and as it was known.
//!
//! Rows are kept under the raw subjects a touchpoint names and never move. What a touchpoint of a
//! one-matter stream (order, visit, feedback, case) leaves out is [filled in](crate::person::FilledIn) when a
//! question is asked, and [`Whose`](crate::person::Whose) says to whom it belongs if it names nobody, for the same
//! position.
//! Corrected and retracted touchpoints stay on the timeline, and say what took their place.

mod answer;
mod candidates;
mod changes;
mod effects;
mod fold;
pub mod headline;
mod horizon;
mod matters;
mod merge;
mod owners;
mod page;
mod persons;
mod query;
mod reach;
mod reader;
mod rows;
mod states;

pub use answer::{ChangesQuestion, TimelineQuestion, answer, answer_changes};
pub use changes::{Change, ChangePage, ChangesQuery, Stand, changes};
pub use fold::VIEW;
pub use headline::headline;
pub(crate) use matters::{streams_of_owner, streams_of_vehicle};
pub use owners::{OwnerPlace, OwnerRow, OwnersPage, OwnersQuery, owners};
pub(crate) use page::exists;
pub use page::page;
pub use query::{
    Force, RowStanding, TimelineError, TimelineFilter, TimelineOrder, TimelinePage, TimelineQuery,
    TimelineRow,
};
pub(crate) use rows::{KINDS_OF_OWNERLESS, NAMES};
pub use states::TimelineStates;

/// At most this many effects of one touchpoint are listed.
pub const MAX_EFFECTS: usize = 100;
