//! What a context pack holds: facts by their positions, and what was folded from them.

use std::collections::BTreeSet;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::missing_section::Reason as MissingReason;
use ownerline_proto::v1::not_to_say_again::Reason as AvoidReason;
use ownerline_proto::v1::repair_attempted::Outcome as AttemptOutcome;
use ownerline_proto::v1::{PackSection, last_visit};

use super::{Fact, MAX_ITEMS};

/// What to know before contacting an owner. The fields mean what those of the contract mean.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContextPack {
    /// See the contract; so are all others.
    pub last_visit: Option<LastVisit>,
    /// Last touched first.
    pub open_cases: Listed<OpenCase>,
    /// Soonest due first.
    pub open_commitments: Listed<OpenCommitment>,
    /// Those of vehicles the person still holds first; then dangerous ones, then the last reported.
    pub open_defects: Listed<OpenDefect>,
    /// The last that was not excluded.
    pub last_feedback: Option<LastFeedback>,
    /// Advocates by agent, else the dealer.
    pub relationship: Listed<Holder>,
    /// Newest first.
    pub not_to_say_again: Listed<Avoid>,
    /// How often, and the last.
    pub contacts: ContactRecord,
    /// In the order of the sections.
    pub missing: Vec<(PackSection, MissingReason)>,
}

/// The first items of a list, and how many more there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// At most [`MAX_ITEMS`].
    pub items: Vec<T>,
    /// How many were left out.
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

/// How an attempt to repair ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Where it is told.
    pub fact: Fact,
    /// How it ended.
    pub outcome: AttemptOutcome,
}

/// The visit in which something happened last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastVisit {
    /// The visit.
    pub visit_id: String,
    /// Where.
    pub dealer_id: String,
    /// The vehicle.
    pub vin: String,
    /// The vehicle came, or the first that is known.
    pub began: Fact,
    /// The vehicle went.
    pub picked_up: Option<Fact>,
    /// It came and did not go.
    pub still_in: bool,
    /// The appointment.
    pub appointment: Option<Fact>,
    /// What was reported or tried.
    pub defects: Listed<VisitDefect>,
    /// How it ended.
    pub outcome: last_visit::Outcome,
    /// What says so.
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
    /// Attempts in this visit.
    pub attempts: u32,
    /// The last of them.
    pub last_attempt: Option<Attempt>,
}

/// A matter that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCase {
    /// The case.
    pub case_id: String,
    /// Who is responsible.
    pub dealer_id: String,
    /// The vehicle.
    pub vin: String,
    /// Its opening.
    pub opened: Option<Fact>,
    /// The last opening again.
    pub reopened: Option<Fact>,
    /// What a good outcome would be.
    pub desired_outcome: Option<Fact>,
    /// By agent; at most [`MAX_ITEMS`].
    pub advocates: Vec<Advocate>,
    /// How often.
    pub escalations: u32,
    /// The last.
    pub last_escalation: Option<Fact>,
    /// Neither told nor refused.
    pub root_cause_requested: Option<Fact>,
    /// Resolved, not closed.
    pub resolved: Option<Fact>,
    /// Waits for the owner.
    pub paused_on_owner: Option<Fact>,
    /// The last the owner could notice.
    pub last_heard: Option<Fact>,
    /// Whole days from there to as_of.
    pub days_silent: Option<u32>,
}

/// Somebody who takes the owner's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advocate {
    /// Who.
    pub agent_id: String,
    /// Since when.
    pub assigned: Fact,
}

/// A promise that is neither kept, broken nor withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCommitment {
    /// The promise.
    pub commitment_id: String,
    /// Its case.
    pub case_id: String,
    /// The case is closed all the same.
    pub case_closed: bool,
    /// Made.
    pub made: Fact,
    /// By when.
    pub due_at: Option<Instant>,
    /// Before as_of.
    pub overdue: bool,
}

/// A defect that is not known to be repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDefect {
    /// Its ids, linked by people.
    pub defect_ids: Vec<String>,
    /// Reported outside any visit.
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
    /// Over all visits.
    pub attempts: u32,
    /// The last of them.
    pub last_attempt: Option<Attempt>,
}

/// What the owner said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastFeedback {
    /// The item.
    pub feedback_id: String,
    /// Who owes the answer.
    pub dealer_id: String,
    /// As it came in.
    pub received: Fact,
    /// The last change.
    pub edited: Option<Fact>,
    /// 0-10.
    pub score: Option<i32>,
    /// The first reply that counts.
    pub answered: Option<Fact>,
    /// The last of them.
    pub last_answer: Option<Fact>,
    /// The oldest words that no such reply follows.
    pub waiting_since: Option<Fact>,
    /// Closed and not reopened.
    pub closed: Option<Fact>,
}

/// Who holds the relationship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub who: Relationship,
    /// What it is judged by.
    pub fact: Fact,
}

/// As what somebody holds the relationship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relationship {
    /// As advocate of an open case.
    Advocate {
        /// Who.
        agent_id: String,
        /// The case.
        case_id: String,
    },
    /// As the dealer responsible last.
    Dealer {
        /// Which.
        dealer_id: String,
    },
}

/// Something the owner does not want to hear, or hear again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avoid {
    /// Why.
    pub reason: AvoidReason,
    /// Of what.
    pub id: String,
    /// In which case.
    pub case_id: String,
    /// What says what it is about.
    pub about: Option<Fact>,
    /// What it rests on.
    pub fact: Fact,
    /// How often in a row.
    pub count: u32,
}

/// How often the owner was contacted, and the last time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactRecord {
    /// All told.
    pub contacts: u32,
    /// Without a pack; absent if not told.
    pub without_pack: Option<u32>,
    /// Of these, by the brand.
    pub proactive_without_pack: Option<u32>,
    /// The last.
    pub last: Option<Fact>,
    /// Who took part in it.
    pub agents: Vec<String>,
    /// The brand contacted the owner.
    pub proactive: bool,
    /// The pack it was made with.
    pub pack: Option<Fact>,
}

impl ContextPack {
    pub(super) fn lacks(&mut self, section: PackSection, reason: MissingReason) {
        self.missing.push((section, reason));
    }

    /// The lists of which something was left out, and how much.
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

    /// The positions of every touchpoint the pack shows.
    #[must_use]
    pub fn positions(&self) -> BTreeSet<u64> {
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
