//! States, fates and oddities of a case in words.

use ownerline_proto::v1::case::{Fate, Flag, List, promise};
use ownerline_proto::v1::{CaseState, Level};
use pbjson_types::Timestamp;

use crate::cli::durations::in_two_units;

pub(super) fn state(state: CaseState) -> &'static str {
    match state {
        CaseState::Unspecified => "unknown",
        CaseState::NotOpened => "not opened",
        CaseState::Open => "open",
        CaseState::PausedOnOwner => "waits for owner",
        CaseState::Resolved => "resolved",
        CaseState::Closed => "closed",
    }
}

pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Unspecified => "–",
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
        Level::Critical => "critical",
    }
}

pub(super) fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Unspecified => "unknown",
        Fate::Open => "open",
        Fate::Overdue => "! OVERDUE",
        Fate::Kept => "kept",
        Fate::KeptLate => "kept late",
        Fate::Broken => "! BROKEN",
        Fate::Withdrawn => "withdrawn",
    }
}

/// The same for a task.
pub(super) fn fate_of_task(of_task: Fate) -> &'static str {
    match of_task {
        Fate::Kept => "done",
        Fate::KeptLate => "done late",
        other => fate(other),
    }
}

/// How long ago an instant was: `3 d 4 h`.
pub(super) fn since(from: &Timestamp, as_of: &Timestamp) -> String {
    in_two_units(as_of.seconds.saturating_sub(from.seconds).max(0))
}

/// What is odd about a promise or a task; `None`: nothing worth a word.
pub(super) fn oddity(flag: promise::Flag) -> Option<&'static str> {
    match flag {
        promise::Flag::Unspecified => None,
        promise::Flag::Unmatched => Some("nobody made it"),
        promise::Flag::DueMoved => Some("its date was moved"),
        promise::Flag::MovedAfterDue => Some("its date was moved after it had passed"),
        promise::Flag::DueBeforeMade => Some("it was due before it was made"),
        promise::Flag::DueCorrectedLate => {
            Some("a correction changed its date after it had passed")
        }
        promise::Flag::BrokenAndKept => Some("it was declared broken and kept afterwards"),
    }
}

/// What is odd about a case.
pub(super) fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::Unspecified => "something that this version does not know",
        Flag::NoOwner => "nobody is known to be its owner",
        Flag::SeveralOwners => "several persons are named as owners",
        Flag::OpeningMissing => "no opening is known: it begins with its first touchpoint",
        Flag::ClosedFirst => "it was closed before it was opened",
        Flag::OpenedTwice => "it was opened a second time while it was open",
        Flag::OpenedAgain => "an opening after the closing opened it again",
        Flag::ClosedTwice => "it was closed while it was closed",
        Flag::ReopenedWhileOpen => "it was reopened while it was open",
        Flag::PausedTwice => "it was paused while it was paused",
        Flag::PausedWhileClosed => "it was paused while it was closed",
        Flag::ResumedWithoutPause => "it was resumed while it was not paused",
        Flag::RejectedAfterClosing => "the owner rejected the outcome after the closing",
        Flag::SeveralAdvocates => "several agents take the owner's side",
        Flag::AdvocateAssignedAgain => "an agent was assigned who was in charge already",
        Flag::ReleasedWithoutAssignment => "an agent was released who was not in charge",
        Flag::UnmatchedStep => "the owner answered a step that nobody proposed",
        Flag::UnmatchedCommitment => "a promise was settled that nobody made",
        Flag::UnmatchedTask => "a task was done that nobody assigned",
    }
}

/// A list of a case.
pub(super) fn list(list: List) -> String {
    let name = list.as_str_name().trim_start_matches("LIST_");
    name.to_ascii_lowercase().replace('_', " ")
}
