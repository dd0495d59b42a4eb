//! Whether an owner was asked, and what of the answer counts, as of an instant.

use super::dealers::Dealers;
use super::{Fact, Item, Name, What};
use ownerline_proto::time::Instant;

/// Asking and answer of an item. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug)]
pub(crate) struct Asking<'i> {
    /// That the owner could be asked: the first fact that says so.
    pub(crate) eligible: Option<&'i Fact>,
    /// That the owner was asked, first.
    pub(crate) invited: Option<&'i Fact>,
    /// That it was decided not to ask, first.
    pub(crate) not_invited: Option<&'i Fact>,
    /// That the invitation arrived: the first time that no bounce follows.
    pub(crate) delivered: Option<&'i Fact>,
    /// That it bounced, if it did not arrive after all.
    pub(crate) bounced: Option<&'i Fact>,
    /// The survey of the first invitation that names one.
    pub(crate) survey: Name,
    /// The feedback: the first in history order, as for obligations.
    pub(crate) received: Option<&'i Fact>,
    /// Why it does not count.
    pub(crate) excluded: Option<&'i Fact>,
    /// The order that its stream names first.
    pub(crate) order: Name,
    dealers: Dealers,
}

impl<'i> Asking<'i> {
    /// Of what occurred at or before `as_of`.
    pub(crate) fn of(item: &'i Item, as_of: Instant) -> Self {
        let facts = item.until(as_of);
        let of = |what: What| facts.iter().find(move |fact| fact.what() == what);
        let received = of(What::Received);
        let own = facts.iter().filter(|fact| fact.is_reported());
        let order = own.map(|fact| fact.order).find(|order| *order != 0);
        let invitations = facts.iter().filter(|fact| fact.what() == What::Invited);
        let mut surveys = invitations.map(|fact| fact.survey);
        let mut told = Self {
            eligible: of(What::Eligible),
            invited: of(What::Invited),
            not_invited: of(What::NotInvited),
            delivered: None,
            bounced: None,
            survey: surveys.find(|survey| *survey != 0).unwrap_or_default(),
            received,
            excluded: of(What::Excluded),
            order: order.unwrap_or_default(),
            dealers: Dealers::of(facts, None),
        };
        facts.iter().for_each(|fact| told.arrives(fact));
        told
    }

    fn arrives(&mut self, fact: &'i Fact) {
        match fact.what() {
            What::Delivered => {
                self.bounced = None;
                self.delivered.get_or_insert(fact);
            }
            What::InvitationBounced => {
                self.delivered = None;
                self.bounced.get_or_insert(fact);
            }
            _ => {}
        }
    }

    /// The dealer who was responsible when something of the asking happened, or when the owner answered, whenever that
    /// was reported.
    pub(crate) fn dealer_of(&self, fact: &Fact) -> Name {
        self.dealers.of_fact(fact)
    }
}
