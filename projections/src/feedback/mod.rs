//! View `feedback`: what bears on the obligations of each feedback, and on its scores, with both clocks.
//!
//! The fold keeps facts and decides nothing about them: [`load`] and the scans put together an
//! [`Item`](crate::obligation::Item) as known at a position, of which [`crate::obligation`] says the rest. So
//! the order of arrival cannot matter, and any `known_at`, `as_of` and terms can be asked.
//!
//! For questions about now the fold keeps, of what the same functions say about all that is known: which items
//! may have an open obligation ([`open_items`]), and the summaries of which totals are made ([`summaries`]).

mod chunks;
mod fact;
mod fold;
pub mod inbox;
mod index;
pub mod item;
mod load;
mod named;
mod part;
mod rows;
mod scan;
mod stored;
mod summaries;

pub use fold::VIEW;
pub use load::{feedback_of_case, load};
pub use named::{dealers_named, is_dealer_named};
pub use part::{OnePart, Part, RunParts};
pub use scan::{
    Asked, VisitItem, asked_items_of_dealer, items, items_of_dealer, items_of_part, open_items,
};
pub use summaries::{Told, VisitTold, summaries, summaries_of_dealer, summaries_of_part};
