//! What is worth knowing about an obligation.

/// A remark about an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Remark {
    /// The reply occurred before what it answers was received.
    ReplyFirst,
    /// A dealer other than the responsible one met it.
    ByOtherDealer,
    /// It was met in time as told, but that was not known by the deadline.
    ReportedLate,
    /// It was closed before it was met.
    AnsweredAfterClosing,
    /// A reply was withdrawn or bounced, so that the obligation was open again from its original start.
    ReplyWithdrawn,
    /// The touchpoint that opened it reached the centre before it occurred, as told.
    ReceivedBeforeOccurred,
    /// The owner rejected an outcome, so that the resolution was owed again from its original start.
    ResolutionRejected,
    /// Nobody opened the case: it is owed from the first touchpoint of the case.
    OpeningMissing,
    /// Its due date was moved.
    DueMoved,
    /// Its due date was moved after it had passed. The miss stays.
    MovedAfterDue,
    /// It was due before it was made.
    DueBeforeMade,
    /// A correction changed its due date after the one before had passed.
    DueCorrectedLate,
    /// The promise was declared broken. It stays a miss.
    Broken,
    /// The promise was withdrawn. It stays a miss.
    Withdrawn,
}
