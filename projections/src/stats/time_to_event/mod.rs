//! Times to an event, where some items end otherwise and some have not ended: how long owners wait for an answer, or how
//! long they have a car before they return.
//!
//! Items are counted per whole second in a [`Tally`]; a [`Curve`] computes from the counts figures that are
//! exact for any number of items. Durations are rounded up to whole seconds, so that "within 24 h, boundary
//! inclusive" is exactly "at most 86,400 seconds".

mod band;
mod curve;
mod ends;
mod tally;

pub use band::MedianInterval;
pub use curve::{Bucket, Curve};
pub use ends::{Counts, End};
pub use tally::{Tally, whole_seconds};
