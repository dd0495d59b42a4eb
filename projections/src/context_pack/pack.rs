//! The content of a context pack: facts by their positions, and what was folded from them.

use std::collections::BTreeSet;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::missing_section::Reason as MissingReason;
use ownerline_proto::v1::not_to_say_again::Reason as AvoidReason;
use ownerline_proto::v1::repair_attempted::Outcome as AttemptOutcome;
use ownerline_proto::v1::{PackSection, last_visit};

use super::entry::Fact;
use crate::Position;

/// The most items of one list in a pack.
pub const MAX_ITEMS: usize = 20;

/// What to know before contacting an owner. The fields mean what those of the contract mean.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContextPack {
    /// The visit in which something happened last.
    pub last_visit: Option<LastVisit>,
    /// The case with the newest touchpoint first.
    pub open_cases: Listed<OpenCase>,
    /// Soonest due first.
    pub open_commitments: Listed<OpenCommitment>,
    /// Defects of vehicles that the person still holds first; then dangerous ones; then the last reported.
    pub open_defects: Listed<OpenDefect>,
    /// The last feedback that was not excluded.
    pub last_feedback: Option<LastFeedback>,
    /// The advocates by agent id, or else the dealer.
    pub relationship: Listed<Holder>,
    /// Newest first.
    pub not_to_say_again: Listed<Avoid>,
    /// The number of contacts, and the last one.
    pub contacts: ContactRecord,
    /// In the order of the sections.
    pub missing: Vec<(PackSection, MissingReason)>,
}

/// The first items of a list, and the number of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// At most [`MAX_ITEMS`].
    pub items: Vec<T>,
    /// The number of items left out.
    pub left_out: usize,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl<T> Listed<T> {
    pub(super) fn of(mut items: Vec<T>) -> Self {
        let left_out = items.len().saturating_sub(MAX_ITEMS);
        items.truncate(MAX_ITEMS);
        Self { items, left_out }
    }
}

/// An attempt at a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The touchpoint that reports it.
    pub fact: Fact,
    /// How it ended.
    pub outcome: AttemptOutcome,
}

/// The visit in which something happened last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastVisit {
    /// The visit.
    pub visit_id: String,
    /// The dealer.
    pub dealer_id: String,
    /// The vehicle.
    pub vin: String,
    /// The drop-off, or else the first touchpoint of the visit.
    pub began: Fact,
    /// The pick-up.
    pub picked_up: Option<Fact>,
    /// The vehicle was dropped off and not picked up.
    pub still_in: bool,
    /// The appointment.
    pub appointment: Option<Fact>,
    /// The defects that were reported or worked on.
    pub defects: Listed<VisitDefect>,
    /// How it ended.
    pub outcome: last_visit::Outcome,
    /// The touchpoint that decides the outcome.
    pub outcome_fact: Option<Fact>,
}

/// A defect in one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitDefect {
    /// Empty if the report named none.
    pub defect_id: String,
    /// Its report.
    pub reported: Option<Fact>,
    /// Whether it endangers anybody.
    pub safety: bool,
    /// The number of attempts at a repair in this visit.
    pub attempts: u32,
    /// The last of them.
    pub last_attempt: Option<Attempt>,
}

/// A case that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCase {
    /// The case.
    pub case_id: String,
    /// The responsible dealer.
    pub dealer_id: String,
    /// The vehicle.
    pub vin: String,
    /// The touchpoint that opened it.
    pub opened: Option<Fact>,
    /// The last reopening.
    pub reopened: Option<Fact>,
    /// The owner's statement of a good outcome.
    pub desired_outcome: Option<Fact>,
    /// The advocates by agent id; at most [`MAX_ITEMS`].
    pub advocates: Vec<Advocate>,
    /// The number of escalations.
    pub escalations: u32,
    /// The last escalation.
    pub last_escalation: Option<Fact>,
    /// The request for the root cause, unless it was provided or declined since.
    pub root_cause_requested: Option<Fact>,
    /// The resolution of the case.
    pub resolved: Option<Fact>,
    /// Since when it waits for the owner.
    pub paused_on_owner: Option<Fact>,
    /// The last touchpoint that the owner could notice.
    pub last_heard: Option<Fact>,
    /// Whole days from then to `as_of`.
    pub days_silent: Option<u32>,
}

/// An advocate: somebody who takes the owner's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advocate {
    /// The agent.
    pub agent_id: String,
    /// The assignment.
    pub assigned: Fact,
}

/// A commitment that is neither kept, broken nor withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCommitment {
    /// The commitment.
    pub commitment_id: String,
    /// Its case.
    pub case_id: String,
    /// The case is closed all the same.
    pub case_closed: bool,
    /// The touchpoint that made it.
    pub made: Fact,
    /// When it is due.
    pub due_at: Option<Instant>,
    /// It was due before `as_of`.
    pub overdue: bool,
}

/// A defect that is not known to be repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDefect {
    /// Its ids, which people linked as one defect.
    pub defect_ids: Vec<String>,
    /// The issue, if it was reported outside any visit; else empty.
    pub issue_id: String,
    /// The vehicle.
    pub vin: String,
    /// The person no longer holds it.
    pub vehicle_left: bool,
    /// The visit of the last report or attempt.
    pub visit_id: String,
    /// The first report.
    pub first_reported: Option<Fact>,
    /// The last report.
    pub last_reported: Option<Fact>,
    /// Whether it endangers anybody.
    pub safety: bool,
    /// The number of attempts: one for each visit in which a repair was tried.
    pub attempts: u32,
    /// The last of them.
    pub last_attempt: Option<Attempt>,
}

