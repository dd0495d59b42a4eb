//! A context pack as the contract shows it: every fact with its touchpoint and its words.

use ownerline_projections::context_pack::{
    self, Attempt, Avoid, ContextPack, Fact, Holder, Relationship, one_text, remedy, words,
};
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::{
    ContactRecord, ContextPack as WirePack, LastFeedback, LastVisit, LeftOut, MissingSection,
    NotToSayAgain, OpenCase, OpenCommitment, OpenDefect, PackAdvocate, PackFact,
    RelationshipHolder, Touchpoint, TouchpointRef, VisitDefect,
};

use crate::grpc::cases::overdue_since;
use crate::grpc::repairs;
use crate::query::{PackFound, PositionText};

/// A pack with what it takes to show it.
pub(super) struct Shown<'a> {
    text: PositionText,
    answer: &'a PackFound,
    as_of: Instant,
}

impl<'a> Shown<'a> {
    pub(super) fn of(text: PositionText, answer: &'a PackFound, as_of: Instant) -> Self {
        Self {
            text,
            answer,
            as_of,
        }
    }

    pub(super) fn pack(&self) -> WirePack {
        let ContextPack {
            last_visit,
            open_cases,
            open_commitments,
            open_defects,
            last_feedback,
            relationship,
            not_to_say_again,
            contacts,
            missing,
        } = &self.answer.pack;
        let defects = open_defects.items.iter();
        let promises = open_commitments.items.iter();
        WirePack {
            last_visit: last_visit.as_ref().map(|visit| self.visit(visit)),
            open_cases: open_cases.items.iter().map(|it| self.case(it)).collect(),
            open_commitments: promises.map(|it| self.commitment(it)).collect(),
            open_defects: defects.map(|it| self.defect(it)).collect(),
            last_feedback: last_feedback.as_ref().map(|it| self.feedback(it)),
            relationship: relationship
                .items
                .iter()
                .map(|it| self.holder(it))
                .collect(),
            not_to_say_again: not_to_say_again
                .items
                .iter()
                .map(|it| self.avoid(it))
                .collect(),
            contacts: Some(self.contacts(contacts)),
            missing: missing
                .iter()
                .map(|(section, reason)| MissingSection {
                    section: (*section).into(),
                    reason: (*reason).into(),
                })
                .collect(),
            near_thresholds: self.answer.repairs.iter().flat_map(repairs::near).collect(),
            repairs_not_judged: self.answer.not_judged.clone(),
            left_out: self
                .answer
                .pack
                .left_out()
                .into_iter()
                .map(|(section, count)| LeftOut {
                    section: section.into(),
                    count: u32::try_from(count).unwrap_or(u32::MAX),
                })
                .collect(),
        }
    }

    fn touchpoint(&self, fact: Fact) -> Option<&Touchpoint> {
        self.answer.touchpoints.get(&fact.position)
    }

    /// The whole words of a touchpoint.
    fn words(&self, fact: Fact) -> String {
        let payload = self.touchpoint(fact).and_then(|it| it.payload.as_ref());
        payload.map(words).unwrap_or_default()
    }

    fn in_full(&self, fact: Fact) -> PackFact {
        let touchpoint = self.touchpoint(fact);
        PackFact {
            touchpoint: touchpoint.map(|it| TouchpointRef {
                source: it.source.clone(),
                id: it.id.clone(),
            }),
            position: self.text.write(fact.position),
            occurred_at: Some(time::timestamp(fact.occurred_at)),
            actor: touchpoint.and_then(|it| it.actor.clone()),
            text: self.words(fact),
        }
    }

    fn fact(&self, fact: Fact) -> PackFact {
        let mut fact = self.in_full(fact);
        fact.text = one_text(fact.text);
        fact
    }

    fn any(&self, fact: Option<Fact>) -> Option<PackFact> {
        fact.map(|fact| self.fact(fact))
    }

    fn visit(&self, visit: &context_pack::LastVisit) -> LastVisit {
        let defects = visit.defects.items.iter().map(|defect| {
            let (last_attempt, last_outcome) = self.attempt(defect.last_attempt);
            VisitDefect {
                defect_id: defect.defect_id.clone(),
                reported: self.any(defect.reported),
                safety: defect.safety,
                attempts: defect.attempts,
                last_attempt,
                last_outcome,
            }
        });
        LastVisit {
            visit_id: visit.visit_id.clone(),
            dealer_id: visit.dealer_id.clone(),
            vin: visit.vin.clone(),
            began: Some(self.fact(visit.began)),
            picked_up: self.any(visit.picked_up),
            still_in: visit.still_in,
            appointment: self.any(visit.appointment),
            defects: defects.collect(),
            outcome: visit.outcome.into(),
            outcome_fact: self.any(visit.outcome_fact),
        }
    }

