//! The facts that views keep of the touchpoints of a feedback and of the cases it led to. Personal text stays in the log.
//! Default values take no space; names are numbers into a table that the facts of an item share.

use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::{Channel, actor, dealer_replied, feedback_excluded};
use prost::Message;

use std::cmp::Ordering;

use crate::{Position, Rank};

/// The number of a name in [`Names`]; 0 is no name.
pub type Name = u32;

/// The names that facts share, numbered from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(pub(crate) Vec<String>);

impl Names {
    /// The name with this number; empty if there is none.
    #[must_use]
    pub fn text(&self, name: Name) -> &str {
        usize::try_from(name)
            .ok()
            .and_then(|name| name.checked_sub(1))
            .and_then(|at| self.0.get(at))
            .map_or("", String::as_str)
    }

    /// The number of a name. A new name is added.
    pub fn number(&mut self, text: &str) -> Name {
        if text.is_empty() {
            return 0;
        }
        let known = self.0.iter().position(|name| name == text);
        let at = known.unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        Name::try_from(at + 1).unwrap_or_default()
    }
}

/// The kind of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum FactKind {
    /// It has no bearing on obligations, but may name owner, vehicle and dealer.
    Other = 0,
    /// The feedback.
    Received = 1,
    /// The owner changed it.
    Edited = 2,
    /// Somebody or something replied.
    Replied = 3,
    /// A reply was taken back.
    ReplyWithdrawn = 4,
    /// A reply did not arrive.
    ReplyBounced = 5,
    /// The owner wrote again.
    Message = 6,
    /// Another dealer owes the answer.
    Reassigned = 7,
    /// The item was closed.
    Closed = 8,
    /// The item was opened again.
    Reopened = 9,
    /// The item does not count.
    Excluded = 10,
    /// The owner confirmed the outcome.
    Confirmed = 11,
    /// The owner does not accept the outcome.
    Rejected = 12,
    /// An obligation ran out of time.
    Warned = 13,
    /// An obligation was not met in time.
    Breached = 14,
    /// Late knowledge changed how an obligation ended.
    OutcomeRevised = 15,
    /// Something was retracted.
    Retracted = 16,
    /// A case was opened.
    CaseOpened = 17,
    /// A case waits for the owner.
    CasePaused = 18,
    /// It no longer does.
    CaseResumed = 19,
    /// A case came to an outcome.
    CaseResolved = 20,
    /// A case was closed.
    CaseClosed = 21,
    /// A case was opened again.
    CaseReopened = 22,
    /// The owner could be invited to a survey.
    Eligible = 23,
    /// The owner was invited.
    Invited = 24,
    /// The owner could have been invited and was not.
    NotInvited = 25,
    /// The invitation arrived.
    Delivered = 26,
    /// It did not, or no longer.
    InvitationBounced = 27,
}

impl FactKind {
    /// The name of the kind of touchpoint; empty for [`Self::Other`].
    fn touchpoint_kind(self) -> &'static str {
        match self {
            Self::Other => "",
            Self::Received => "feedback_received",
            Self::Edited => "feedback_edited",
            Self::Replied => "dealer_replied",
            Self::ReplyWithdrawn => "reply_withdrawn",
            Self::ReplyBounced => "reply_bounced",
            Self::Message => "owner_message_received",
            Self::Reassigned => "feedback_reassigned",
            Self::Closed => "feedback_closed",
            Self::Reopened => "feedback_reopened",
            Self::Excluded => "feedback_excluded",
            Self::Confirmed => "resolution_confirmed",
            Self::Rejected => "resolution_rejected",
            Self::Warned => "obligation_warned",
            Self::Breached => "obligation_breached",
            Self::OutcomeRevised => "obligation_outcome_revised",
            Self::Retracted => "touchpoint_retracted",
            Self::CaseOpened => "case_opened",
            Self::CasePaused => "case_paused_on_owner",
            Self::CaseResumed => "case_resumed",
            Self::CaseResolved => "case_resolved",
            Self::CaseClosed => "case_closed",
            Self::CaseReopened => "case_reopened",
            Self::Eligible => "survey_eligible",
            Self::Invited => "survey_invited",
            Self::NotInvited => "survey_not_invited",
            Self::Delivered => "invitation_delivered",
            Self::InvitationBounced => "invitation_bounced",
        }
    }

    /// The rank of its kind in the order of a history.
    pub(crate) fn rank(self) -> Rank {
        Rank::of_name(self.touchpoint_kind())
    }

    /// Whether it is about inviting the owner to a survey.
    pub(crate) fn is_about_invitation(self) -> bool {
        matches!(
            self,
            Self::Eligible
                | Self::Invited
                | Self::NotInvited
                | Self::Delivered
                | Self::InvitationBounced
        )
    }
}

