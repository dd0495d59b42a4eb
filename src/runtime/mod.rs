//! What the process itself offers to every part: the clock, the owner of its tasks, its signals, and files that only its
//! user may read.

pub mod clock;
pub mod private;
pub mod signals;
pub mod tasks;

pub use clock::{Clock, ManualClock, SystemClock};
pub use signals::{Hangups, Signal, Signals};
pub use tasks::{Ended, TaskEnd, TaskFailure, Tasks};