    fn attempt(&self, attempt: Option<Attempt>) -> (Option<PackFact>, i32) {
        let outcome = attempt.map(|attempt| attempt.outcome.into());
        let fact = attempt.map(|attempt| self.fact(attempt.fact));
        (fact, outcome.unwrap_or_default())
    }

    fn case(&self, case: &context_pack::OpenCase) -> OpenCase {
        let owed = self.answer.cases.get(&case.case_id);
        let owed = owed.cloned().unwrap_or_default();
        let overdue = |due| overdue_since(due, self.as_of);
        let opening = case.opened.and_then(|fact| self.touchpoint(fact));
        let opening = opening.and_then(|it| it.payload.as_ref());
        let remedy_sought = opening.map(|it| one_text(remedy(it).to_owned()));
        let advocates = case.advocates.iter().map(|advocate| PackAdvocate {
            agent_id: advocate.agent_id.clone(),
            assigned: Some(self.fact(advocate.assigned)),
        });
        OpenCase {
            case_id: case.case_id.clone(),
            dealer_id: case.dealer_id.clone(),
            vin: case.vin.clone(),
            opened: self.any(case.opened),
            remedy_sought: remedy_sought.unwrap_or_default(),
            reopened: self.any(case.reopened),
            desired_outcome: self.any(case.desired_outcome),
            advocates: advocates.collect(),
            escalations: case.escalations,
            last_escalation: self.any(case.last_escalation),
            root_cause_requested: self.any(case.root_cause_requested),
            resolved: self.any(case.resolved),
            paused_on_owner: self.any(case.paused_on_owner),
            last_heard: self.any(case.last_heard),
            days_silent: case.days_silent,
            days_without_word: owed.days_without_word,
            overdue: owed.overdue.into_iter().map(overdue).collect(),
            commitments_not_kept: owed.not_kept,
        }
    }

    fn commitment(&self, commitment: &context_pack::OpenCommitment) -> OpenCommitment {
        OpenCommitment {
            commitment_id: commitment.commitment_id.clone(),
            case_id: commitment.case_id.clone(),
            case_closed: commitment.case_closed,
            made: Some(self.fact(commitment.made)),
            due_at: commitment.due_at.map(time::timestamp),
            overdue: commitment.overdue,
        }
    }

    fn defect(&self, defect: &context_pack::OpenDefect) -> OpenDefect {
        let (last_attempt, last_outcome) = self.attempt(defect.last_attempt);
        OpenDefect {
            defect_ids: defect.defect_ids.clone(),
            issue_id: defect.issue_id.clone(),
            vin: defect.vin.clone(),
            vehicle_left: defect.vehicle_left,
            visit_id: defect.visit_id.clone(),
            first_reported: self.any(defect.first_reported),
            last_reported: self.any(defect.last_reported),
            safety: defect.safety,
            attempts: defect.attempts,
            last_attempt,
            last_outcome,
        }
    }

    fn feedback(&self, feedback: &context_pack::LastFeedback) -> LastFeedback {
        LastFeedback {
            feedback_id: feedback.feedback_id.clone(),
            dealer_id: feedback.dealer_id.clone(),
            received: Some(self.in_full(feedback.received)),
            edited: feedback.edited.map(|fact| self.in_full(fact)),
            score: feedback.score,
            answered: self.any(feedback.answered),
            last_answer: self.any(feedback.last_answer),
            waiting_since: self.any(feedback.waiting_since),
            closed: self.any(feedback.closed),
        }
    }

    fn holder(&self, holder: &Holder) -> RelationshipHolder {
        let fact = Some(self.fact(holder.fact));
        match &holder.who {
            Relationship::Advocate { agent_id, case_id } => RelationshipHolder {
                agent_id: agent_id.clone(),
                dealer_id: String::new(),
                case_id: case_id.clone(),
                fact,
            },
            Relationship::Dealer { dealer_id } => RelationshipHolder {
                agent_id: String::new(),
                dealer_id: dealer_id.clone(),
                case_id: String::new(),
                fact,
            },
        }
    }

    fn avoid(&self, avoid: &Avoid) -> NotToSayAgain {
        NotToSayAgain {
            reason: avoid.reason.into(),
            id: avoid.id.clone(),
            case_id: avoid.case_id.clone(),
            text: avoid
                .about
                .map(|fact| one_text(self.words(fact)))
                .unwrap_or_default(),
            fact: Some(self.fact(avoid.fact)),
            count: avoid.count,
        }
    }

    fn contacts(&self, contacts: &context_pack::ContactRecord) -> ContactRecord {
        ContactRecord {
            contacts: contacts.contacts,
            without_pack: contacts.without_pack,
            proactive_without_pack: contacts.proactive_without_pack,
            last: self.any(contacts.last),
            agents: contacts.agents.clone(),
            proactive: contacts.proactive,
            pack: self.any(contacts.pack),
        }
    }
}
