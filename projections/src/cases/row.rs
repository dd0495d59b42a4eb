//! The rows that the view keeps of the touchpoints of a case. Texts stay in the log, and default values take no space.

use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Channel, Level, Origin, Touchpoint, Visibility, actor};
use prost::Message;

use super::kind::CaseFactKind;
use crate::Recorded;
use crate::feedback::issued;
use crate::fold::corrections::{Inherited, Inherits, fill};
use crate::obligation::Issued;
use crate::sight::Sight;

/// What is kept of one touchpoint. When it happened, its source, its id and its position are in the key of the row.
#[derive(Clone, PartialEq, Message)]
pub struct CaseRow {
    /// Its kind: the number of the kind of touchpoint.
    #[prost(enumeration = "CaseFactKind", tag = "1")]
    pub kind: i32,
    /// How much later than it happened it reached the centre, in nanoseconds; wraps around.
    #[prost(sint64, tag = "2")]
    pub received_after: i64,
    /// How much later than that the log took it; wraps around.
    #[prost(sint64, tag = "3")]
    pub recorded_after: i64,
    /// It came by import.
    #[prost(bool, tag = "4")]
    pub imported: bool,
    /// The stream, if that is not the one of the case.
    #[prost(string, tag = "5")]
    pub stream: String,
    /// The owner that it names.
    #[prost(string, tag = "6")]
    pub owner_id: String,
    /// The vehicle that it names.
    #[prost(string, tag = "7")]
    pub vin: String,
    /// The dealer that it names.
    #[prost(string, tag = "8")]
    pub dealer_id: String,
    /// The feedback that it names.
    #[prost(string, tag = "9")]
    pub feedback_id: String,
    /// The defect that it names.
    #[prost(string, tag = "10")]
    pub defect_id: String,
    /// The actor.
    #[prost(string, tag = "11")]
    pub actor_id: String,
    /// The kind of actor.
    #[prost(enumeration = "actor::Kind", tag = "12")]
    pub actor_kind: i32,
    /// The dealer that the actor acts for.
    #[prost(string, tag = "13")]
    pub actor_dealer: String,
    /// The actor acts as the owner.
    #[prost(bool, tag = "14")]
    pub by_owner: bool,
    /// The channel that it came by.
    #[prost(enumeration = "Channel", tag = "15")]
    pub channel: i32,
    /// The visibility that it states; see [`Self::sight`].
    #[prost(enumeration = "Visibility", tag = "16")]
    pub visibility: i32,
    /// The first instant at which it is visible.
    #[prost(message, optional, tag = "17")]
    pub visible_from: Option<Instant>,
    /// The promise, task, step, agent or defect that it speaks of.
    #[prost(string, tag = "18")]
    pub subject_id: String,
    /// The defect that is the same, or is not.
    #[prost(string, tag = "19")]
    pub same_as: String,
    /// The deadline of a promise or a task.
    #[prost(message, optional, tag = "20")]
    pub due_at: Option<Instant>,
    /// The feedback that the case came from.
    #[prost(string, tag = "21")]
    pub origin_feedback_id: String,
    /// The dealer who was responsible until a reassignment.
    #[prost(string, tag = "22")]
    pub from_dealer: String,
    /// The dealer who is responsible from then on.
    #[prost(string, tag = "23")]
    pub to_dealer: String,
    /// An update says something new.
    #[prost(bool, tag = "24")]
    pub new_information: bool,
    /// A notice or a reply that did not arrive.
    #[prost(bool, tag = "25")]
    pub undelivered: bool,
    /// The owner began the contact.
    #[prost(bool, tag = "26")]
    pub inbound: bool,
    /// How bad the case is.
    #[prost(enumeration = "Level", tag = "27")]
    pub severity: i32,
    /// How intricate it is.
    #[prost(enumeration = "Level", tag = "28")]
    pub complexity: i32,
    /// How far it reaches.
    #[prost(enumeration = "Level", tag = "29")]
    pub impact: i32,
    /// How soon it needs an outcome.
    #[prost(enumeration = "Level", tag = "30")]
    pub urgency: i32,
    /// What the clock-keeper issued.
    #[prost(message, optional, boxed, tag = "31")]
    pub issued: Option<Box<Issued>>,
}