/// The last feedback of the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastFeedback {
    /// The item.
    pub feedback_id: String,
    /// The dealer who owes the answer.
    pub dealer_id: String,
    /// The feedback as received.
    pub received: Fact,
    /// The last edit.
    pub edited: Option<Fact>,
    /// 0-10.
    pub score: Option<i32>,
    /// The first reply that stops a clock.
    pub answered: Option<Fact>,
    /// The last such reply.
    pub last_answer: Option<Fact>,
    /// The oldest words of the owner that no such reply follows.
    pub waiting_since: Option<Fact>,
    /// The closing, unless it was reopened since.
    pub closed: Option<Fact>,
}

/// A holder of the relationship with the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The holder.
    pub who: Relationship,
    /// The touchpoint that makes them the holder.
    pub fact: Fact,
}

/// The role in which somebody holds the relationship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relationship {
    /// As advocate of an open case.
    Advocate {
        /// The agent.
        agent_id: String,
        /// The case.
        case_id: String,
    },
    /// As the dealer responsible last.
    Dealer {
        /// The dealer.
        dealer_id: String,
    },
}

/// Something the owner does not want to hear, or hear again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avoid {
    /// The reason.
    pub reason: AvoidReason,
    /// The id of the offer, tip, purpose, step or commitment; empty if it has none.
    pub id: String,
    /// The case; empty if it belongs to none.
    pub case_id: String,
    /// The touchpoint whose words describe it.
    pub about: Option<Fact>,
    /// The touchpoint that it rests on.
    pub fact: Fact,
    /// The number of times in a row.
    pub count: u32,
}

/// The contacts with the owner.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactRecord {
    /// The number of contacts.
    pub contacts: u32,
    /// Contacts without a pack; `None` if the viewer may not know.
    pub without_pack: Option<u32>,
    /// Of these, the contacts that the brand initiated; `None` likewise.
    pub proactive_without_pack: Option<u32>,
    /// The last contact.
    pub last: Option<Fact>,
    /// The agents who took part in it.
    pub agents: Vec<String>,
    /// The brand initiated it.
    pub proactive: bool,
    /// The pack that was served before it.
    pub pack: Option<Fact>,
}

impl ContextPack {
    pub(super) fn lacks(&mut self, section: PackSection, reason: MissingReason) {
        self.missing.push((section, reason));
    }

    /// The lists of which items were left out, with their number.
    #[must_use]
    pub fn left_out(&self) -> Vec<(PackSection, usize)> {
        let visit = self.last_visit.as_ref();
        let counts = [
            (
                PackSection::LastVisit,
                visit.map_or(0, |visit| visit.defects.left_out),
            ),
            (PackSection::OpenCases, self.open_cases.left_out),
            (PackSection::OpenCommitments, self.open_commitments.left_out),
            (PackSection::OpenDefects, self.open_defects.left_out),
            (PackSection::Relationship, self.relationship.left_out),
            (PackSection::NotToSayAgain, self.not_to_say_again.left_out),
        ];
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    /// The vehicles that the person has not given away and that have an open defect which a workshop saw, each once, in
    /// the order of the defects that the pack shows.
    #[must_use]
    pub fn vehicles_in_trouble(&self) -> Vec<String> {
        let mut vins = Vec::new();
        for defect in &self.open_defects.items {
            let is_seen = !defect.visit_id.is_empty() && !defect.vin.is_empty();
            if is_seen && !defect.vehicle_left && !vins.contains(&defect.vin) {
                vins.push(defect.vin.clone());
            }
        }
        vins
    }

    /// The positions of all touchpoints that the pack shows.
    #[must_use]
    pub fn positions(&self) -> BTreeSet<Position> {
        let mut facts = Vec::new();
        if let Some(visit) = &self.last_visit {
            facts.push(Some(visit.began));
            facts.extend([visit.picked_up, visit.appointment, visit.outcome_fact]);
            for defect in &visit.defects.items {
                facts.extend([defect.reported, of(defect.last_attempt)]);
            }
        }
        for case in &self.open_cases.items {
            facts.extend([case.opened, case.reopened, case.desired_outcome]);
            facts.extend([case.last_escalation, case.root_cause_requested]);
            facts.extend([case.resolved, case.paused_on_owner, case.last_heard]);
            facts.extend(case.advocates.iter().map(|it| Some(it.assigned)));
        }
        facts.extend(self.open_commitments.items.iter().map(|it| Some(it.made)));
        for defect in &self.open_defects.items {
            facts.extend([defect.first_reported, defect.last_reported]);
            facts.push(of(defect.last_attempt));
        }
        if let Some(feedback) = &self.last_feedback {
            facts.push(Some(feedback.received));
            facts.extend([feedback.edited, feedback.answered, feedback.last_answer]);
            facts.extend([feedback.waiting_since, feedback.closed]);
        }
        facts.extend(self.relationship.items.iter().map(|it| Some(it.fact)));
        for avoid in &self.not_to_say_again.items {
            facts.extend([avoid.about, Some(avoid.fact)]);
        }
        facts.extend([self.contacts.last, self.contacts.pack]);
        facts.iter().flatten().map(|fact| fact.position).collect()
    }
}

fn of(attempt: Option<Attempt>) -> Option<Fact> {
    attempt.map(|attempt| attempt.fact)
}
