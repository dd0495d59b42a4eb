//! What the process itself offers to every part: for now the clock.

pub mod clock;

pub use clock::{Clock, ManualClock, SystemClock};
