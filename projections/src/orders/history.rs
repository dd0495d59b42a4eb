//! An order with its facts in force, in history order.

use std::collections::BTreeSet;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::Visibility;

use super::fact::OrderFact;
use super::kind::OrderFactKind;

/// An order as known at a position, and as of an instant: only what occurred at or before it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderHistory {
    /// The order.
    pub order_id: String,
    /// The instant.
    pub as_of: Instant,
    /// When the question is asked.
    pub now: Instant,
    /// Every fact in force, in history order: those of its stream, those elsewhere that name it, and notices and looks
    /// about its dates and photographs that name no order.
    pub facts: Vec<OrderFact>,
    /// When the next known touchpoint of the order occurs, if one is said to lie ahead.
    pub turns_at: Option<i64>,
    /// Every id of its owners.
    pub owner_ids: BTreeSet<String>,
}

impl OrderHistory {
    /// The facts of its stream that say something of their own, in history order.
    pub fn told(&self) -> impl DoubleEndedIterator<Item = &OrderFact> {
        self.facts.iter().filter(|fact| fact.tells())
    }

    /// The facts of its stream of one kind, in history order.
    pub fn of_kind(&self, kind: OrderFactKind) -> impl DoubleEndedIterator<Item = &OrderFact> {
        self.told().filter(move |fact| fact.kind() == kind)
    }

    /// The instant at which what is planned to be revealed is judged: that of the question, or of its asking if that is
    /// earlier.
    #[must_use]
    pub fn seen_at(&self) -> Instant {
        self.as_of.min(self.now)
    }

    /// The order as somebody sees it who may see so much: only the facts that they may see.
    #[must_use]
    pub fn seen_by(&self, visible_to: Option<Visibility>) -> Self {
        let seen_at = self.seen_at();
        let facts = self.facts.iter();
        let seen = facts.filter(|fact| fact.row.sight().admits(visible_to, seen_at));
        Self {
            order_id: self.order_id.clone(),
            as_of: self.as_of,
            now: self.now,
            facts: seen.cloned().collect(),
            turns_at: self.turns_at,
            owner_ids: self.owner_ids.clone(),
        }
    }

    /// The owners that its stream names, each once, the first first.
    #[must_use]
    pub fn owners(&self) -> Vec<&str> {
        let mut owners: Vec<&str> = Vec::new();
        for fact in self.told() {
            let owner_id = fact.row.owner_id.as_str();
            if !owner_id.is_empty() && !owners.contains(&owner_id) {
                owners.push(owner_id);
            }
        }
        owners
    }

    /// Whether the owner did it, or somebody who acts as the owner.
    #[must_use]
    pub fn is_by_owner(&self, fact: &OrderFact) -> bool {
        let actor_id = &fact.row.actor_id;
        fact.row.by_owner || (!actor_id.is_empty() && self.owner_ids.contains(actor_id))
    }

    /// The dealer responsible at an instant: the first that its stream names, until the order is reassigned; empty if
    /// nobody is named by then.
    #[must_use]
    pub fn dealer_at(&self, at: i64) -> &str {
        self.dealers()
            .into_iter()
            .take_while(|(from, _)| *from <= at)
            .last()
            .map_or("", |(_, dealer_id)| dealer_id)
    }

    /// The responsible dealers one after the other, each with the instant from which on. The first is responsible from
    /// the beginning of the order.
    #[must_use]
    pub fn dealers(&self) -> Vec<(i64, &str)> {
        let mut dealers: Vec<(i64, &str)> = Vec::new();
        for fact in self.told() {
            let row = &fact.row;
            let is_moved = fact.kind() == OrderFactKind::OrderReassigned;
            let named = if is_moved {
                let former = row.from_dealer.as_str();
                if dealers.is_empty() && !former.is_empty() {
                    dealers.push((i64::MIN, former));
                }
                row.to_dealer.as_str()
            } else {
                row.dealer_id.as_str()
            };
            if named.is_empty() || dealers.last().is_some_and(|(_, it)| *it == named) {
                continue;
            }
            if dealers.is_empty() {
                dealers.push((i64::MIN, named));
            } else if is_moved {
                dealers.push((fact.at(), named));
            }
        }
        dealers
    }
}
