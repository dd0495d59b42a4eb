//! Cases and the commitments in them: which are open, who takes the owner's side, and how long the owner has heard
//! nothing.

use std::collections::{BTreeMap, VecDeque};

use ownerline_proto::time::Instant;
use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::not_to_say_again::Reason as AvoidReason;
use ownerline_proto::v1::{PackSection, Visibility, touchpoint::Payload};

use super::entry::{Entry, Fact};
use super::pack::{
    Advocate, Avoid, ContextPack, Holder, Listed, MAX_ITEMS, OpenCase, OpenCommitment, Relationship,
};

const NANOS_PER_DAY: i128 = 24 * 3_600 * 1_000_000_000;

/// All cases, by id.
#[derive(Debug, Clone, Default)]
pub(super) struct Cases {
    by_id: BTreeMap<String, Case>,
}

/// One case.
#[derive(Debug, Clone, Default)]
struct Case {
    dealer_id: String,
    vin: String,
    touched: Option<Fact>,
    heard: Option<Fact>,
    opened: Option<Fact>,
    reopened: Option<Fact>,
    resolved: Option<Fact>,
    closed: Option<Fact>,
    paused: Option<Fact>,
    desired_outcome: Option<Fact>,
    advocates: BTreeMap<String, Fact>,
    escalations: u32,
    last_escalation: Option<Fact>,
    root_cause: RootCause,
    steps: BTreeMap<String, Step>,
    commitments: BTreeMap<String, Commitment>,
    /// The number of updates without news since the last one with news, and the last of them.
    nothing_new: (u32, Option<Fact>),
    /// The last messages in which the owner answered something.
    answers: VecDeque<Fact>,
}

#[derive(Debug, Clone, Copy, Default)]
struct RootCause {
    requested: Option<Fact>,
    provided: Option<Fact>,
    declined: Option<Fact>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Step {
    proposed: Option<Fact>,
    /// Declined and not agreed to since.
    declined: Option<Fact>,
}

/// A commitment. Making and settling it are paired, in whichever order they occurred.
#[derive(Debug, Clone, Copy, Default)]
struct Commitment {
    made: Option<Fact>,
    due_at: Option<Instant>,
    settled: bool,
    /// Broken, and neither kept nor withdrawn since.
    broken: Option<Fact>,
}

impl Cases {
    pub(super) fn apply(&mut self, as_of: Instant, entry: Entry<'_>, payload: &Payload) {
        let case_id = &entry.subjects.case_id;
        if case_id.is_empty() || matches!(payload, Payload::ContextPackServed(_)) {
            return;
        }
        let case = self.by_id.entry(case_id.clone()).or_default();
        for (known, said) in [
            (&mut case.dealer_id, &entry.row.dealer_id),
            (&mut case.vin, &entry.row.vin),
        ] {
            if !said.is_empty() {
                said.clone_into(known);
            }
        }
        case.touched = Some(entry.fact);
        if is_heard(as_of, entry, payload) {
            case.heard = Some(entry.fact);
        }
        case.course(entry.fact, payload);
        case.dealings(entry.fact, payload);
        case.promises(entry.fact, payload);
    }

    /// Adds what the owner should not hear again because of cases. Refused steps and broken commitments stay when a case
    /// is closed; updates and answers count only while it is open.
    pub(super) fn avoid(&self, found: &mut Vec<Avoid>) {
        for (case_id, case) in &self.by_id {
            let mut avoid = |reason, id: &str, about, fact, count| {
                found.push(Avoid {
                    reason,
                    id: id.to_owned(),
                    case_id: case_id.clone(),
                    about,
                    fact,
                    count,
                });
            };
            for (step_id, step) in &case.steps {
                if let Some(fact) = step.declined {
                    avoid(
                        AvoidReason::NextStepDeclined,
                        step_id,
                        step.proposed,
                        fact,
                        1,
                    );
                }
            }
            for (id, commitment) in &case.commitments {
                if let Some(fact) = commitment.broken {
                    avoid(AvoidReason::CommitmentBroken, id, commitment.made, fact, 1);
                }
            }
            let declined = case.root_cause.declined;
            if let Some(fact) = declined.filter(|_| declined > case.root_cause.provided) {
                avoid(AvoidReason::RootCauseDeclined, "", declined, fact, 1);
            }
            if case.closed.is_some() {
                continue;
            }
            if let (count @ 2.., Some(fact)) = case.nothing_new {
                avoid(AvoidReason::NothingNew, "", Some(fact), fact, count);
            }
            for fact in case.answers.iter().chain(&case.desired_outcome) {
                avoid(AvoidReason::AlreadyAnswered, "", Some(*fact), *fact, 1);
            }
        }
    }

