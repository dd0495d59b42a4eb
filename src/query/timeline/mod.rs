//! The timeline of an owner: page by page, and watched.

pub(super) mod page;
mod watch;

pub use page::{TimelineAsk, TimelineEntry, TimelineReads};
pub use watch::{TimelineWatch, WatchChange, WatchStep};
