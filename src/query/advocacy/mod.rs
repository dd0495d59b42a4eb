//! Advocacy: the score of one person, who the advocates are, and how scores are distributed.

mod advocates;
mod cache;
mod listing;
mod owner;

pub use advocates::{AdvocatesAnswer, AdvocatesQuestion};
pub use owner::{AdvocacyAnswer, AdvocacyReads};
pub use ownerline_projections::advocacy::{AppliedPolicy, MarketModel, SupposedModel};
