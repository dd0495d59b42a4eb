//! What a case owes, by when, and how it ended: pure functions of its history and the terms in force.
//!
//! | what is owed | from | met by |
//! |---|---|---|
//! | acknowledgement | the opening, each reopening | an acknowledgement or an update by a person |
//! | update | the opening, each update, a rejection, each reopening | an update by a person, with or without anything new, or the outcome |
//! | resolution | the opening, each reopening; after a rejection from there again | the outcome, reached by a person |
//! | commitment, task | the promise, the assignment | what [`promises`] say |
//!
//! What the domain leaves open is decided here:
//! - What happened before the opening belongs to the first episode. An update then acknowledges the case, and opens no
//!   other.
//! - The closing ends what is owed by a budget: what happens between it and a reopening meets nothing and opens nothing.
//! - While an outcome stands, no update is owed, and one that is sent opens no other. A rejection while one is owed opens
//!   no second.
//! - What an actor of an unspecified kind did was done by a person.
//! - An acknowledgement that nobody gave stays owed until the closing, though an outcome was reached.

mod budgeted;
mod dated;
mod detail;
mod owed;
mod promise;
mod ruled;

pub use dated::promises;
pub use detail::details;
pub use owed::obligations;
pub use promise::{DueDate, Fate, Made, Promise, PromiseFlag};

pub(super) use detail::issued_about;
