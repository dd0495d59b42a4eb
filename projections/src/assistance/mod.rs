//! Help beyond the sale: who was turned away and what became of it, who helped cars of other brands, and what owners said.
//! `docs/contacts.md` explains every figure.
//!
//! All rows about help are passed over once for an answer: turn-aways are rare, but what solved one may be anywhere. Whether
//! a row is in force and to whom it belongs is looked up only of visits that may count, or may have followed a turn-away
//! that counts.

mod answer;
mod fold;
mod publish;
mod question;
mod read;
mod selection;
mod solution;
mod tally;
mod turn_away;
mod wanted;

pub use answer::{ASSISTANCE_VIEWS, AssistanceFigures, LISTED, answer};
pub use fold::{Step, VIEW};
pub use question::{AssistanceQuestion, GroupBy, Scope};
pub use solution::{Link, Next};
pub use turn_away::{BrandOf, TurnedAway};
