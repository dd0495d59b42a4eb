//! The clock-keeper: records warnings, breaches and revisions of obligations as touchpoints, each exactly once.
//!
//! Which notices are due is a pure function of the views ([`notices_due`](ownerline_projections::obligation::notices_due)), and
//! the id of a notice does not depend on who records it. So the keeper stores nothing: the log shows what was
//! recorded. In memory it has an `Agenda` of the instants at which to examine items, rebuilt at every start.
//!
//! A round reads the clock, then the head of the log; waits until the views have reached it; examines the items
//! that changed and those that have come due; and records the due notices in order of time, each at the revision
//! of the stream that the view shows. If another touchpoint was appended first, the item is examined again. So a
//! notice never rests on what was known before the round, and a clock that jumps only changes when notices are
//! recorded: none is recorded twice, and none is skipped.
//!
//! The instant at which the keeper first ran on a log is a touchpoint as well (`started`). Obligations that ended
//! before it are history.

mod agenda;
mod clock_keeper;
mod failure;
mod look;
mod matter;
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