/// The answer to one question of a survey, if it is a number: words stay in the log.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct SurveyAnswer {
    /// The question.
    #[prost(uint32, tag = "1")]
    pub question: Name,
    /// The answer; `None` if it is no whole number.
    #[prost(sint32, optional, tag = "2")]
    pub value: Option<i32>,
}

/// The content of an event that the clock-keeper issued.
#[derive(Clone, PartialEq, Message)]
pub struct Issued {
    /// The obligation.
    #[prost(string, tag = "1")]
    pub obligation_id: String,
    /// Its episode.
    #[prost(int32, tag = "2")]
    pub episode: i32,
    /// What is owed.
    #[prost(enumeration = "Kind", tag = "3")]
    pub kind: i32,
    /// The policy.
    #[prost(string, tag = "4")]
    pub policy: String,
    /// Its version.
    #[prost(int32, tag = "5")]
    pub policy_version: i32,
    /// The share of the budget.
    #[prost(double, tag = "6")]
    pub level: f64,
    /// For a revision, how the obligation ended after all; empty otherwise.
    #[prost(string, tag = "7")]
    pub now: String,
}

/// One fact. Instants are in nanoseconds since the Unix epoch.
#[derive(Clone, PartialEq, Message)]
pub struct Fact {
    /// Its kind.
    #[prost(enumeration = "FactKind", tag = "1")]
    pub kind: i32,
    /// The system that reported it.
    #[prost(uint32, tag = "2")]
    pub source: Name,
    /// Its id in that system.
    #[prost(string, tag = "3")]
    pub id: String,
    /// Its position in the log.
    #[prost(uint64, tag = "4")]
    pub position: u64,
    /// Its revision in its stream.
    #[prost(uint64, tag = "5")]
    pub revision: u64,
    /// When it happened.
    #[prost(sfixed64, tag = "6")]
    pub occurred_at: i64,
    /// How much later it reached the centre; wraps around, see [`Fact::received_at`].
    #[prost(sint64, tag = "7")]
    pub received_after: i64,
    /// How much later than that the log took it; wraps around, see [`Fact::recorded_at`].
    #[prost(sint64, tag = "8")]
    pub recorded_after: i64,
    /// It came by import.
    #[prost(bool, tag = "9")]
    pub imported: bool,
    /// The owner it names.
    #[prost(uint32, tag = "10")]
    pub owner: Name,
    /// The vehicle it names.
    #[prost(uint32, tag = "11")]
    pub vin: Name,
    /// The dealer it names.
    #[prost(uint32, tag = "12")]
    pub dealer: Name,
    /// The actor.
    #[prost(uint32, tag = "13")]
    pub actor: Name,
    /// The kind of actor.
    #[prost(enumeration = "actor::Kind", tag = "14")]
    pub actor_kind: i32,
    /// The dealer the actor acts for.
    #[prost(uint32, tag = "15")]
    pub actor_dealer: Name,
    /// The channel it came by.
    #[prost(enumeration = "Channel", tag = "16")]
    pub channel: i32,
    /// The survey that a feedback answers or an invitation is for.
    #[prost(uint32, tag = "17")]
    pub survey: Name,
    /// The score of a feedback.
    #[prost(int32, optional, tag = "18")]
    pub score: Option<i32>,
    /// Who or what wrote a reply.
    #[prost(enumeration = "dealer_replied::Kind", tag = "19")]
    pub reply_kind: i32,
    /// The owner can read the reply.
    #[prost(bool, tag = "20")]
    pub visible_to_owner: bool,
    /// The reply failed to arrive.
    #[prost(bool, tag = "21")]
    pub bounced: bool,
    /// An edit asks something new.
    #[prost(bool, tag = "22")]
    pub new_question: bool,
    /// The source of the touchpoint it refers to: the reply that was withdrawn or bounced, or what a message answers.
    #[prost(uint32, tag = "23")]
    pub about_source: Name,
    /// The id of that touchpoint.
    #[prost(string, tag = "24")]
    pub about_id: String,
    /// The dealer who owed the answer until a reassignment.
    #[prost(uint32, tag = "25")]
    pub from_dealer: Name,
    /// The dealer who owes it from then on.
    #[prost(uint32, tag = "26")]
    pub to_dealer: Name,
    /// Why the item does not count.
    #[prost(enumeration = "feedback_excluded::Reason", tag = "27")]
    pub excluded_because: i32,
    /// What the clock-keeper issued.
    #[prost(message, optional, boxed, tag = "28")]
    pub issued: Option<Box<Issued>>,
    /// The feedback that an event of a case names.
    #[prost(uint32, tag = "29")]
    pub feedback: Name,
    /// The case it belongs to, or none. Filled in from the key when an item is loaded, and never stored.
    #[prost(uint32, tag = "30")]
    pub case: Name,
    /// The source of the touchpoint it corrects; once loaded, of the first of its chain of corrections.
    #[prost(uint32, tag = "31")]
    pub corrects_source: Name,
    /// The id of that touchpoint.
    #[prost(string, tag = "32")]
    pub corrects_id: String,
    /// The answers of a feedback to the questions of its survey.
    #[prost(message, repeated, tag = "33")]
    pub answers: Vec<SurveyAnswer>,
    /// The owner was invited to give the feedback.
    #[prost(bool, tag = "34")]
    pub solicited: bool,
    /// The order it names.
    #[prost(uint32, tag = "35")]
    pub order: Name,
    /// For a correction, the instant from which the centre could know of it in any earlier wording. Filled in from the
    /// other facts of its chain when an item is loaded, and never stored.
    #[prost(sfixed64, optional, tag = "36")]
    pub first_known_from: Option<i64>,
}

