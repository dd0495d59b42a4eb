//! The common parts of index and views, which are both fjall databases derived from the log and survive temporary
//! failures.
//!
//! After a failed write fjall refuses all further writes until it is reopened. So after a failure each waits until
//! files can be written to its directory again ([`probe`]), reopens the database, and catches up from the log.

mod backoff;
mod directory;
mod planned;
mod probe;
mod severity;

pub use backoff::Backoff;
pub use directory::{DatabaseLimits, empty_directory, holds_something, open_database};
pub use planned::{DerivedFaults, Gate, Latch, PlannedFault};
pub use probe::probe;
pub use severity::{Severity, of_fjall, of_io};
