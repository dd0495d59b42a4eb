//! The trace of a case: every touchpoint that caused it or came from it, with the reasons why it belongs.
//!
//! A trace is searched when it is asked for: from the touchpoints that name the case, what they name and what names them
//! is looked up in the log, until nothing new is found. The view keeps only what would otherwise not be found.

mod correlation;
mod index;
mod membership;
mod name_hash;
mod pack;
mod reason;
mod references;
mod search;
mod story;
mod touchpoint;

pub use index::VIEW;
pub use reason::TraceReason;
pub use references::payload_references;
pub use search::{TRACE_VIEWS, TraceQuestion, TraceReading, TraceSearch};
pub use story::{Trace, TraceEntry};
