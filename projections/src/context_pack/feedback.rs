//! What the owner said last, and whether anybody answered.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::schema::Schema;
use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::{PackSection, Touchpoint, TouchpointRef, touchpoint::Payload};

use super::pack::{ContextPack, LastFeedback};
use super::{Entry, Fact};
use crate::obligation::ReplyTraits;
use crate::timeline::TimelineRow;

/// (source, id).
type Key = (String, String);

/// Every feedback, by id.
#[derive(Debug, Clone, Default)]
pub(super) struct Feedbacks {
    by_id: BTreeMap<String, Feedback>,
    /// Replies of a chain of corrections, and what the chain began with.
    firsts: BTreeMap<Key, Key>,
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
    /// New questions, messages, rejections and reopenings: each waits for a reply of its own.
    words: Vec<Fact>,
    /// The owner was content.
    confirmed: Option<Fact>,
    /// Those that count unless they are withdrawn or bounce.
    replies: Vec<Reply>,
    /// Replies that were withdrawn or bounced.
    gone: BTreeSet<Key>,
}

#[derive(Debug, Clone)]
struct Reply {
    fact: Fact,
    /// The start of its chain of corrections; its own if it is in none.
    first: Key,
}

impl Feedbacks {
    /// A touchpoint of a chain of corrections, in force or not.
    pub(super) fn passes(&mut self, row: &TimelineRow) {
        let replied = Schema::get().kind_by_name("dealer_replied");
        if let Some(first) = &row.standing.first
            && replied.is_some_and(|replied| replied.number == row.kind)
        {
            let own = (row.key.source.clone(), row.key.id.clone());
            self.firsts.insert(own, first.clone());
        }
    }

    pub(super) fn apply(&mut self, entry: Entry<'_>, payload: &Payload) {
        let feedback_id = &entry.subjects.feedback_id;
        if feedback_id.is_empty() {
            return;
        }
        self.passes(entry.row);
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
                pack.last_feedback = Some(feedback.told(id, received, &self.firsts));
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
                let own = || (touchpoint.source.clone(), touchpoint.id.clone());
                let first = entry.row.standing.first.clone();
                self.replies.push(Reply {
                    fact,
                    first: first.unwrap_or_else(own),
                });
            }
            Payload::ReplyWithdrawn(it) => self.goes(it.reply.as_ref(), touchpoint),
            Payload::ReplyBounced(it) => self.goes(it.reply.as_ref(), touchpoint),
            _ => {}
        }
    }

    fn goes(&mut self, reply: Option<&TouchpointRef>, touchpoint: &Touchpoint) {
        self.gone.extend(reply.map(|reply| key(reply, touchpoint)));
    }

    fn told(&self, feedback_id: &str, received: Fact, firsts: &BTreeMap<Key, Key>) -> LastFeedback {
        // Whichever member of its chain of corrections is withdrawn, the reply is meant.
        let gone = self.gone.iter();
        let gone: BTreeSet<&Key> = gone.map(|gone| firsts.get(gone).unwrap_or(gone)).collect();
        let stays = |reply: &&Reply| !gone.contains(&reply.first);
        let replies = || self.replies.iter().filter(stays).map(|reply| reply.fact);
        let (answered, last_answer) = (replies().next(), replies().next_back());
        // A reply told to have come before its feedback answers it; nothing else is answered in advance.
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

/// The (source, id) of a reference; an empty source is that of the touchpoint that carries it.
fn key(reference: &TouchpointRef, carrier: &Touchpoint) -> Key {
    let source = match reference.source.as_str() {
        "" => &carrier.source,
        _ => &reference.source,
    };
    (source.clone(), reference.id.clone())
}
