//! Pure folds of Ownerline: from the log to every read model, without clock, randomness or I/O.
//!
//! A [`view::View`] folds recorded touchpoints into a [`state::StateMap`]; the [`driver`] calls all
//! views for each touchpoint. Queries are pure functions over [`state::StateRead`]. Same events in,
//! same bytes out.

pub mod calendar;
mod checkpoint;
pub mod civil;
pub mod context;
pub mod corrections;
pub mod decide;
pub mod driver;
mod excerpt;
pub mod footprint;
mod groups;
pub mod key;
pub mod loyalty;
mod memory;
mod numbering;
pub mod obligation;
mod overlay;
pub mod person;
pub mod policy;
mod rank;
pub mod recorded;
pub mod response_times;
pub mod scores;
mod sight;
pub mod state;
pub mod stats;
pub mod terms;
mod upcast;
pub mod view;
mod viewer;

pub use checkpoint::Checkpoint;
pub use corrections::{Corrections, Validity};
pub use driver::Driver;
pub use footprint::Footprint;
pub use key::HistoryKey;
pub use memory::MemoryState;
pub use overlay::Overlay;
pub use rank::Rank;
pub use recorded::Recorded;
pub use sight::Sight;
pub use viewer::Viewer;
