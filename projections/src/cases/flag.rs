//! Something odd about a case.

/// Something about the history of a case that somebody should know who reads an answer about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CaseFlag {
    /// Its stream names no owner, and nobody is known to have held its car at the opening.
    NoOwner,
    /// Its stream names ids of several persons.
    SeveralOwners,
    /// No opening is in force: it begins with its first touchpoint.
    OpeningMissing,
    /// It was closed before it was opened, so that its first episode takes 0 s.
    ClosedFirst,
    /// It was opened a second time while it was open.
    OpenedTwice,
    /// An opening after a closing opened it again.
    OpenedAgain,
    /// It was closed while it was closed. Unmet requests of both closings count.
    ClosedTwice,
    /// It was opened again while it was open.
    ReopenedWhileOpen,
    /// It was paused while it was paused.
    PausedTwice,
    /// It was paused while it was closed.
    PausedWhileClosed,
    /// It was resumed while it was not paused.
    ResumedWithoutPause,
    /// The owner rejected the outcome after the closing, which stays.
    RejectedAfterClosing,
    /// Several agents take the owner's side now.
    SeveralAdvocates,
    /// An agent was assigned who was in charge already.
    AdvocateAssignedAgain,
    /// An agent was released who was not in charge.
    ReleasedWithoutAssignment,
    /// The owner agreed to or declined a step that nobody proposed.
    UnmatchedStep,
    /// A promise was kept, broken or withdrawn that nobody made.
    UnmatchedCommitment,
    /// A task was done that nobody assigned.
    UnmatchedTask,
}
