//! The rule which evidence of one person counts. A fact counts once, with the first touchpoint in history order that
//! reports it, whichever source and whichever id of the person it has. A defect counts from the second visit on in which
//! it is reported.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::model::Evidence;
use crate::Position;
use crate::fold::state::StateError;

/// The fact that a piece of evidence reports, by which repeated reports are recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fact {
    /// A fact that no other touchpoint can be recognised to repeat.
    Own,
    /// The only fact of its kind with this name.
    Named(Evidence, Vec<u8>),
    /// The owner bought again, by this order; empty if unknown.
    Bought(String),
    /// The owner went to this make, by a hash.
    Left(Vec<u8>),
    /// A friend, by a hash, bought by this order; empty if unknown.
    FriendBought { friend: Vec<u8>, order_id: String },
    /// A defect was reported in a visit.
    Reported { visit: Arc<str>, defect_id: String },
}

impl Fact {
    /// Returns the fact of a kind with this name. Without a name no repetition can be recognised.
    pub(super) fn from_name(kind: Evidence, name: Vec<u8>) -> Self {
        if name.is_empty() {
            Self::Own
        } else {
            Self::Named(kind, name)
        }
    }

    /// Whether it counts regardless of the person's other evidence.
    pub(super) fn stands_alone(&self) -> bool {
        matches!(self, Self::Own)
    }
}

/// Returns for each piece of one person's evidence whether it counts. `facts` holds the fact and the position of each
/// piece, in history order. `same_defect` returns the id that stands for all ids of the same defect.
pub(super) fn count_once(
    facts: &[(&Fact, Position)],
    mut same_defect: impl FnMut(&str) -> Result<String, StateError>,
) -> Result<Vec<bool>, StateError> {
    let mut visits = facts.iter().filter_map(|(fact, _)| match fact {
        Fact::Reported { visit, .. } => Some(visit),
        _ => None,
    });
    let first = visits.next();
    // Reports of a single visit repeat nothing, so no link has to be looked up.
    let may_repeat = visits.any(|visit| Some(visit) != first);
    let mut counted = CountedFacts::default();
    let mut counts = Vec::with_capacity(facts.len());
    for (fact, position) in facts {
        counts.push(match fact {
            Fact::Own => true,
            Fact::Named(kind, name) => counted.is_first(*kind, name, *position),
            Fact::Bought(order_id) => counted.add_purchase(order_id),
            Fact::Left(make) => counted.left.insert(make),
            Fact::FriendBought { friend, order_id } => {
                counted.add_friend_purchase(friend, order_id)
            }
            Fact::Reported { visit, defect_id } => {
                may_repeat && counted.repeats(visit, same_defect(defect_id)?)
            }
        });
    }
    Ok(counts)
}

/// The facts so far.
#[derive(Default)]
struct CountedFacts<'f> {
    /// By kind and name: the position of the first touchpoint that reports it, which may have several pieces.
    named: BTreeMap<(Evidence, &'f [u8]), Position>,
    orders: BTreeSet<&'f str>,
    /// The makes that the owner left for since the last purchase.
    left: BTreeSet<&'f [u8]>,
    orders_of_friends: BTreeSet<&'f str>,
    friends: BTreeMap<&'f [u8], Friend>,
    /// By defect: the visits in which it was reported.
    visits: BTreeMap<String, BTreeSet<&'f Arc<str>>>,
}

/// The reports of a friend's purchases.
#[derive(Default)]
struct Friend {
    /// One names an order.
    by_order: bool,
    /// One names none.
    nameless: bool,
}

impl<'f> CountedFacts<'f> {
    fn is_first(&mut self, kind: Evidence, name: &'f [u8], position: Position) -> bool {
        *self.named.entry((kind, name)).or_insert(position) == position
    }

    /// Adds a purchase, after which the owner may leave again. Returns whether it counts.
    fn add_purchase(&mut self, order_id: &'f str) -> bool {
        let counts = order_id.is_empty() || self.orders.insert(order_id);
        if counts {
            self.left.clear();
        }
        counts
    }

    /// Adds a friend's purchase; without an order it is the friend's first. Returns whether it counts.
    fn add_friend_purchase(&mut self, friend: &'f [u8], order_id: &'f str) -> bool {
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

    fn counts(facts: &[Fact]) -> Vec<bool> {
        let facts: Vec<(&Fact, Position)> = facts.iter().zip((1..).map(Position)).collect();
        count_once(&facts, |id| Ok(id.to_owned())).unwrap()
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
    fn a_purchase_of_a_friend_without_an_order_is_the_friends_first() {
        assert_eq!(counts(&[friend(""), friend("")]), [true, false]);
        assert_eq!(counts(&[friend(""), friend("o1")]), [true, false]);
        assert_eq!(counts(&[friend("o1"), friend("")]), [true, false]);
        let two = [friend(""), friend("o1"), friend("o2"), friend("o2")];
        assert_eq!(counts(&two), [true, false, true, false]);
    }

    #[test]
    fn an_owner_leaves_for_a_make_once_until_they_buy_again() {
        let left = || Fact::Left(b"make".to_vec());
        assert_eq!(counts(&[left(), left()]), [true, false]);
        assert_eq!(counts(&[left(), bought(""), left()]), [true, true, true]);
        // A repeated order is not another purchase.
        let again = [bought("o1"), left(), bought("o1"), left()];
        assert_eq!(counts(&again), [true, true, false, false]);
    }

    #[test]
    fn all_pieces_of_the_first_touchpoint_that_reports_a_fact_count() {
        let theme = || Fact::Named(Evidence::ThemeHit, b"story".to_vec());
        let (one, other) = (theme(), theme());
        let facts = [
            (&one, Position(1)),
            (&one, Position(1)),
            (&other, Position(2)),
        ];
        let counts = count_once(&facts, |id| Ok(id.to_owned())).unwrap();
        assert_eq!(counts, [true, true, false]);
    }
}