    pub(super) fn finish(
        &self,
        as_of: Instant,
        dealer: Option<(Fact, String)>,
        pack: &mut ContextPack,
    ) {
        let open = || self.by_id.iter().filter(|(_, case)| case.closed.is_none());
        let mut cases: Vec<_> = open().collect();
        if cases.is_empty() {
            let reason = if self.by_id.is_empty() {
                Reason::NoCaseKnown
            } else {
                Reason::NoOpenCase
            };
            pack.lacks(PackSection::OpenCases, reason);
        }
        cases.sort_by_key(|(_, case)| std::cmp::Reverse(case.touched));
        pack.relationship = holders(&cases, dealer);
        if pack.relationship.items.is_empty() {
            pack.lacks(PackSection::Relationship, Reason::NoRelationshipKnown);
        }
        let open_cases = cases.into_iter().map(|(id, case)| case.shown(id, as_of));
        pack.open_cases = Listed::of(open_cases.collect());
        self.commitments(as_of, pack);
    }

    fn commitments(&self, as_of: Instant, pack: &mut ContextPack) {
        let mut known = false;
        let mut open = Vec::new();
        for (case_id, case) in &self.by_id {
            for (commitment_id, commitment) in &case.commitments {
                known = true;
                let Some(made) = commitment.made.filter(|_| !commitment.settled) else {
                    continue;
                };
                open.push(OpenCommitment {
                    commitment_id: commitment_id.clone(),
                    case_id: case_id.clone(),
                    case_closed: case.closed.is_some(),
                    made,
                    due_at: commitment.due_at,
                    overdue: commitment.due_at.is_some_and(|due| due < as_of),
                });
            }
        }
        if open.is_empty() {
            let reason = if known {
                Reason::NoOpenCommitment
            } else {
                Reason::NoCommitmentKnown
            };
            pack.lacks(PackSection::OpenCommitments, reason);
        }
        open.sort_by_key(|it| (it.due_at.is_none(), it.due_at, it.made));
        pack.open_commitments = Listed::of(open);
    }
}

/// The advocates of open cases, which are given with the last touched first, by agent id; or else the dealer.
fn holders(cases: &[(&String, &Case)], dealer: Option<(Fact, String)>) -> Listed<Holder> {
    let mut advocates: BTreeMap<&String, (&String, Fact)> = BTreeMap::new();
    for (case_id, case) in cases {
        for (agent_id, assigned) in &case.advocates {
            advocates.entry(agent_id).or_insert((case_id, *assigned));
        }
    }
    let advocates = advocates.into_iter().map(|(agent_id, (case_id, fact))| {
        let who = Relationship::Advocate {
            agent_id: agent_id.clone(),
            case_id: case_id.clone(),
        };
        Holder { who, fact }
    });
    let mut holders: Vec<Holder> = advocates.collect();
    if holders.is_empty() {
        let dealer = dealer.map(|(fact, dealer_id)| Holder {
            who: Relationship::Dealer { dealer_id },
            fact,
        });
        holders.extend(dealer);
    }
    Listed::of(holders)
}

/// Whether the owner could notice it: it is visible to owners, or its kind is something said to or by the owner.
fn is_heard(as_of: Instant, entry: Entry<'_>, payload: &Payload) -> bool {
    let visible = entry.sight.admits(Some(Visibility::Owner), as_of);
    visible
        || matches!(
            payload,
            Payload::CaseOpened(_)
                | Payload::CaseAcknowledged(_)
                | Payload::DesiredOutcomeStated(_)
                | Payload::NextStepProposed(_)
                | Payload::NextStepAgreed(_)
                | Payload::NextStepDeclined(_)
                | Payload::CommitmentMade(_)
                | Payload::RootCauseRequested(_)
                | Payload::RootCauseProvided(_)
                | Payload::RootCauseDeclined(_)
                | Payload::ProgressUpdateSent(_)
                | Payload::OwnerMessageReceived(_)
                | Payload::ContactMade(_)
        )
}

impl Case {
    /// Opening, resolving, closing, pausing and escalating.
    fn course(&mut self, fact: Fact, payload: &Payload) {
        match payload {
            Payload::CaseOpened(_) => self.opened = Some(fact),
            Payload::CaseResolved(_) => self.resolved = Some(fact),
            Payload::CaseClosed(_) => self.closed = Some(fact),
            Payload::CaseReopened(_) => {
                self.reopened = Some(fact);
                self.resolved = None;
                self.closed = None;
            }
            Payload::CasePausedOnOwner(_) => self.paused = Some(fact),
            Payload::CaseResumed(_) => self.paused = None,
            Payload::CaseEscalated(_) => {
                self.escalations = self.escalations.saturating_add(1);
                self.last_escalation = Some(fact);
            }
            _ => {}
        }
    }

