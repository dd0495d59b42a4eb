//! View `advocacy`: what speaks for and against the brand in what one person did, said and met with, and
//! the score that follows from it, as it was and as it was known.
//!
//! Rows are kept under the stream of their touchpoint and never move; nothing is added up when they are written.
//! [`Whose`](crate::person::Whose) says whose a row is, as of the [timeline](super::timeline). A [`Model`] (a scoring policy and a lexicon) is
//! applied when a question is asked, so that a model that is asked about and one in force are the same
//! computation. The owner's words stand in a table of their own: lexicons are versioned, and what words
//! were about is answered anew under each. An erasure takes them out there; a view built from the log after
//! an erasure never has them.
//!
//! One data directory is one brand group: "all owners of the brand" are all owners in it.
//!
//! Every fact is evidence once, however many touchpoints in force tell it (`facts`), and not at all if it was undone
//! (`undone`); a question about one person and one about everybody ask the same functions. Words are those of fields called verbatim: of a feedback, as last
//! edited, and of a story told in public; what an owner writes in a dialogue is not judged.

mod advocates;
mod background;
mod brand_means;
mod census;
mod choice;
mod defects;
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
pub use standing::Standing;
pub use states::AdvocacyStates;
pub use suspicion::suspected;
