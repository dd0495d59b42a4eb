//! What the owner said last, and whether anybody answered.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::schema::Schema;
use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::{
    DealerReplied, PackSection, Touchpoint, TouchpointRef, actor, dealer_replied,
    touchpoint::Payload,
};

use super::pack::{ContextPack, LastFeedback};
use super::{Entry, Fact};

/// (source, id).
type Key = (String, String);

/// Every feedback, by id.
#[derive(Debug, Clone, Default)]
pub(super) struct Feedbacks {
    by_id: BTreeMap<String, Feedback>,
    /// Replies that were corrected, and what counts in their place.
    replaced: BTreeMap<Key, Key>,
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
    key: Key,
    corrects: Option<Key>,
}

impl Feedbacks {
    /// A touchpoint does not count; another does in its place.
    pub(super) fn replaced(&mut self, kind: u32, replaced: Key, in_force: &Key) {
        let replied = Schema::get().kind_by_name("dealer_replied");
        if replied.is_some_and(|replied| replied.number == kind) {
            self.replaced.insert(replaced, in_force.clone());
        }
    }

    pub(super) fn apply(&mut self, entry: Entry<'_>, payload: &Payload) {
        let feedback_id = &entry.subjects.feedback_id;
        if feedback_id.is_empty() {
            return;
        }
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
                pack.last_feedback = Some(feedback.told(id, received, &self.replaced));
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
            Payload::DealerReplied(it) if counts(it, touchpoint) => self.replies.push(Reply {
                fact,
                key: (touchpoint.source.clone(), touchpoint.id.clone()),
                corrects: touchpoint.corrects.as_ref().map(|it| key(it, touchpoint)),
            }),
            Payload::ReplyWithdrawn(it) => self.goes(it.reply.as_ref(), touchpoint),
            Payload::ReplyBounced(it) => self.goes(it.reply.as_ref(), touchpoint),
            _ => {}
        }
    }

    fn goes(&mut self, reply: Option<&TouchpointRef>, touchpoint: &Touchpoint) {
        self.gone.extend(reply.map(|reply| key(reply, touchpoint)));
    }

    fn told(
        &self,
        feedback_id: &str,
        received: Fact,
        replaced: &BTreeMap<Key, Key>,
    ) -> LastFeedback {
        // What was withdrawn may have been corrected: then what counts in its place was meant.
        let meant: BTreeSet<&Key> = self
            .gone
            .iter()
            .flat_map(|gone| [Some(gone), replaced.get(gone)])
            .flatten()
            .collect();
        let stays = |reply: &&Reply| {
            let names = [Some(&reply.key), reply.corrects.as_ref()];
            !names.into_iter().flatten().any(|name| meant.contains(name))
        };
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

/// By a human, visible to the owner, arrived.
fn counts(reply: &DealerReplied, touchpoint: &Touchpoint) -> bool {
    let by = touchpoint.actor.as_ref().map(|actor| actor.kind());
    let by_human = matches!(
        by,
        None | Some(actor::Kind::Unspecified | actor::Kind::Human)
    );
    let is_human = reply.kind() == dealer_replied::Kind::Human;
    is_human && by_human && reply.visible_to_owner && !reply.bounced
}

/// The (source, id) of a reference; an empty source is that of the touchpoint that carries it.
fn key(reference: &TouchpointRef, carrier: &Touchpoint) -> Key {
    let source = match reference.source.as_str() {
        "" => &carrier.source,
        _ => &reference.source,
    };
    (source.clone(), reference.id.clone())
}
