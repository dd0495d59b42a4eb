//! The only way to write: a touchpoint is checked, stamped, split and appended.

mod error;
mod limits;
mod payload;
mod prepare;
mod publish;
mod recorder;
mod reuse;
mod warnings;

pub use error::CommandError;
pub use limits::RecorderLimits;
pub use prepare::{Door, Prepared};
pub use publish::{Earlier, Publication, PublishError, Published, PublishedBefore, Publisher};
pub use recorder::{Outcome, Patience, Recorder, Recording};
pub use warnings::{Warning, warnings_of};

#[cfg(test)]
mod tests;
