//! Which evidence of one person counts: every fact once, whoever tells it and under whichever of their ids, as told
//! first in history order; and a defect from the second visit on in which it is reported.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::model::Evidence;
use crate::fold::state::StateError;

/// What a piece of evidence tells, so that the same told again is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fact {
    /// Something that nothing else can tell again, as far as one can see.
    Own,
    /// The one thing of its kind with this name.
    Named(Evidence, Vec<u8>),
    /// The owner bought again, by this order; empty: it is not said by which.
    Bought(String),
    /// The owner went to this make, by a hash.
    Left(Vec<u8>),
    /// A friend, by a hash, bought by this order; empty: not said.
    FriendBought { friend: Vec<u8>, order_id: String },
    /// A defect was reported in a visit.
    Reported { visit: Arc<str>, defect_id: String },
}

impl Fact {
    /// The thing of a kind with this name; without a name it is told once only.
    pub(super) fn named(kind: Evidence, name: Vec<u8>) -> Self {
        if name.is_empty() {
            Self::Own
        } else {
            Self::Named(kind, name)
        }
    }

    /// Whether it counts whatever else is told of the person.
    pub(super) fn stands_alone(&self) -> bool {
        matches!(self, Self::Own)
    }
}

/// Which of one person's evidence counts: each piece by what it tells and the position of its touchpoint, in history
/// order. `same_defect` says for a defect by which id those are known that are the same.
pub(super) fn counted(
    told: &[(&Fact, u64)],
    mut same_defect: impl FnMut(&str) -> Result<String, StateError>,
) -> Result<Vec<bool>, StateError> {
    let mut visits = told.iter().filter_map(|(fact, _)| match fact {
        Fact::Reported { visit, .. } => Some(visit),
        _ => None,
    });
    let first = visits.next();
    // Reports of one visit repeat nothing: no link has to be looked up.
    let may_repeat = visits.any(|visit| Some(visit) != first);
    let mut heard = Heard::default();
    let mut counts = Vec::with_capacity(told.len());
    for (fact, position) in told {
        counts.push(match fact {
            Fact::Own => true,
            Fact::Named(kind, name) => heard.is_first(*kind, name, *position),
            Fact::Bought(order_id) => heard.bought(order_id),
            Fact::Left(make) => heard.left.insert(make),
            Fact::FriendBought { friend, order_id } => heard.friend_bought(friend, order_id),
            Fact::Reported { visit, defect_id } => {
                may_repeat && heard.repeats(visit, same_defect(defect_id)?)
            }
        });
    }
    Ok(counts)
}

/// What was told so far.
#[derive(Default)]
struct Heard<'f> {
    /// By kind and name: the position of the touchpoint that told it first, which may be in several pieces.
    named: BTreeMap<(Evidence, &'f [u8]), u64>,
    orders: BTreeSet<&'f str>,
    /// Since the owner bought last.
    left: BTreeSet<&'f [u8]>,
    orders_of_friends: BTreeSet<&'f str>,
    friends: BTreeMap<&'f [u8], Friend>,
    /// By defect, all that are the same as one: the visits in which it was reported.
    visits: BTreeMap<String, BTreeSet<&'f Arc<str>>>,
}

/// How the purchases of a friend were told.
#[derive(Default)]
struct Friend {
    /// By an order.
    by_order: bool,
    /// Without one.
    nameless: bool,
}

impl<'f> Heard<'f> {
    fn is_first(&mut self, kind: Evidence, name: &'f [u8], position: u64) -> bool {
        *self.named.entry((kind, name)).or_insert(position) == position
    }

    /// Whoever bought again since may leave again.
    fn bought(&mut self, order_id: &'f str) -> bool {
        let counts = order_id.is_empty() || self.orders.insert(order_id);
        if counts {
            self.left.clear();
        }
        counts
    }

    /// A purchase told without an order is the friend's first one.
    fn friend_bought(&mut self, friend: &'f [u8], order_id: &'f str) -> bool {
        let known = self.friends.entry(friend).or_default();
        if order_id.is_empty() {
            let counts = !known.by_order && !known.nameless;
            known.nameless = true;
            return counts;
        }
        let is_the_nameless = known.nameless && !known.by_order;
        known.by_order = true;
        self.orders_of_friends.insert(order_id) && !is_the_nameless
    }

    fn repeats(&mut self, visit: &'f Arc<str>, defect: String) -> bool {
        let visits = self.visits.entry(defect).or_default();
        let first = visits.is_empty();
        visits.insert(visit) && !first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(facts: &[Fact]) -> Vec<bool> {
        let told: Vec<(&Fact, u64)> = facts.iter().zip(1..).collect();
        counted(&told, |id| Ok(id.to_owned())).unwrap()
    }

    fn friend(order_id: &str) -> Fact {
        Fact::FriendBought {
            friend: b"friend".to_vec(),
            order_id: order_id.to_owned(),
        }
    }

    fn bought(order_id: &str) -> Fact {
        Fact::Bought(order_id.to_owned())
    }

    #[test]
    fn a_purchase_of_a_friend_told_without_an_order_is_their_first() {
        assert_eq!(told(&[friend(""), friend("")]), [true, false]);
        assert_eq!(told(&[friend(""), friend("o1")]), [true, false]);
        assert_eq!(told(&[friend("o1"), friend("")]), [true, false]);
        let two = [friend(""), friend("o1"), friend("o2"), friend("o2")];
        assert_eq!(told(&two), [true, false, true, false]);
    }

    #[test]
    fn an_owner_leaves_for_a_make_once_until_they_buy_again() {
        let left = || Fact::Left(b"make".to_vec());
        assert_eq!(told(&[left(), left()]), [true, false]);
        assert_eq!(told(&[left(), bought(""), left()]), [true, true, true]);
        // An order told again is no other purchase.
        let again = [bought("o1"), left(), bought("o1"), left()];
        assert_eq!(told(&again), [true, true, false, false]);
    }

    #[test]
    fn all_pieces_of_the_touchpoint_that_told_something_first_count() {
        let theme = || Fact::Named(Evidence::ThemeHit, b"story".to_vec());
        let (one, other) = (theme(), theme());
        let told = [(&one, 1), (&one, 1), (&other, 2)];
        let counts = counted(&told, |id| Ok(id.to_owned())).unwrap();
        assert_eq!(counts, [true, true, false]);
    }
}
