//! Whether an owner was asked, and what of the answer counts, as of an instant.

use super::dealers::Dealers;
use super::{Fact, Item, Name, What};
use ownerline_proto::time::Instant;

/// Asking and answer of an item. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug)]
pub(crate) struct Asking<'i> {
    /// When the owner could first be asked.
    pub(crate) eligible_at: Option<i64>,
    /// When the owner was first asked.
    pub(crate) invited_at: Option<i64>,
    /// When it was first decided not to ask.
    pub(crate) not_invited_at: Option<i64>,
    /// When the invitation arrived: the first time that no bounce follows.
    pub(crate) delivered_at: Option<i64>,
    /// When it bounced, if it did not arrive after all.
    pub(crate) bounced_at: Option<i64>,
    /// The survey of the first invitation that names one.
    pub(crate) survey: Name,
    /// The feedback: the first in history order, as for obligations.
    pub(crate) received: Option<&'i Fact>,
    /// Why it does not count.
    pub(crate) excluded: Option<&'i Fact>,
    /// The vehicle that its stream names first.
    pub(crate) vin: Name,
    /// The order that its stream names first.
    pub(crate) order: Name,
    when_asked: Dealers,
    when_answered: Dealers,
}

impl<'i> Asking<'i> {
    /// Of what occurred at or before `as_of`.
    pub(crate) fn of(item: &'i Item, as_of: Instant) -> Self {
        let facts = item.until(as_of);
        let of = |what: What| facts.iter().find(move |fact| fact.what() == what);
        let received = of(What::Received);
        let at = |what: What| of(what).map(|fact| fact.occurred_at);
        // Whoever asked says for whom, in whichever of these touchpoints.
        let mut asking = facts.iter().filter(|fact| fact.what().is_of_asking());
        let named = asking.clone().find(|fact| fact.dealer != 0);
        // What the clock-keeper said repeats what others did.
        let own = || {
            let told = |fact: &&Fact| fact.case == 0 && fact.issued.is_none();
            facts.iter().filter(told)
        };
        let first = |name: fn(&Fact) -> Name| own().map(name).find(|name| *name != 0);
        let invitations = facts.iter().filter(|fact| fact.what() == What::Invited);
        let mut surveys = invitations.map(|fact| fact.survey);
        let mut told = Self {
            eligible_at: at(What::Eligible),
            invited_at: at(What::Invited),
            not_invited_at: at(What::NotInvited),
            delivered_at: None,
            bounced_at: None,
            survey: surveys.find(|survey| *survey != 0).unwrap_or_default(),
            received,
            excluded: of(What::Excluded),
            vin: first(|fact| fact.vin).unwrap_or_default(),
            order: first(|fact| fact.order).unwrap_or_default(),
            when_asked: Dealers::of(facts, named),
            when_answered: Dealers::of(facts, received),
        };
        asking.by_ref().for_each(|fact| told.arrives(fact));
        told
    }

    fn arrives(&mut self, fact: &Fact) {
        let at = fact.occurred_at;
        match fact.what() {
            What::Delivered => {
                self.bounced_at = None;
                self.delivered_at.get_or_insert(at);
            }
            What::InvitationBounced => {
                self.delivered_at = None;
                self.bounced_at.get_or_insert(at);
            }
            _ => {}
        }
    }

    /// The dealer who was responsible at an instant of the asking.
    pub(crate) fn asked_for(&self, at: i64) -> Name {
        self.when_asked.at(at)
    }

    /// The dealer who was responsible when the owner answered, whenever that was reported.
    pub(crate) fn answered_for(&self) -> Name {
        let answered = self.received.map(|fact| fact.occurred_at);
        answered.map_or(0, |at| self.when_answered.at(at))
    }
}
