//! Extracts from a touchpoint the fact that the view stores.

use std::collections::BTreeMap;

use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Origin, TouchpointRef};

use crate::Recorded;
use crate::obligation::{Fact, FactKind, Issued, Names, SurveyAnswer};

/// Returns the fact of a touchpoint, with its names as numbers in `names`.
pub(super) fn fact(recorded: &Recorded, names: &mut Names) -> Fact {
    let touchpoint = &recorded.touchpoint;
    let received_at = touchpoint.received_at.as_ref().map(time::nanos_clamped);
    let received_at = received_at.unwrap_or(recorded.recorded_at);
    let mut fact = Fact {
        source: names.number(&touchpoint.source),
        id: touchpoint.id.clone(),
        position: recorded.position.0,
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

/// Fills in the fields that depend on the payload.
fn fill_in(fact: &mut Fact, payload: &Payload, names: &mut Names) {
    let own = fact.source;
    let mut about = |fact: &mut Fact, to: &Option<TouchpointRef>| {
        if let Some(to) = to {
            (fact.about_source, fact.about_id) = absolute(to, own, names);
        }
    };
    let kind = match payload {
        Payload::FeedbackReceived(it) => {
            fact.survey = names.number(&it.survey);
            fact.score = it.score;
            fact.solicited = it.solicited;
            fact.answers = survey_answers(&it.answers, names);
            FactKind::Received
        }
        Payload::SurveyInvited(it) => {
            fact.survey = names.number(&it.survey);
            FactKind::Invited
        }
        Payload::FeedbackEdited(it) => {
            fact.new_question = it.new_question;
            FactKind::Edited
        }
        Payload::DealerReplied(it) => {
            fact.reply_kind = it.kind;
            fact.visible_to_owner = it.visible_to_owner;
            fact.bounced = it.bounced;
            FactKind::Replied
        }
        Payload::ReplyWithdrawn(it) => {
            about(fact, &it.reply);
            FactKind::ReplyWithdrawn
        }
        Payload::ReplyBounced(it) => {
            about(fact, &it.reply);
            FactKind::ReplyBounced
        }
        Payload::OwnerMessageReceived(it) => {
            about(fact, &it.in_reply_to);
            FactKind::Message
        }
        Payload::FeedbackReassigned(it) => {
            fact.from_dealer = names.number(&it.from_dealer_id);
            fact.to_dealer = names.number(&it.to_dealer_id);
            FactKind::Reassigned
        }
        Payload::FeedbackExcluded(it) => {
            fact.excluded_because = it.reason;
            FactKind::Excluded
        }
        payload => match without_details(payload) {
            Some(kind) => kind,
            None => {
                let (kind, issued) = issued(payload);
                fact.issued = issued.map(Box::new);
                kind
            }
        },
    };
    fact.kind = kind.into();
}

/// Returns the kind of a fact that has no further fields.
fn without_details(payload: &Payload) -> Option<FactKind> {
    Some(match payload {
        Payload::SurveyEligible(_) => FactKind::Eligible,
        Payload::SurveyNotInvited(_) => FactKind::NotInvited,
        Payload::InvitationDelivered(_) => FactKind::Delivered,
        Payload::InvitationBounced(_) => FactKind::InvitationBounced,
        Payload::FeedbackClosed(_) => FactKind::Closed,
        Payload::FeedbackReopened(_) => FactKind::Reopened,
        Payload::ResolutionConfirmed(_) => FactKind::Confirmed,
        Payload::ResolutionRejected(_) => FactKind::Rejected,
        Payload::TouchpointRetracted(_) => FactKind::Retracted,
        Payload::CaseOpened(_) => FactKind::CaseOpened,
        Payload::CasePausedOnOwner(_) => FactKind::CasePaused,
        Payload::CaseResumed(_) => FactKind::CaseResumed,
        Payload::CaseResolved(_) => FactKind::CaseResolved,
        Payload::CaseClosed(_) => FactKind::CaseClosed,
        Payload::CaseReopened(_) => FactKind::CaseReopened,
        _ => return None,
    })
}

/// Returns the answers that are not empty, with their values if they are numbers.
fn survey_answers(answers: &BTreeMap<String, String>, names: &mut Names) -> Vec<SurveyAnswer> {
    let answers = answers.iter().filter(|(_, answer)| !answer.is_empty());
    let answers = answers.map(|(question, answer)| SurveyAnswer {
        question: names.number(question),
        value: answer.parse().ok(),
    });
    answers.collect()
}

/// Returns the content of an event of the clock-keeper.
pub(crate) fn issued(payload: &Payload) -> (FactKind, Option<Issued>) {
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
        Payload::ObligationWarned(it) => (FactKind::Warned, issued!(it, String::new())),
        Payload::ObligationBreached(it) => (FactKind::Breached, issued!(it, String::new())),
        Payload::ObligationOutcomeRevised(it) => {
            (FactKind::OutcomeRevised, issued!(it, it.now.clone()))
        }
        _ => (FactKind::Other, None),
    }
}

/// Completes a reference: without a source, it means the touchpoint's own source.
fn absolute(to: &TouchpointRef, own: u32, names: &mut Names) -> (u32, String) {
    let source = match to.source.as_str() {
        "" => own,
        source => names.number(source),
    };
    (source, to.id.clone())
}
