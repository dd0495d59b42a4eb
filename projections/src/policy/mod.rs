//! Policies: which version rules what, for whom and when.
//!
//! - **In force** for what began at an instant is, of the versions of a kind that can be used, the one of
//!   the most specific scope (the dealer's own, then its market's, then the network's); of these the one
//!   with the greatest `effective_from` at or before the instant; of these the greatest version, then the
//!   last in history order. A wider rule that was published later does not displace a narrower one: what
//!   was agreed for one dealer holds until something else is published for that dealer.
//! - The market of a dealer is the one it was in at that instant.
//! - Version 0 of each kind ships with the server, for the network and from ever on: it is in force where
//!   nothing else is.
//! - A version never changes. Of several publications of one name and version the first in history order
//!   is the version, the others are listed as what they are; so is a publication under a name that belongs
//!   to another kind (that of the shipped version, or of the first in history order), and one with a body
//!   that cannot be used. None of these is ever in force, and none breaks a question.
//! - An SLA that names a calendar of which no version is in force at that instant is passed over.
//! - Corrections and retractions count as everywhere: from their own position on.

mod answer;
mod check;
mod choice;
mod completed;
pub mod decide;
pub mod fold;
mod load;
mod shipped;
pub mod supposed;
mod terms;
mod version;

pub use answer::{
    PolicyFilter, PolicyFound, PolicyQuestion, answer, list, policies, terms_in_force,
};
pub use check::check;
pub use choice::Place;
pub use completed::completed;
pub use fold::VIEW;
pub use load::{Policies, PolicyStates};
pub use shipped::shipped;
pub use supposed::Supposed;
pub use terms::TermsInForce;
pub use version::{Flaw, Publication, Version};
