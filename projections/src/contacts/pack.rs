//! The rule for a contact with a pack: one was served, for the same person and within 24 hours before, to whoever
//! made the contact, or else to their dealer or the organisation that operates them.
//!
//! Serving and contact are both described by a [`Party`], so that whoever acts on an owner's matter can be held
//! against the same rule, be it a contact or a step of a case.

use std::collections::BTreeSet;

use ownerline_proto::v1::Touchpoint;
use ownerline_proto::v1::touchpoint::Payload;

/// The longest time (nanoseconds) between serving a pack and the contact that counts as made with it, inclusive.
pub const PACK_WINDOW: i64 = 24 * 3_600 * 1_000_000_000;

/// Who acts: the persons or programs, and the organisations they act for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// The actor, and the agents who take part.
    pub actors: BTreeSet<String>,
    /// The dealer that the touchpoint names, and the dealer of the actor.
    pub dealers: BTreeSet<String>,
    /// The organisation that operates the actor; empty if none is known.
    pub operated_by: String,
}

/// A pack that was served for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serving<K> {
    /// When it was served, in nanoseconds since the Unix epoch.
    pub at: i64,
    /// To whom it was served.
    pub to: Party,
    /// The touchpoint, in the terms of whoever asks.
    pub key: K,
}

impl Party {
    /// Who acts in a touchpoint. `dealer_id` is the dealer that it names or inherits; it may be empty.
    #[must_use]
    pub fn of(touchpoint: &Touchpoint, dealer_id: &str) -> Self {
        let agents = match &touchpoint.payload {
            Some(Payload::ContactMade(contact)) => contact.agents.as_slice(),
            _ => &[],
        };
        let actor = touchpoint.actor.as_ref();
        let actor_id = actor.map_or("", |actor| &actor.id);
        let actor_dealer = actor.map_or("", |actor| &actor.dealer_id);
        Self::new(
            agents.iter().map(String::as_str).chain([actor_id]),
            [dealer_id, actor_dealer],
            &touchpoint.operated_by,
        )
    }

    /// A party of these ids; empty ones are left out.
    pub fn new<'a>(
        actors: impl IntoIterator<Item = &'a str>,
        dealers: impl IntoIterator<Item = &'a str>,
        operated_by: &str,
    ) -> Self {
        fn named<'a>(ids: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
            let named = ids.into_iter().filter(|id| !id.is_empty());
            named.map(str::to_owned).collect()
        }
        Self {
            actors: named(actors),
            dealers: named(dealers),
            operated_by: operated_by.to_owned(),
        }
    }

    fn shares_actor_with(&self, other: &Self) -> bool {
        !self.actors.is_disjoint(&other.actors)
    }

    fn shares_organisation_with(&self, other: &Self) -> bool {
        let is_operated_alike =
            !self.operated_by.is_empty() && self.operated_by == other.operated_by;
        is_operated_alike || !self.dealers.is_disjoint(&other.dealers)
    }
}

/// Returns the pack that a party had when it acted at an instant (nanoseconds since the Unix epoch); `None` if it had
/// none. `servings` are all those for the person, in history order; of several that qualify alike, the last counts. What
/// was served to the same actor comes before what was only served to the same organisation.
#[must_use]
pub fn pack_before<'s, K>(
    servings: &'s [Serving<K>],
    party: &Party,
    at: i64,
) -> Option<&'s Serving<K>> {
    let is_recent =
        |serving: &&Serving<K>| serving.at <= at && at.saturating_sub(serving.at) <= PACK_WINDOW;
    let last = |qualifies: &dyn Fn(&Party) -> bool| {
        let mut newest_first = servings.iter().rev().filter(is_recent);
        newest_first.find(|serving| qualifies(&serving.to))
    };
    last(&|to| to.shares_actor_with(party))
        .or_else(|| last(&|to| to.shares_organisation_with(party)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 100 * PACK_WINDOW;

    fn party(actor: &str, dealer: &str, operated_by: &str) -> Party {
        Party::new([actor], [dealer], operated_by)
    }

    fn serving(at: i64, to: Party, key: &'static str) -> Serving<&'static str> {
        Serving { at, to, key }
    }

    fn pack(servings: &[Serving<&'static str>], by: &Party) -> Option<&'static str> {
        pack_before(servings, by, NOON).map(|it| it.key)
    }

    #[test]
    fn a_pack_counts_for_a_day_with_the_border_and_never_after_the_contact_began() {
        let ben = party("ben", "", "");
        for (at, counts) in [
            (NOON - PACK_WINDOW - 1, false),
            (NOON - PACK_WINDOW, true),
            (NOON, true),
            (NOON + 1, false),
        ] {
            let servings = [serving(at, ben.clone(), "p")];
            assert_eq!(pack(&servings, &ben).is_some(), counts, "{}", at - NOON);
        }
    }

    #[test]
    fn the_same_actor_comes_before_the_same_organisation_however_recent() {
        let servings = [
            serving(NOON - 9, party("ben", "d1", ""), "own"),
            serving(NOON - 1, party("eve", "d1", ""), "the dealer's"),
        ];
        assert_eq!(pack(&servings, &party("ben", "d1", "")), Some("own"));
        let colleague = party("ada", "d1", "");
        assert_eq!(pack(&servings, &colleague), Some("the dealer's"));
        assert_eq!(pack(&servings, &party("ada", "d2", "")), None);
    }

    #[test]
    fn a_vendor_shares_its_packs_and_nobody_shares_what_is_not_known() {
        let desk = [serving(NOON - 1, party("dialer", "", "Contact Desk"), "p")];
        assert_eq!(pack(&desk, &party("ann", "", "Contact Desk")), Some("p"));
        assert_eq!(pack(&desk, &party("ann", "", "Another Desk")), None);
        let unnamed = [serving(NOON - 1, party("", "", ""), "p")];
        assert_eq!(pack(&unnamed, &party("", "", "")), None);
    }
}
