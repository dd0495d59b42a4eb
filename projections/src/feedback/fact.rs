//! From a touchpoint to what is kept of it.

use std::collections::BTreeMap;

use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Origin, TouchpointRef};

use crate::Recorded;
use crate::obligation::{Fact, Issued, Names, SurveyAnswer, What};

/// What is kept of a touchpoint; its names are numbers of `names`.
pub(super) fn fact(recorded: &Recorded, names: &mut Names) -> Fact {
    let touchpoint = &recorded.touchpoint;
    let received_at = touchpoint.received_at.as_ref().map(time::nanos_clamped);
    let received_at = received_at.unwrap_or(recorded.recorded_at);
    let mut fact = Fact {
        source: names.number(&touchpoint.source),
        id: touchpoint.id.clone(),
        position: recorded.position,
        revision: recorded.revision,
        occurred_at: recorded.occurred_at,
        received_after: received_at.wrapping_sub(recorded.occurred_at),
        recorded_after: recorded.recorded_at.wrapping_sub(received_at),
        imported: touchpoint.origin() == Origin::Imported,
        channel: touchpoint.channel,
        ..Fact::default()
    };
    if let Some(subjects) = &touchpoint.subjects {
        fact.owner = names.number(&subjects.owner_id);
        fact.vin = names.number(&subjects.vin);
        fact.dealer = names.number(&subjects.dealer_id);
        fact.order = names.number(&subjects.order_id);
    }
    if let Some(actor) = &touchpoint.actor {
        fact.actor = names.number(&actor.id);
        fact.actor_kind = actor.kind;
        fact.actor_dealer = names.number(&actor.dealer_id);
    }
    if let Some(corrects) = &touchpoint.corrects {
        (fact.corrects_source, fact.corrects_id) = absolute(corrects, fact.source, names);
    }
    if let Some(payload) = &touchpoint.payload {
        fill_in(&mut fact, payload, names);
    }
    fact
}

/// Writes what the payload says into a fact.
fn fill_in(fact: &mut Fact, payload: &Payload, names: &mut Names) {
    let own = fact.source;
    let mut about = |fact: &mut Fact, to: &Option<TouchpointRef>| {
        if let Some(to) = to {
            (fact.about_source, fact.about_id) = absolute(to, own, names);
        }
    };
    let what = match payload {
        Payload::FeedbackReceived(it) => {
            fact.survey = names.number(&it.survey);
            fact.score = it.score;
            fact.solicited = it.solicited;
            fact.answers = given(&it.answers, names);
            What::Received
        }
        Payload::SurveyInvited(it) => {
            fact.survey = names.number(&it.survey);
            What::Invited
        }
        Payload::FeedbackEdited(it) => {
            fact.new_question = it.new_question;
            What::Edited
        }
        Payload::DealerReplied(it) => {
            fact.reply_kind = it.kind;
            fact.visible_to_owner = it.visible_to_owner;
            fact.bounced = it.bounced;
            What::Replied
        }
        Payload::ReplyWithdrawn(it) => {
            about(fact, &it.reply);
            What::ReplyWithdrawn
        }
        Payload::ReplyBounced(it) => {
            about(fact, &it.reply);
            What::ReplyBounced
        }
        Payload::OwnerMessageReceived(it) => {
            about(fact, &it.in_reply_to);
            What::Message
        }
        Payload::FeedbackReassigned(it) => {
            fact.from_dealer = names.number(&it.from_dealer_id);
            fact.to_dealer = names.number(&it.to_dealer_id);
            What::Reassigned
        }
        Payload::FeedbackExcluded(it) => {
            fact.excluded_because = it.reason;
            What::Excluded
        }
        payload => match without_details(payload) {
            Some(what) => what,
            None => {
                let (what, issued) = issued(payload);
                fact.issued = issued.map(Box::new);
                what
            }
        },
    };
    fact.what = what.into();
}

/// What happened, for the kinds of which nothing else is kept.
fn without_details(payload: &Payload) -> Option<What> {
    Some(match payload {
        Payload::SurveyEligible(_) => What::Eligible,
        Payload::SurveyNotInvited(_) => What::NotInvited,
        Payload::InvitationDelivered(_) => What::Delivered,
        Payload::InvitationBounced(_) => What::InvitationBounced,
        Payload::FeedbackClosed(_) => What::Closed,
        Payload::FeedbackReopened(_) => What::Reopened,
        Payload::ResolutionConfirmed(_) => What::Confirmed,
        Payload::ResolutionRejected(_) => What::Rejected,
        Payload::TouchpointRetracted(_) => What::Retracted,
        Payload::CaseOpened(_) => What::CaseOpened,
        Payload::CasePausedOnOwner(_) => What::CasePaused,
        Payload::CaseResumed(_) => What::CaseResumed,
        Payload::CaseResolved(_) => What::CaseResolved,
        Payload::CaseClosed(_) => What::CaseClosed,
        Payload::CaseReopened(_) => What::CaseReopened,
        _ => return None,
    })
}

/// The answers as far as they are numbers; an empty one is none.
fn given(answers: &BTreeMap<String, String>, names: &mut Names) -> Vec<SurveyAnswer> {
    let said = answers.iter().filter(|(_, answer)| !answer.is_empty());
    let given = said.map(|(question, answer)| SurveyAnswer {
        question: names.number(question),
        value: answer.parse().ok(),
    });
    given.collect()
}

/// What the clock-keeper said.
fn issued(payload: &Payload) -> (What, Option<Issued>) {
    macro_rules! issued {
        ($it:expr, $now:expr) => {
            Some(Issued {
                obligation_id: $it.obligation_id.clone(),
                episode: $it.episode,
                kind: $it.kind,
                policy: $it.policy.clone(),
                policy_version: $it.policy_version,
                level: $it.level,
                now: $now,
            })
        };
    }
    match payload {
        Payload::ObligationWarned(it) => (What::Warned, issued!(it, String::new())),
        Payload::ObligationBreached(it) => (What::Breached, issued!(it, String::new())),
        Payload::ObligationOutcomeRevised(it) => {
            (What::OutcomeRevised, issued!(it, it.now.clone()))
        }
        _ => (What::Other, None),
    }
}

/// A reference without source names its own.
fn absolute(to: &TouchpointRef, own: u32, names: &mut Names) -> (u32, String) {
    let source = match to.source.as_str() {
        "" => own,
        source => names.number(source),
    };
    (source, to.id.clone())
}
