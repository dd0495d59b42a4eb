//! The last feedback of the owner, and whether it was answered.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::schema::Schema;
use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::{PackSection, Touchpoint, TouchpointRef, touchpoint::Payload};

use super::entry::{Entry, Fact};
use super::pack::{ContextPack, LastFeedback};
use crate::TouchpointKey;
use crate::obligation::ReplyTraits;
use crate::timeline::TimelineRow;

/// All feedback, by id.
#[derive(Debug, Clone, Default)]
pub(super) struct Feedbacks {
    by_id: BTreeMap<String, Feedback>,
    /// For each reply of a chain of corrections, the first of the chain.
    firsts: BTreeMap<TouchpointKey, TouchpointKey>,
}

/// One item.
#[derive(Debug, Clone, Default)]
struct Feedback {
    dealer_id: String,
    received: Option<Fact>,
    worded: bool,
    score: Option<i32>,
    edited: Option<Fact>,
    closed: Option<Fact>,
    excluded: bool,
    /// New questions, messages, rejections and reopenings. Each waits for a reply of its own.
    words: Vec<Fact>,
    /// The owner confirmed the outcome.
    confirmed: Option<Fact>,
    /// The replies that stop a clock unless they are withdrawn or bounce.
    replies: Vec<Reply>,
    /// The replies that were withdrawn or bounced.
    taken_back: BTreeSet<TouchpointKey>,
}

#[derive(Debug, Clone)]
struct Reply {
    fact: Fact,
    /// The first of its chain of corrections; itself if it is in none.
    first: TouchpointKey,
}

impl Feedbacks {
    /// Remembers to which chain of corrections a reply belongs, whether it is in force or not.
    pub(super) fn chains(&mut self, row: &TimelineRow) {
        let replied = Schema::get().kind_by_name("dealer_replied");
        if let Some(first) = &row.standing.first
            && replied.is_some_and(|replied| replied.number == row.kind)
        {
            let own = TouchpointKey::from(&row.key);
            self.firsts.insert(own, first.clone());
        }
    }

    pub(super) fn apply(&mut self, entry: Entry<'_>, payload: &Payload) {
        let feedback_id = &entry.subjects.feedback_id;
        if feedback_id.is_empty() {
            return;
        }
        self.chains(entry.row);
        let feedback = self.by_id.entry(feedback_id.clone()).or_default();
        feedback.apply(entry, payload);
    }

    pub(super) fn finish(self, pack: &mut ContextPack) {
        let section = PackSection::LastFeedback;
        let received = self
            .by_id
            .iter()
            .filter_map(|(id, feedback)| Some((feedback.received?, id, feedback)));
        let counts = received.clone().filter(|(.., it)| !it.excluded);
        match counts.max_by_key(|(received, ..)| *received) {
            Some((received, id, feedback)) => {
                if !feedback.worded {
                    pack.lacks(section, Reason::VerbatimNotRecorded);
                }
                pack.last_feedback = Some(feedback.shown(id, received, &self.firsts));
            }
            None if received.count() > 0 => pack.lacks(section, Reason::FeedbackExcluded),
            None => pack.lacks(section, Reason::NoFeedbackKnown),
        }
    }
}

impl Feedback {
    fn apply(&mut self, entry: Entry<'_>, payload: &Payload) {
        let fact = entry.fact;
        let touchpoint = entry.touchpoint;
        match payload {
            Payload::FeedbackReceived(it) => {
                self.received = Some(fact);
                self.score = it.score;
                self.worded |= !it.verbatim.trim().is_empty();
                if self.dealer_id.is_empty() {
                    entry.row.dealer_id.clone_into(&mut self.dealer_id);
                }
            }
            Payload::FeedbackEdited(it) => {
                self.edited = Some(fact);
                self.worded |= !it.verbatim.trim().is_empty();
                if it.new_question {
                    self.words.push(fact);
                }
            }
            Payload::OwnerMessageReceived(_) | Payload::ResolutionRejected(_) => {
                self.words.push(fact);
            }
            Payload::ResolutionConfirmed(_) => self.confirmed = Some(fact),
            Payload::FeedbackReopened(_) => {
                self.words.push(fact);
                self.closed = None;
            }
            Payload::FeedbackClosed(_) => self.closed = Some(fact),
            Payload::FeedbackExcluded(_) => self.excluded = true,
            Payload::FeedbackReassigned(it) => it.to_dealer_id.clone_into(&mut self.dealer_id),
            Payload::DealerReplied(it)
                if ReplyTraits::of_touchpoint(touchpoint, it).stops_a_clock() =>
            {
                let own = || TouchpointKey::new(&touchpoint.source, &touchpoint.id);
                let first = entry.row.standing.first.clone();
                self.replies.push(Reply {
                    fact,
                    first: first.unwrap_or_else(own),
                });
            }
            Payload::ReplyWithdrawn(it) => self.take_back(it.reply.as_ref(), touchpoint),
            Payload::ReplyBounced(it) => self.take_back(it.reply.as_ref(), touchpoint),
            _ => {}
        }
    }

    fn take_back(&mut self, reply: Option<&TouchpointRef>, touchpoint: &Touchpoint) {
        self.taken_back
            .extend(reply.map(|reply| TouchpointKey::of_reference(reply, &touchpoint.source)));
    }

    fn shown(
        &self,
        feedback_id: &str,
        received: Fact,
        firsts: &BTreeMap<TouchpointKey, TouchpointKey>,
    ) -> LastFeedback {
        // Withdrawing any member of a chain of corrections withdraws the reply.
        let taken_back = self.taken_back.iter();
        let taken_back: BTreeSet<&TouchpointKey> = taken_back
            .map(|key| firsts.get(key).unwrap_or(key))
            .collect();
        let stays = |reply: &&Reply| !taken_back.contains(&reply.first);
        let replies = || self.replies.iter().filter(stays).map(|reply| reply.fact);
        let (answered, last_answer) = (replies().next(), replies().next_back());
        // A reply that occurred before its feedback answers it; nothing else is answered in advance.
        let content = last_answer.max(self.confirmed);
        let waits = self.words.iter().copied();
        let waits = waits.filter(|words| content.is_none_or(|content| content < *words));
        let unanswered = content.is_none().then_some(received);
        LastFeedback {
            feedback_id: feedback_id.to_owned(),
            dealer_id: self.dealer_id.clone(),
            received,
            edited: self.edited,
            score: self.score,
            answered,
            last_answer,
            waiting_since: waits.chain(unanswered).min(),
            closed: self.closed,
        }
    }
}
