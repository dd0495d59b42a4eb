//! Which reply stops a clock.

use std::collections::BTreeSet;

use ownerline_proto::v1::{actor, dealer_replied};

use super::{Fact, Name, What};

/// What decides whether a reply is a word of a person to the owner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReplyTraits {
    /// Who or what wrote it.
    pub(crate) kind: dealer_replied::Kind,
    /// What sort of actor sent it.
    pub(crate) actor: actor::Kind,
    /// The owner can read it.
    pub(crate) visible_to_owner: bool,
    /// It failed to arrive.
    pub(crate) bounced: bool,
}

impl ReplyTraits {
    /// Those of a fact, if it is a reply.
    pub(crate) fn of_fact(fact: &Fact) -> Option<Self> {
        let is_reply = fact.what() == What::Replied;
        is_reply.then(|| Self {
            kind: fact.reply_kind(),
            actor: fact.actor_kind(),
            visible_to_owner: fact.visible_to_owner,
            bounced: fact.bounced,
        })
    }

    /// Whether a person wrote and sent it, and the owner can read it. An actor of whom nobody says what it is, is taken
    /// for a person.
    pub(crate) fn is_by_human(self) -> bool {
        let sent_by_human = matches!(self.actor, actor::Kind::Unspecified | actor::Kind::Human);
        self.kind == dealer_replied::Kind::Human && sent_by_human && self.visible_to_owner
    }

    /// Whether it stops a clock, whoever has to reply, unless it is withdrawn or bounces later: see [`TakenBack`].
    pub(crate) fn stops_a_clock(self) -> bool {
        self.is_by_human() && !self.bounced
    }
}

/// The replies that were withdrawn or bounced after they were sent. Whichever member of its chain of corrections is
/// named, the reply is meant.
#[derive(Debug)]
pub(crate) struct TakenBack<'f>(BTreeSet<(Name, &'f str)>);

impl<'f> TakenBack<'f> {
    /// Those that facts of one item name.
    pub(crate) fn of(facts: &'f [Fact]) -> Self {
        let takes_back =
            |fact: &&Fact| matches!(fact.what(), What::ReplyWithdrawn | What::ReplyBounced);
        let names = facts.iter().filter(takes_back);
        Self(
            names
                .map(|fact| (fact.about_source, fact.about_id.as_str()))
                .collect(),
        )
    }

    /// Whether a fact is one of them.
    pub(crate) fn has(&self, fact: &Fact) -> bool {
        !self.0.is_empty() && fact.what() == What::Replied && self.0.contains(&fact.first_name())
    }
}
