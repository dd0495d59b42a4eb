//! Which reply stops a clock: the one rule, wherever a reply is judged.

use std::collections::BTreeSet;

use ownerline_proto::v1::{DealerReplied, Touchpoint, actor, dealer_replied};

use super::{Fact, FactKind, Name};

/// The traits that decide whether a reply stops a clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReplyTraits {
    /// Who or what wrote it.
    kind: dealer_replied::Kind,
    /// What sort of actor sent it.
    actor: actor::Kind,
    /// The owner can read it.
    visible_to_owner: bool,
    /// It failed to arrive.
    bounced: bool,
}

impl ReplyTraits {
    /// The traits of a fact, if it is a reply.
    fn of_fact(fact: &Fact) -> Option<Self> {
        let is_reply = fact.kind() == FactKind::Replied;
        is_reply.then(|| Self {
            kind: fact.reply_kind(),
            actor: fact.actor_kind(),
            visible_to_owner: fact.visible_to_owner,
            bounced: fact.bounced,
        })
    }

    /// The traits of a reply that a touchpoint carries.
    pub(crate) fn of_touchpoint(touchpoint: &Touchpoint, reply: &DealerReplied) -> Self {
        let actor = touchpoint.actor.as_ref();
        Self {
            kind: reply.kind(),
            actor: actor.map_or(actor::Kind::Unspecified, |actor| actor.kind()),
            visible_to_owner: reply.visible_to_owner,
            bounced: reply.bounced,
        }
    }

    /// Whether a person wrote and sent it, and the owner can read it. An actor of unspecified kind counts as a person.
    fn is_by_human(self) -> bool {
        let sent_by_human = matches!(self.actor, actor::Kind::Unspecified | actor::Kind::Human);
        self.kind == dealer_replied::Kind::Human && sent_by_human && self.visible_to_owner
    }

    /// Whether it stops a clock, whoever has to reply, unless it is withdrawn or bounces later: see [`TakenBack`].
    pub(crate) fn stops_a_clock(self) -> bool {
        self.is_by_human() && !self.bounced
    }
}

impl Fact {
    /// Whether it is a reply that stops a clock, whoever has to reply, unless it is withdrawn or bounces later.
    pub(crate) fn stops_a_clock(&self) -> bool {
        ReplyTraits::of_fact(self).is_some_and(ReplyTraits::stops_a_clock)
    }

    /// Whether it is the withdrawal or the bounce of a reply among these facts that would stop a clock otherwise.
    pub(super) fn takes_back_a_reply(&self, facts: &[Self]) -> bool {
        let reference = (self.about_source, self.about_id.as_str());
        let mut replies = facts.iter().filter(|fact| fact.first_name() == reference);
        matches!(
            self.kind(),
            FactKind::ReplyWithdrawn | FactKind::ReplyBounced
        ) && replies.any(|fact| ReplyTraits::of_fact(fact).is_some_and(ReplyTraits::is_by_human))
    }
}

/// A reply that stops a clock, unless only the responsible dealer may.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reply<'i> {
    pub(crate) fact: &'i Fact,
    /// The dealer whose staff replied.
    pub(crate) dealer: Name,
    /// That dealer was responsible then.
    pub(crate) by_responsible: bool,
}

impl Reply<'_> {
    /// The instant by which the log knew that it had occurred.
    pub(crate) fn known_by(&self) -> i64 {
        self.fact.known_from().max(self.fact.occurred_at)
    }
}

/// The replies that were withdrawn or bounced after they were sent. A reference to any member of a chain of corrections
/// means the reply as a whole.
#[derive(Debug)]
pub(crate) struct TakenBack<'f>(BTreeSet<(Name, &'f str)>);

impl<'f> TakenBack<'f> {
    /// The replies that the withdrawals and bounces among the facts of one item refer to.
    pub(crate) fn of(facts: &'f [Fact]) -> Self {
        let takes_back = |fact: &&Fact| {
            matches!(
                fact.kind(),
                FactKind::ReplyWithdrawn | FactKind::ReplyBounced
            )
        };
        let references = facts.iter().filter(takes_back);
        let references = references.map(|fact| (fact.about_source, fact.about_id.as_str()));
        Self(references.collect())
    }

    /// Whether a fact is one of these replies.
    pub(crate) fn has(&self, fact: &Fact) -> bool {
        !self.0.is_empty()
            && fact.kind() == FactKind::Replied
            && self.0.contains(&fact.first_name())
    }

    /// Whether a fact is a reply that would stop a clock, had it not been withdrawn or bounced.
    pub(super) fn undoes(&self, fact: &Fact) -> bool {
        let reply = ReplyTraits::of_fact(fact);
        reply.is_some_and(ReplyTraits::is_by_human) && (fact.bounced || self.has(fact))
    }
}
