//! The clock-keeper: issues warnings, breaches and revisions of obligations as touchpoints, each exactly once.
//!
//! What is owed is a pure function of what is known
//! ([`kept`](ownerline_projections::obligation::kept)), and an event has an id of its own, whoever issues it.
//! So there is nothing to remember: the log says what was said. What is kept in memory is an `Agenda` of
//! the instants at which items are to be looked at, made anew at every start.
//!
//! A round reads the clock, then the head of the log; waits until the views stand there; looks at what was
//! touched and at what has come due; and records what is owed, in due order, at the revision of the stream
//! that the view has. Whoever writes to the stream first makes it look again. So nothing is said by what was
//! known before the round began, and a clock that jumps moves only when something is said: nothing is said
//! twice, and nothing is skipped.
//!
//! When it first kept the obligations of a log is a touchpoint, too (`started`): what ran out before is
//! history.

mod agenda;
mod clock_keeper;
mod failure;
mod look;
mod notices;
mod options;
mod pace;
mod round;
mod runner;
mod start;
#[cfg(test)]
mod tests;

pub use clock_keeper::{Keeper, SOURCE};
pub use options::KeeperOptions;
