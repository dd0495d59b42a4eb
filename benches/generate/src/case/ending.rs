//! The ending of a case, and the detours before it.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocateAssigned, AdvocateReleased, CaseClosed, CaseEscalated, CasePausedOnOwner,
    CaseReassigned, CaseReopened, CaseResolved, CaseResumed, Channel, ResolutionConfirmed,
    ResolutionRejected,
};

use super::running::Case;
use super::steps;
use crate::journey::Journey;
use crate::pen::Performer;
use crate::{goodwill, odds, person, words};

/// A pause, an escalation, another advocate, a call.
pub(super) fn write_detours(journey: &mut Journey<'_>, case: &mut Case) {
    if journey.chance.happens(odds::CASE_PAUSED) {
        let at = case.advance(journey, 2);
        journey
            .pen
            .by(&Performer::Maker("advocate"), Channel::Other)
            .at(at);
        journey
            .pen
            .write(Payload::CasePausedOnOwner(CasePausedOnOwner {}));
        let resumed = case.advance(journey, 4);
        journey
            .pen
            .at(resumed)
            .write(Payload::CaseResumed(CaseResumed {}));
    }
    if journey.chance.happens(odds::CASE_ESCALATED) {
        let at = case.advance(journey, 2);
        let reason = words::escalation_reason(&mut journey.chance).to_owned();
        journey
            .pen
            .by(&Performer::Maker("advocate"), Channel::Other)
            .at(at);
        journey.pen.write(Payload::CaseEscalated(CaseEscalated {
            to: "head of owner care".to_owned(),
            reason,
        }));
    }
    if journey.chance.happens(odds::ADVOCATE_CHANGES) {
        let at = case.advance(journey, 1);
        journey
            .pen
            .by(&Performer::Maker("team-lead"), Channel::Other)
            .at(at);
        journey
            .pen
            .write(Payload::AdvocateReleased(AdvocateReleased {
                agent_id: "advocate".to_owned(),
                reason: "another shift".to_owned(),
            }));
        journey
            .pen
            .at(at + 300)
            .write(Payload::AdvocateAssigned(AdvocateAssigned {
                agent_id: "advocate-2".to_owned(),
            }));
    }
    if journey.chance.happens(odds::CASE_REASSIGNED) {
        let at = case.advance(journey, 1);
        let to_dealer_id = journey.another_dealer().id.clone();
        journey
            .pen
            .by(&Performer::Maker("team-lead"), Channel::Other)
            .at(at);
        journey.pen.write(Payload::CaseReassigned(CaseReassigned {
            from_dealer_id: journey.dealer.id.clone(),
            to_dealer_id,
        }));
    }
    if journey.chance.happens(odds::CASE_CALL) {
        let at = case.advance(journey, 1);
        let proactive = journey.chance.happens(odds::CONTACT_PROACTIVE);
        person::write_contact(journey, case.subjects.clone(), proactive, at);
        journey.pen.about(case.subjects.clone());
    }
}

/// The outcome, what the owner says of it, the closing, and sometimes another beginning.
pub(super) fn write_ending(journey: &mut Journey<'_>, case: &mut Case) {
    if journey.chance.happens(odds::CASE_NEVER_ENDS) {
        return;
    }
    write_resolution(journey, case);
    if journey.chance.happens(odds::OUTCOME_ANSWERED) {
        let accepts = journey.chance.happens(odds::OUTCOME_ACCEPTED);
        write_verdict(journey, case, accepts);
        if !accepts {
            steps::write_promise(journey, case);
            write_resolution(journey, case);
        }
    }
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Phone);
    let closed = case.advance(journey, 3);
    let unmet_requests = std::mem::take(&mut case.unmet);
    journey
        .pen
        .at(closed)
        .write(Payload::CaseClosed(CaseClosed {
            unmet_requests: unmet_requests.clone(),
        }));
    journey.change_mood(if unmet_requests.is_empty() {
        0.25
    } else {
        0.05
    });
    if journey.chance.happens(odds::CASE_REOPENED) {
        let again = case.advance(journey, 12);
        journey.by_owner(Channel::Phone).at(again);
        journey.pen.write(Payload::CaseReopened(CaseReopened {}));
        steps::write_promise(journey, case);
        let closed = case.advance(journey, 6);
        journey
            .pen
            .by(&Performer::Maker("advocate"), Channel::Phone)
            .at(closed);
        journey
            .pen
            .write(Payload::CaseClosed(CaseClosed { unmet_requests }));
    }
    if journey.chance.happens(odds::GOODWILL_GRANTED) {
        goodwill::write_goodwill(journey, case.subjects.clone(), closed);
    }
}

fn write_resolution(journey: &mut Journey<'_>, case: &mut Case) {
    let at = case.advance(journey, 4);
    let outcome = case.matter.outcome(&mut journey.chance).to_owned();
    journey
        .pen
        .by(&Performer::Maker("advocate"), Channel::Phone)
        .at(at);
    journey
        .pen
        .write(Payload::CaseResolved(CaseResolved { outcome }));
}

/// The owner accepts the outcome, or does not.
fn write_verdict(journey: &mut Journey<'_>, case: &mut Case, accepts: bool) {
    let at = journey.leisure(case.at);
    case.at = case.at.max(at);
    journey.by_owner(Channel::Portal).at(at);
    journey.pen.write(if accepts {
        Payload::ResolutionConfirmed(ResolutionConfirmed {})
    } else {
        Payload::ResolutionRejected(ResolutionRejected {})
    });
    journey.change_mood(if accepts { 0.15 } else { -0.15 });
}
