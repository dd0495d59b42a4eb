//! View `advocacy`: the evidence for and against the brand in what one person did, said and experienced, and the score
//! that follows from it, as it was and as it was known.
//!
//! Rows are stored under the stream of their touchpoint and never move; writing adds nothing up. Like the
//! [timeline](super::timeline), [`Whose`](crate::person::Whose) resolves the owner of a row at query time. A [`Model`]
//! (a scoring policy and a lexicon) is applied at query time, too, so a what-if query runs the same computation. The
//! owner's words have a table of their own: each version of a lexicon finds its own themes in them, and an erasure
//! removes them there. A view built from the log after an erasure never has them.
//!
//! One data directory holds one brand group, so "all owners of the brand" are all owners in it.
//!
//! A fact counts once, however many touchpoints in force report it (`facts`), and not at all if it was undone (`undone`).
//! Queries about one person and about all persons call the same functions. Words are the fields called verbatim: those
//! of a feedback, as last edited, and of a public story. What an owner writes in a dialogue is not judged.

mod advocates;
mod background;
mod brand_means;
mod census;
mod choice;
mod everybody;
mod facts;
mod fold;
mod ledger;
mod lexicon;
mod means;
mod model;
mod person;
mod query;
mod roster;
mod rows;
mod score;
mod standing;
mod states;
mod stream;
mod stream_row;
mod suspicion;
mod totals;
mod undone;

pub use advocates::{Advocates, AdvocatesBy, AdvocatesQuery, Measure, Measures, advocates};
pub use background::Background;
pub use brand_means::means;
pub use census::{BANDS, Bands, Census, Expectation, MIN_PEERS, Peers, census};
pub use choice::{AppliedPolicy, ChosenModel, MarketModel, SupposedModel, choose, choose_all};
pub use fold::VIEW;
pub use lexicon::{MAX_THEMES, ThemeHit};
pub use means::{Means, month_start};
pub use model::{Component, Evidence, Model, ModelError};
pub use query::{AdvocacyQuery, OwnerAdvocacy, answer, owner_advocacy};
pub use score::{ComponentScore, Contribution, Score};
pub use standing::PersonScore;
pub use states::AdvocacyStates;
pub use suspicion::suspected;
