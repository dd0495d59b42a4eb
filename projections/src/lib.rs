//! Pure folds of Ownerline: from the log to every read model, without clock, randomness or I/O.
//!
//! A [`fold::ViewDef`] folds recorded touchpoints into a [`fold::state::StateMap`]; the [driver](fold::driver) calls
//! the [views](VIEWS) that read a touchpoint. Queries are pure functions over [`fold::state::StateRead`]. Same events in,
//! same bytes out.

pub mod advocacy;
pub mod assigned_car;
pub mod assistance;
pub mod bookings;
pub mod calendar;
pub mod cases;
pub mod civil;
pub mod contacts;
pub mod context_pack;
pub mod directory;
pub mod feedback;
pub mod fold;
pub mod loyalty;
pub mod network;
pub mod newest;
pub mod obligation;
pub mod orders;
pub mod person;
pub mod policy;
pub mod repairs;
pub mod response_times;
pub mod scores;
mod sight;
pub mod stats;
pub mod timeline;
pub mod trace;
pub mod vantage;
pub mod vehicles;
mod views;

pub use fold::checkpoint::Checkpoint;
pub use fold::corrections::{self, Validity};
pub use fold::driver::Driver;
pub use fold::footprint::Footprint;
pub use fold::key::HistoryKey;
pub use fold::memory::MemoryState;
pub use fold::overlay::Overlay;
pub use fold::rank::Rank;
pub use fold::recorded::Recorded;
pub use ownerline_proto::Position;
pub use sight::Sight;
pub use vantage::{AnswerError, Snapshots, TouchpointKey, Vantage, Viewer};
pub use views::VIEWS;
