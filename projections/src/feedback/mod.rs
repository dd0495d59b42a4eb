//! View `feedback`: the facts behind the obligations and scores of each feedback.
//!
//! The fold stores facts and decides nothing about them. [`load`] and the scans build an
//! [`Item`](crate::obligation::Item) as known at a position, and [`crate::obligation`] computes everything else from it.
//! So the order of arrival cannot matter, and a query may use any `known_at`, `as_of` and terms.
//!
//! For fast answers about now the fold also stores, computed by the same functions from everything known, which items
//! may have an open obligation ([`open_items`]), and the summaries from which totals are made ([`summaries`]).

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

pub(crate) use fact::issued;
pub use fold::VIEW;
pub use load::{feedback_of_case, load};
pub use named::{dealers_named, is_dealer_named};
pub use part::{OnePart, Part, RunParts};
pub use scan::{
    OpenScope, VisitItem, invited_items_of_dealer, items, items_of_dealer, items_of_part,
    open_items,
};
pub use summaries::{ItemSummary, VisitSummary, summaries, summaries_of_dealer, summaries_of_part};