    /// Dealings between the owner and those who take the owner's side.
    fn dealings(&mut self, fact: Fact, payload: &Payload) {
        match payload {
            Payload::AdvocateAssigned(it) => {
                self.advocates.insert(it.agent_id.clone(), fact);
            }
            Payload::AdvocateReleased(it) => {
                self.advocates.remove(&it.agent_id);
            }
            Payload::DesiredOutcomeStated(_) => self.desired_outcome = Some(fact),
            Payload::RootCauseRequested(_) => self.root_cause.requested = Some(fact),
            Payload::RootCauseProvided(_) => self.root_cause.provided = Some(fact),
            Payload::RootCauseDeclined(_) => self.root_cause.declined = Some(fact),
            Payload::ProgressUpdateSent(it) if it.new_information => {
                self.nothing_new = (0, None);
            }
            Payload::ProgressUpdateSent(_) => {
                self.nothing_new = (self.nothing_new.0.saturating_add(1), Some(fact));
            }
            Payload::OwnerMessageReceived(it) => {
                self.paused = None;
                if it.in_reply_to.is_some() {
                    if self.answers.len() >= MAX_ITEMS {
                        self.answers.pop_front();
                    }
                    self.answers.push_back(fact);
                }
            }
            _ => {}
        }
    }

    fn promises(&mut self, fact: Fact, payload: &Payload) {
        match payload {
            Payload::NextStepProposed(it) => self.step(&it.step_id).proposed = Some(fact),
            Payload::NextStepAgreed(it) => self.step(&it.step_id).declined = None,
            Payload::NextStepDeclined(it) => self.step(&it.step_id).declined = Some(fact),
            Payload::CommitmentMade(it) => {
                let commitment = self.commitment(&it.commitment_id);
                commitment.made = Some(fact);
                commitment.due_at = it.due_at.as_ref().map(Instant::from);
            }
            Payload::CommitmentKept(it) => self.commitment(&it.commitment_id).settle(None),
            Payload::CommitmentBroken(it) => self.commitment(&it.commitment_id).settle(Some(fact)),
            Payload::CommitmentWithdrawn(it) => self.commitment(&it.commitment_id).settle(None),
            _ => {}
        }
    }

    fn step(&mut self, step_id: &str) -> &mut Step {
        self.steps.entry(step_id.to_owned()).or_default()
    }

    fn commitment(&mut self, commitment_id: &str) -> &mut Commitment {
        self.commitments
            .entry(commitment_id.to_owned())
            .or_default()
    }

    fn shown(&self, case_id: &str, as_of: Instant) -> OpenCase {
        let RootCause {
            requested,
            provided,
            declined,
        } = self.root_cause;
        let advocates = self.advocates.iter().take(MAX_ITEMS);
        let advocates = advocates.map(|(agent_id, assigned)| Advocate {
            agent_id: agent_id.clone(),
            assigned: *assigned,
        });
        let silence = self.heard.map(|heard| {
            let silence = as_of.since(heard.occurred_at).max(0);
            u32::try_from(silence / NANOS_PER_DAY).unwrap_or(u32::MAX)
        });
        OpenCase {
            case_id: case_id.to_owned(),
            dealer_id: self.dealer_id.clone(),
            vin: self.vin.clone(),
            opened: self.opened,
            reopened: self.reopened,
            desired_outcome: self.desired_outcome,
            advocates: advocates.collect(),
            escalations: self.escalations,
            last_escalation: self.last_escalation,
            root_cause_requested: requested.filter(|_| requested > provided.max(declined)),
            resolved: self.resolved,
            paused_on_owner: self.paused,
            last_heard: self.heard,
            days_silent: silence,
        }
    }
}

impl Commitment {
    fn settle(&mut self, broken: Option<Fact>) {
        self.settled = true;
        self.broken = broken;
    }
}
