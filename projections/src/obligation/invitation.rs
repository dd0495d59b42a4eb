//! The invitation to a survey and the answer to it, as of an instant.

use super::dealers::Dealers;
use super::{Fact, FactKind, Item, Name};
use ownerline_proto::time::Instant;

/// The invitation and the answer of one item.
#[derive(Debug)]
pub(crate) struct Invitation<'i> {
    /// The first fact by which the owner could be invited.
    pub(crate) eligible: Option<&'i Fact>,
    /// The first invitation.
    pub(crate) invited: Option<&'i Fact>,
    /// The first decision not to invite.
    pub(crate) not_invited: Option<&'i Fact>,
    /// The first delivery that no bounce follows.
    pub(crate) delivered: Option<&'i Fact>,
    /// The first bounce, if no delivery follows.
    pub(crate) bounced: Option<&'i Fact>,
    /// The survey that the first invitation with a survey names.
    pub(crate) survey: Name,
    /// The feedback: the first in history order, as for obligations.
    pub(crate) received: Option<&'i Fact>,
    /// The exclusion, if it does not count.
    pub(crate) excluded: Option<&'i Fact>,
    /// The order that its stream names first.
    pub(crate) order: Name,
    dealers: Dealers,
}

impl<'i> Invitation<'i> {
    /// Reads what occurred at or before `as_of`.
    pub(crate) fn of(item: &'i Item, as_of: Instant) -> Self {
        let facts = item.until(as_of);
        let of = |kind: FactKind| facts.iter().find(move |fact| fact.kind() == kind);
        let received = of(FactKind::Received);
        let own = facts.iter().filter(|fact| fact.is_reported());
        let order = own.map(|fact| fact.order).find(|order| *order != 0);
        let invitations = facts.iter().filter(|fact| fact.kind() == FactKind::Invited);
        let mut surveys = invitations.map(|fact| fact.survey);
        let mut invitation = Self {
            eligible: of(FactKind::Eligible),
            invited: of(FactKind::Invited),
            not_invited: of(FactKind::NotInvited),
            delivered: None,
            bounced: None,
            survey: surveys.find(|survey| *survey != 0).unwrap_or_default(),
            received,
            excluded: of(FactKind::Excluded),
            order: order.unwrap_or_default(),
            dealers: Dealers::of(facts, None),
        };
        facts.iter().for_each(|fact| invitation.arrives(fact));
        invitation
    }

    fn arrives(&mut self, fact: &'i Fact) {
        match fact.kind() {
            FactKind::Delivered => {
                self.bounced = None;
                self.delivered.get_or_insert(fact);
            }
            FactKind::InvitationBounced => {
                self.delivered = None;
                self.bounced.get_or_insert(fact);
            }
            _ => {}
        }
    }

    /// The dealer responsible when a fact of the invitation or the answer occurred, whenever it was reported.
    pub(crate) fn dealer_of(&self, fact: &Fact) -> Name {
        self.dealers.of_fact(fact)
    }
}