impl CaseRow {
    /// The row of a touchpoint of the stream of a case, or of one elsewhere that names the case.
    pub(super) fn of(recorded: &Recorded, elsewhere: bool) -> Self {
        let touchpoint = &recorded.touchpoint;
        let received_at = touchpoint.received_at.as_ref().map(time::nanos_clamped);
        let received_at = received_at.unwrap_or(recorded.recorded_at);
        let sight = Sight::of(touchpoint);
        let mut row = Self {
            kind: i32::try_from(recorded.kind.number).unwrap_or_default(),
            received_after: received_at.wrapping_sub(recorded.occurred_at),
            recorded_after: recorded.recorded_at.wrapping_sub(received_at),
            imported: touchpoint.origin() == Origin::Imported,
            channel: touchpoint.channel,
            visibility: sight.visibility,
            visible_from: sight.visible_from,
            ..Self::default()
        };
        if elsewhere {
            row.stream = recorded.stream.to_string();
        }
        row.name(touchpoint);
        if let Some(payload) = &touchpoint.payload {
            row.tell(payload);
        }
        row
    }

    /// Takes over the subjects and the actor.
    fn name(&mut self, touchpoint: &Touchpoint) {
        if let Some(subjects) = &touchpoint.subjects {
            self.owner_id.clone_from(&subjects.owner_id);
            self.vin.clone_from(&subjects.vin);
            self.dealer_id.clone_from(&subjects.dealer_id);
            self.feedback_id.clone_from(&subjects.feedback_id);
            self.defect_id.clone_from(&subjects.defect_id);
        }
        if let Some(actor) = &touchpoint.actor {
            self.actor_id.clone_from(&actor.id);
            self.actor_kind = actor.kind;
            self.actor_dealer.clone_from(&actor.dealer_id);
            self.by_owner = actor.role.eq_ignore_ascii_case("owner");
        }
    }

    /// Takes over what the payload says.
    fn tell(&mut self, payload: &Payload) {
        match payload {
            Payload::CaseOpened(it) => self.origin_feedback_id.clone_from(&it.origin_feedback_id),
            Payload::CaseAssessed(it) => {
                self.severity = it.severity;
                self.complexity = it.complexity;
                self.impact = it.impact;
                self.urgency = it.urgency;
            }
            Payload::CaseReassigned(it) => {
                self.from_dealer.clone_from(&it.from_dealer_id);
                self.to_dealer.clone_from(&it.to_dealer_id);
            }
            Payload::CommitmentMade(it) => {
                self.subject_id.clone_from(&it.commitment_id);
                self.due_at = it.due_at.as_ref().map(Instant::from);
            }
            Payload::TaskAssigned(it) => {
                self.subject_id.clone_from(&it.task_id);
                self.due_at = it.due_at.as_ref().map(Instant::from);
            }
            Payload::DefectLinked(it) => {
                self.subject_id.clone_from(&it.defect_id);
                self.same_as.clone_from(&it.same_as);
            }
            Payload::DefectUnlinked(it) => {
                self.subject_id.clone_from(&it.defect_id);
                self.same_as.clone_from(&it.same_as);
            }
            Payload::ProgressUpdateSent(it) => self.new_information = it.new_information,
            Payload::ContactMade(it) => self.inbound = !it.proactive,
            Payload::OwnerNotified(it) => self.undelivered = !it.delivered,
            Payload::DealerReplied(it) => self.undelivered = it.bounced || !it.visible_to_owner,
            payload => {
                if let Some(id) = subject_id(payload) {
                    id.clone_into(&mut self.subject_id);
                }
                self.issued = issued(payload).1.map(Box::new);
            }
        }
    }

    /// Its sight: who may see it, and from when on.
    #[must_use]
    pub fn sight(&self) -> Sight {
        Sight {
            visibility: self.visibility,
            visible_from: self.visible_from,
        }
    }
}

impl Inherits for CaseRow {
    fn inherit(&mut self, inherited: &Inherited) {
        let subjects = &inherited.subjects;
        fill(&mut self.owner_id, &subjects.owner_id);
        fill(&mut self.vin, &subjects.vin);
        fill(&mut self.dealer_id, &subjects.dealer_id);
        fill(&mut self.feedback_id, &subjects.feedback_id);
        fill(&mut self.defect_id, &subjects.defect_id);
        let mut sight = self.sight();
        inherited.fill_sight(&mut sight);
        (self.visibility, self.visible_from) = (sight.visibility, sight.visible_from);
    }
}

/// The promise, task, step or agent that a payload without further fields of interest speaks of.
fn subject_id(payload: &Payload) -> Option<&str> {
    Some(match payload {
        Payload::AdvocateAssigned(it) => &it.agent_id,
        Payload::AdvocateReleased(it) => &it.agent_id,
        Payload::NextStepProposed(it) => &it.step_id,
        Payload::NextStepAgreed(it) => &it.step_id,
        Payload::NextStepDeclined(it) => &it.step_id,
        Payload::CommitmentKept(it) => &it.commitment_id,
        Payload::CommitmentBroken(it) => &it.commitment_id,
        Payload::CommitmentWithdrawn(it) => &it.commitment_id,
        Payload::TaskDone(it) => &it.task_id,
        _ => return None,
    })
}
