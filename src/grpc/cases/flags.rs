//! The oddities of a case as the contract names them.

use ownerline_projections::cases::CaseFlag;
use ownerline_proto::v1::case::Flag;

/// A flag of a case.
pub(super) fn flag(flag: CaseFlag) -> Flag {
    match flag {
        CaseFlag::NoOwner => Flag::NoOwner,
        CaseFlag::SeveralOwners => Flag::SeveralOwners,
        CaseFlag::OpeningMissing => Flag::OpeningMissing,
        CaseFlag::ClosedFirst => Flag::ClosedFirst,
        CaseFlag::OpenedTwice => Flag::OpenedTwice,
        CaseFlag::OpenedAgain => Flag::OpenedAgain,
        CaseFlag::ClosedTwice => Flag::ClosedTwice,
        CaseFlag::ReopenedWhileOpen => Flag::ReopenedWhileOpen,
        CaseFlag::PausedTwice => Flag::PausedTwice,
        CaseFlag::PausedWhileClosed => Flag::PausedWhileClosed,
        CaseFlag::ResumedWithoutPause => Flag::ResumedWithoutPause,
        CaseFlag::RejectedAfterClosing => Flag::RejectedAfterClosing,
        CaseFlag::SeveralAdvocates => Flag::SeveralAdvocates,
        CaseFlag::AdvocateAssignedAgain => Flag::AdvocateAssignedAgain,
        CaseFlag::ReleasedWithoutAssignment => Flag::ReleasedWithoutAssignment,
        CaseFlag::UnmatchedStep => Flag::UnmatchedStep,
        CaseFlag::UnmatchedCommitment => Flag::UnmatchedCommitment,
        CaseFlag::UnmatchedTask => Flag::UnmatchedTask,
    }
}
