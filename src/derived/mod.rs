//! What index and views have in common: both are fjall databases derived from the log, and both outlive a
//! fault that passes.
//!
//! fjall refuses every write after one that failed, until it is opened again. So whoever meets a fault waits
//! until the place takes files again ([`probe`]), opens the database again, and catches up from the log.

mod backoff;
mod planned;
mod probe;
mod severity;

pub use backoff::Backoff;
pub use planned::{DerivedFaults, PlannedFault};
pub use probe::probe;
pub use severity::{Severity, of_fjall, of_io};
