//! The trace of a case: searched through the views and the log, and read from the log part by part.

mod parts;
mod search;

pub use parts::{TraceParts, TracedEntry};
pub use search::{TraceAsk, TraceReads};
