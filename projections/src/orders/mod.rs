//! View `orders`: the facts of every order, as they were and as they were known, and what follows from them.
//!
//! The view files each touchpoint of an order's stream, and each one elsewhere that names the order, as a small row without
//! texts, and lists orders under the owners, dealers, VINs and commission numbers that their streams name. A notice to the
//! owner or a look that names no order is filed by the touchpoint that it is about. The view decides nothing about them.
//!
//! [`OrderReader::history`] loads an [`OrderHistory`]: the facts in force as of an instant and as known at a position, with
//! what corrections add to them. Everything else is a pure function of it:
//!
//! | function | answers |
//! |---|---|
//! | [`OrderCourse::of`] | state, stages and detours, handover, cancellation |
//! | [`windows`] | promised windows, how they moved, and whether the owner was told in time |
//! | [`Holds::of`] | when the order did not proceed |
//! | [`words`], [`Silence::of`] | words to the owner, and how long there were none |
//! | [`vins`], [`commission_numbers`] | what the order was found by, and when |
//!
//! Each of them folds over what whoever asks [may see](OrderHistory::seen_by); only the silence is the owner's, whoever
//! asks.

mod answer;
mod course;
mod fact;
mod find;
mod fold;
mod history;
mod holds;
mod kind;
mod load;
mod names;
mod row;
mod silence;
mod tables;
mod windows;

pub use answer::{ORDER_VIEWS, OrderAnswer, OrderQuestion, OrderSheet, answer};
pub use course::{OrderCourse, OrderFlag, OrderState, Step, StepKind, Stretch};
pub use fact::OrderFact;
pub use find::{Found, FoundBy};
pub use fold::VIEW;
pub use history::OrderHistory;
pub use holds::{Hold, Holds};
pub use kind::OrderFactKind;
pub use load::OrderReader;
pub use names::{NameSpan, commission_numbers, vins};
pub use row::OrderRow;
pub use silence::{LONG, Silence, Word, words};
pub use windows::{Statement, Told, ToldBy, Window, WindowStep, Windows, windows};
