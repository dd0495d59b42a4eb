//! Promises and tasks of a case as the contract shows them.

use ownerline_projections::TouchpointKey;
use ownerline_projections::obligation::case::{self, Promise as Round};
use ownerline_proto::time;
use ownerline_proto::v1::case::promise::Flag;
use ownerline_proto::v1::case::{Fate, Promise};
use ownerline_proto::v1::touchpoint::Payload;

use super::shown::Shown;

/// One round of a promise or a task.
pub(super) fn promise(shown: &Shown<'_>, round: &Round) -> Promise {
    let fact = |key: &TouchpointKey| shown.by_key(key);
    let made = round.made.as_ref().and_then(|made| fact(&made.key));
    let ended = round.ended.as_ref().and_then(|(key, _)| fact(key));
    let mut promise = Promise {
        id: round.id.clone(),
        round: round.round,
        made: shown.any(made),
        dates: round
            .dates
            .iter()
            .map(|date| time::timestamp(date.due_at))
            .collect(),
        due_at: round.due_at.map(time::timestamp),
        deadline: round.deadline.map(time::timestamp),
        fate: fate(round.fate).into(),
        ended: shown.any(ended),
        flags: round.flags.iter().map(|it| flag(*it).into()).collect(),
        ..Promise::default()
    };
    let last = round.told.last().and_then(fact);
    if let Some(Payload::TaskAssigned(task)) = last.and_then(|it| shown.payload(it)) {
        promise.department.clone_from(&task.department);
        promise.assignee.clone_from(&task.assignee);
        promise.why = shown.shortened(task.why.clone());
    }
    promise
}

fn fate(fate: case::Fate) -> Fate {
    match fate {
        case::Fate::Open => Fate::Open,
        case::Fate::Overdue => Fate::Overdue,
        case::Fate::Kept => Fate::Kept,
        case::Fate::KeptLate => Fate::KeptLate,
        case::Fate::Broken => Fate::Broken,
        case::Fate::Withdrawn => Fate::Withdrawn,
    }
}

fn flag(flag: case::PromiseFlag) -> Flag {
    match flag {
        case::PromiseFlag::Unmatched => Flag::Unmatched,
        case::PromiseFlag::DueMoved => Flag::DueMoved,
        case::PromiseFlag::MovedAfterDue => Flag::MovedAfterDue,
        case::PromiseFlag::DueBeforeMade => Flag::DueBeforeMade,
        case::PromiseFlag::DueCorrectedLate => Flag::DueCorrectedLate,
        case::PromiseFlag::BrokenAndKept => Flag::BrokenAndKept,
    }
}
