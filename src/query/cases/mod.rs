//! Cases: one with the texts that it shows, lists of them, and watching one.

mod list;
mod one;
mod reads;
mod watch;

pub use list::CaseEntries;
pub use one::CaseFile;
pub use reads::CaseReads;
pub use watch::{CaseStep, CaseWatch};
