//! View `timeline`: everything that happened between one person and the brand, as it was and as it was known.
//!
//! Rows are stored under the subjects that a touchpoint itself names, and never move. Each query
//! [fills in](crate::person::FilledIn) the subjects that a touchpoint of a one-matter stream (order, visit, feedback,
//! case) leaves out, and [`Whose`](crate::person::Whose) decides to whom a touchpoint without an owner belongs, as known
//! at the position of the query. Corrected and retracted touchpoints stay on the timeline, and name their replacement.

mod affected;
mod answer;
mod candidates;
mod changes;
mod effects;
mod fold;
pub mod headline;
mod horizon;
mod listed;
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

pub use answer::{ChangesQuestion, TimelineQuestion, answer, answer_changes, answer_in_brief};
pub use changes::{AnswerBasis, Change, ChangePage, ChangesQuery, changes};
pub(crate) use effects::effect_positions;
pub use fold::VIEW;
pub use headline::headline;
pub(crate) use matters::{
    matters_of_vehicle, names_vehicle, streams_of_owner, streams_of_vehicle, visits_of_vehicle,
};
pub use owners::{OwnerPlace, OwnerRow, OwnersPage, OwnersQuery, owners};
pub use page::page;
pub(crate) use page::{exists, page_in_brief};
pub use query::{
    Force, RowStanding, TimelineError, TimelineFilter, TimelineOrder, TimelinePage, TimelineQuery,
    TimelineRow,
};
pub(crate) use rows::{KINDS_OF_OWNERLESS, NAMES, passing_kinds};
pub use states::TimelineStates;

/// The most effects listed for one touchpoint.
pub const MAX_EFFECTS: usize = 100;
