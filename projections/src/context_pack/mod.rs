//! The context pack: what to know before contacting an owner, folded from the timeline of the person.
//!
//! It is not a view and keeps no state. Rows that the timeline returns for [`kinds`], oldest first, are folded one by
//! one, those in force together with their touchpoint: all of them, or of a long history the [selection](PackFold) that
//! makes the same pack. The timeline alone decides what belongs to the person, what counts,
//! and who may see it. Facts are kept as positions, and texts stay in the log until the pack shows them, so that a fold
//! over many touchpoints stays small.

mod avoid;
mod case_facts;
mod cases;
mod contacts;
mod defects;
mod entry;
mod feedback;
mod fold;
mod pack;
mod selection;
mod vehicles;
mod visits;
mod words;

pub use case_facts::{CONTEXT_PACK_VIEWS, CaseFacts, case_facts};
pub use entry::Fact;
pub use fold::{ContextFold, kinds};
pub use pack::{
    Advocate, Attempt, Avoid, ContactRecord, ContextPack, Holder, LastFeedback, LastVisit, Listed,
    MAX_ITEMS, OpenCase, OpenCommitment, OpenDefect, Relationship, VisitDefect,
};
pub use selection::PackFold;
pub use vehicles::vehicles_left;
pub use words::{one_text, remedy, words};
