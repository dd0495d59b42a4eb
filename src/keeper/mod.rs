//! The clock-keeper: issues warnings, breaches and revisions of obligations as touchpoints, each exactly once.
//!
//! What is owed is a pure function of what is known
//! ([`notices_due`](ownerline_projections::obligation::notices_due)), and an event has an id of its own, whoever issues it.
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
mod look;
mod notices;
mod options;
mod pace;
mod round;
mod runner;
mod start;
#[cfg(test)]
mod tests;

pub use options::KeeperOptions;

use tokio_util::sync::CancellationToken;

use crate::command::Recorder;
use crate::projector::ProjectorHandle;
use crate::store::SharedStore;

/// What it works with.
#[derive(Clone)]
pub struct Keeper {
    /// The log, which it follows.
    pub store: SharedStore,
    /// The views, which it reads.
    pub projector: ProjectorHandle,
    /// Its way into the log, and its clock.
    pub recorder: Recorder,
    /// Its limits.
    pub options: KeeperOptions,
}

impl Keeper {
    /// Keeps until the token is cancelled, or the log takes nothing more.
    pub async fn run(self, shutdown: CancellationToken) {
        tokio::select! {
            () = runner::keep(self) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// Who reports what it says.
pub const SOURCE: &str = "//ownerline/clock-keeper";

/// Who did it, and the policy stream in which it says that it began.
const NAME: &str = "clock-keeper";