impl Fact {
    /// Its position in the log.
    #[must_use]
    pub fn position(&self) -> Position {
        Position(self.position)
    }

    /// The instant at which it reached the centre.
    #[must_use]
    pub fn received_at(&self) -> i64 {
        self.occurred_at.wrapping_add(self.received_after)
    }

    /// The instant at which the log recorded it.
    #[must_use]
    pub fn recorded_at(&self) -> i64 {
        self.received_at().wrapping_add(self.recorded_after)
    }

    /// The instant from which the centre could know of it. An import brings this instant with it.
    #[must_use]
    pub fn known_from(&self) -> i64 {
        self.first_known_from.unwrap_or_else(|| {
            if self.imported {
                self.received_at()
            } else {
                self.recorded_at()
            }
        })
    }

    /// The order of a history.
    pub(crate) fn order(&self, other: &Self, names: &Names) -> Ordering {
        let by_name = || {
            let source = names.text(self.source).cmp(names.text(other.source));
            source.then_with(|| self.id.cmp(&other.id))
        };
        let by_time = self.occurred_at.cmp(&other.occurred_at);
        let by_rank = || self.kind().rank().cmp(&other.kind().rank());
        by_time.then_with(by_rank).then_with(by_name)
    }

    /// Whether it belongs to the stream of the feedback itself and somebody reported it: what the clock-keeper issues
    /// only repeats the owner, vehicle and dealer that others named.
    pub(crate) fn is_reported(&self) -> bool {
        self.case == 0 && self.issued.is_none()
    }

    /// Source and id of the first of its chain of corrections, once loaded; its own if it corrects nothing.
    pub(crate) fn first_name(&self) -> (Name, &str) {
        if self.corrects_id.is_empty() {
            (self.source, &self.id)
        } else {
            (self.corrects_source, &self.corrects_id)
        }
    }

    /// Takes over the stamps of the first of its chain of corrections: a correction changes what was said, not when it
    /// reached the centre. The instant of recording stays its own.
    pub(crate) fn stamp_as(&mut self, received_at: i64, imported: bool) {
        let recorded_at = self.recorded_at();
        self.received_after = received_at.wrapping_sub(self.occurred_at);
        self.recorded_after = recorded_at.wrapping_sub(received_at);
        self.imported = imported;
    }

    /// Renumbers every name for another table.
    pub(crate) fn rename(&mut self, mut to: impl FnMut(Name) -> Name) {
        for name in [
            &mut self.source,
            &mut self.owner,
            &mut self.vin,
            &mut self.dealer,
            &mut self.actor,
            &mut self.actor_dealer,
            &mut self.survey,
            &mut self.about_source,
            &mut self.from_dealer,
            &mut self.to_dealer,
            &mut self.feedback,
            &mut self.case,
            &mut self.corrects_source,
            &mut self.order,
        ] {
            *name = to(*name);
        }
        for answer in &mut self.answers {
            answer.question = to(answer.question);
        }
    }
}
