//! Reads: as it was, as it was known, and at least as of a position just written.

mod basis;
mod context_pack;
mod error;
mod position;
mod recorded;
mod timeline;
mod token;
mod views;
mod watch;

pub use basis::{Basis, Bounds, KnownAt};
pub use context_pack::{ContextPacks, PackAnswer, PackAsk};
pub use error::QueryError;
pub use position::{PositionError, PositionText};
pub use recorded::{around, decode, recorded};
pub use timeline::{TimelineAsk, TimelineEntry, TimelinePage, Timelines};
pub use token::{TokenError, TokenKey};
pub use watch::{TimelineWatch, WatchAsk, WatchChange, WatchPace, WatchStep};
