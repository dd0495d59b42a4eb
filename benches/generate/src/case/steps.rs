//! The course of a case: steps, promises, updates, the question for the root cause.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, CommitmentBroken, CommitmentKept, CommitmentMade, CommitmentWithdrawn, NextStepAgreed,
    NextStepDeclined, NextStepProposed, OwnerMessageReceived, ProgressUpdateSent,
    RootCauseDeclined, RootCauseProvided, RootCauseRequested,
};
use pbjson_types::Timestamp;

use super::running::Case;
use crate::calendar::{DAY, HOUR};
use crate::journey::Journey;
use crate::pen::Performer;
use crate::{odds, words};

/// A step that the owner agrees to or declines.
pub(super) fn write_next_step(journey: &mut Journey<'_>, case: &mut Case) {
    case.steps += 1;
    let step_id = format!("{}.step{}", case.id, case.steps);
    let at = case.advance(journey, 1);
    let text = case.matter.next_step(&mut journey.chance).to_owned();
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Phone)
        .at(at);
    let proposed = journey
        .pen
        .write(Payload::NextStepProposed(NextStepProposed {
            step_id: step_id.clone(),
            text,
        }));
    let after = journey.chance.between(60, 2 * HOUR);
    let declines = journey.chance.happens(odds::STEP_DECLINED);
    journey
        .by_owner(Channel::Phone)
        .at(at + after)
        .caused_by(&proposed);
    journey.pen.write(if declines {
        Payload::NextStepDeclined(NextStepDeclined { step_id })
    } else {
        Payload::NextStepAgreed(NextStepAgreed { step_id })
    });
    case.at += after;
}

/// A promise: kept, broken, withdrawn or forgotten, and sometimes moved before that.
pub(super) fn write_promise(journey: &mut Journey<'_>, case: &mut Case) {
    case.promises += 1;
    let commitment_id = format!("{}.promise{}", case.id, case.promises);
    let made = case.at + 120;
    let days = journey.chance.between(1, 10);
    let first_due = journey.working(made + days * DAY);
    let text = case.matter.promise(&mut journey.chance).to_owned();
    let promise = |due: i64| {
        Payload::CommitmentMade(CommitmentMade {
            commitment_id: commitment_id.clone(),
            text: text.clone(),
            due_at: Some(Timestamp {
                seconds: due,
                nanos: 0,
            }),
        })
    };
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Phone)
        .at(made);
    let reference = journey.pen.write(promise(first_due));
    let moves = journey.chance.happens(odds::PROMISE_MOVED);
    let (made, due) = match moves {
        true => {
            let late = journey.chance.happens(odds::PROMISE_MOVED_TOO_LATE);
            let moved = match late {
                true => journey.working(first_due + HOUR),
                false => journey.chance.between(made + 1, first_due),
            };
            let due = journey.working(moved.max(first_due) + 3 * DAY);
            journey.pen.caused_by(&reference).at(moved);
            journey.pen.write(promise(due));
            (moved, due)
        }
        false => (made, first_due),
    };
    journey.pen.caused_by(&reference);
    match journey.chance.weighted(&odds::PROMISE_OUTCOMES_PER_HUNDRED) {
        "kept" => {
            case.at = made + journey.chance.between(HOUR, due - made);
            journey.pen.at(case.at);
            journey
                .pen
                .write(Payload::CommitmentKept(CommitmentKept { commitment_id }));
            journey.change_mood(0.1);
        }
        "broken" => {
            case.at = journey.working(due + HOUR);
            journey.pen.at(case.at);
            journey
                .pen
                .write(Payload::CommitmentBroken(CommitmentBroken {
                    commitment_id,
                }));
            journey.change_mood(-0.25);
        }
        "withdrawn" => {
            case.at = made + journey.chance.between(HOUR, due - made);
            journey.pen.at(case.at);
            journey
                .pen
                .write(Payload::CommitmentWithdrawn(CommitmentWithdrawn {
                    commitment_id,
                }));
            journey.change_mood(-0.1);
        }
        _ => case.at = due,
    }
}

/// An update, with news or without.
pub(super) fn write_progress_update(journey: &mut Journey<'_>, case: &mut Case) {
    let at = case.advance(journey, 3);
    let new_information = journey.chance.happens(odds::UPDATE_HAS_NEWS);
    let text = case
        .matter
        .progress_update(&mut journey.chance, new_information)
        .to_owned();
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Message)
        .at(at);
    let sent = journey
        .pen
        .write(Payload::ProgressUpdateSent(ProgressUpdateSent {
            new_information,
            text,
        }));
    if journey.chance.happens(odds::UPDATE_ANSWERED) {
        let answered = journey.leisure(at);
        let text = words::owner_message(&mut journey.chance, !new_information);
        journey
            .by_owner(Channel::Message)
            .at(answered)
            .caused_by(&sent);
        journey
            .pen
            .write(Payload::OwnerMessageReceived(OwnerMessageReceived {
                text,
                in_reply_to: Some(sent),
            }));
        case.at = answered;
    }
}

/// The owner asks for the root cause.
pub(super) fn write_root_cause(journey: &mut Journey<'_>, case: &mut Case) {
    if !journey.chance.happens(odds::ROOT_CAUSE_REQUESTED) {
        return;
    }
    let at = case.advance(journey, 2);
    journey.by_owner(Channel::Phone).at(at);
    journey
        .pen
        .write(Payload::RootCauseRequested(RootCauseRequested {}));
    let answered = case.advance(journey, 8);
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Email)
        .at(answered);
    match journey.chance.below(3) {
        0 => {
            let text = case.matter.root_cause(&mut journey.chance).to_owned();
            journey
                .pen
                .write(Payload::RootCauseProvided(RootCauseProvided { text }));
        }
        1 => {
            let reason = "the part was not kept".to_owned();
            journey
                .pen
                .write(Payload::RootCauseDeclined(RootCauseDeclined { reason }));
            case.unmet.push("the root cause".to_owned());
        }
        _ => case.unmet.push("the root cause".to_owned()),
    }
}
