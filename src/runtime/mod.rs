//! Services of the process for every part: the clock, the owner of all tasks, signals, private files, the budget of
//! file descriptors, and reserved disk space.

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
