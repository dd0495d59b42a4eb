//! What the process itself offers to every part: the clock, the owner of its tasks, and its signals.

pub mod clock;
pub mod signals;
pub mod tasks;

pub use clock::{Clock, ManualClock, SystemClock};
pub use signals::{Signal, Signals};
pub use tasks::{Ended, TaskEnd, TaskFailure, Tasks};
