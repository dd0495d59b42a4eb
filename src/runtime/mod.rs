//! What the process itself offers to every part: the owner of its tasks, and its signals.

pub mod signals;
pub mod tasks;

pub use signals::{Signal, Signals};
pub use tasks::{Ended, TaskEnd, TaskFailure, Tasks};
