//! Policies: rules as data, and the choice of the version in force.
//!
//! - **In force** for a matter that began at an instant is, among the usable versions of a kind, the one with the most
//!   specific scope (the dealer's own, then its market's, then the network's); among these the one with the greatest
//!   `effective_from` at or before the instant; among these the greatest version, then the last in history order. A wider
//!   rule that was published later does not replace a narrower one: a rule for one dealer holds until another is published
//!   for that dealer.
//! - The market of a dealer is the one it was in at that instant.
//! - Version 0 of each kind ships with the server. It is for the network, has always been in effect, and is in force where
//!   nothing else is.
//! - A version never changes. Of several publications of one name and version, the first in history order is the version;
//!   the others are listed with their flaw. So are publications under a name of another kind (that of the shipped version,
//!   or of the first in history order), and publications with an unusable body. None of these is ever in force, and none
//!   makes a query fail.
//! - An SLA is skipped if it names a calendar of which no version is in force at that instant.
//! - Corrections and retractions take effect as everywhere: from their own position on.

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
    PolicyAnswer, PolicyFilter, PolicyQuestion, answer, list, policies, terms_in_force,
};
pub use check::check;
pub use choice::Place;
pub use completed::scoring_with_defaults;
pub use fold::VIEW;
pub use load::{Policies, PolicyStates};
pub use shipped::shipped;
pub use supposed::Supposed;
pub use terms::TermsInForce;
pub use version::{Flaw, Publication, Version};
