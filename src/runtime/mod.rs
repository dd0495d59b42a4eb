//! What the process itself offers to every part: the clock, the owner of its tasks, its signals, files that only its
//! user may read, how many files it may open, and room on the disk.

mod accepting;
pub mod clock;
pub mod descriptors;
pub mod private;
mod reserve;
pub mod signals;
pub mod tasks;

pub use accepting::AcceptBackoff;
pub use clock::{Clock, ManualClock, SystemClock};
pub use reserve::DiskReserve;
pub use signals::{Hangups, Signal, Signals};
pub use tasks::{Ended, TaskEnd, TaskFailure, Tasks};
