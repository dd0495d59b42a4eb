//! The dealer responsible for an item over time.

use super::reply::Reply;
use super::{Fact, FactKind, Item, Name};

/// A span of time in which one dealer was responsible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The dealer; empty if none was named.
    pub dealer_id: String,
    /// The first instant of it, in nanoseconds since the Unix epoch.
    pub from: i64,
    /// The instant just after it; `None` if it has not ended.
    pub until: Option<i64>,
}

/// The responsible dealer over time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dealers {
    first: Name,
    /// From which instant on which other dealer.
    changes: Vec<(i64, Name)>,
    /// The first dealer that the stream names.
    pub(super) named: Name,
}

impl Dealers {
    /// Reads facts in history order; `received` is the feedback itself.
    pub(super) fn of(facts: &[Fact], received: Option<&Fact>) -> Self {
        let own = || facts.iter().filter(|fact| fact.is_reported());
        let first = |name: fn(&Fact) -> Name| own().map(name).find(|name| *name != 0);
        let named = first(|fact| fact.dealer).unwrap_or_default();
        let moved = own().filter(|fact| fact.kind() == FactKind::Reassigned);
        let changes = moved.map(|it| (it.occurred_at, it.to_dealer)).collect();
        // The dealer who gave the item away had it, whichever dealer the stream names later.
        let had = |fact: &Fact| match fact.from_dealer {
            0 => fact.dealer,
            from => from,
        };
        let candidates = [
            received.map_or(0, |it| it.dealer),
            own().map(had).find(|name| *name != 0).unwrap_or_default(),
        ];
        let first = candidates.into_iter().find(|name| *name != 0);
        Self {
            first: first.unwrap_or_default(),
            changes,
            named,
        }
    }

    /// The dealer responsible at an instant.
    pub(crate) fn at(&self, instant: i64) -> Name {
        self.moved_to(instant).unwrap_or(self.first)
    }

    /// The dealer to whom it was last reassigned by an instant, if it was.
    fn moved_to(&self, instant: i64) -> Option<Name> {
        let behind = self.changes.partition_point(|(from, _)| *from <= instant);
        let (_, dealer) = self.changes.get(behind.checked_sub(1)?)?;
        Some(*dealer)
    }

    /// A fact as a reply with the dealer whose staff gave it: the dealer its actor acts for, else the one it names, else
    /// the first that its stream names. If none is named, the reply counts as the responsible dealer's.
    pub(super) fn reply<'i>(&self, fact: &'i Fact) -> Reply<'i> {
        let of_stream = if fact.case == 0 { self.named } else { 0 };
        let said = [fact.actor_dealer, fact.dealer, of_stream];
        let dealer = said.into_iter().find(|name| *name != 0).unwrap_or_default();
        Reply {
            fact,
            dealer,
            by_responsible: dealer == 0 || dealer == self.at(fact.occurred_at),
        }
    }

    /// The dealer responsible for a fact when it occurred: the one to whom the item had been reassigned by then, else the
    /// one the fact names, else the first that its stream names.
    pub(crate) fn of_fact(&self, fact: &Fact) -> Name {
        match self.moved_to(fact.occurred_at) {
            Some(dealer) => dealer,
            None if fact.dealer != 0 => fact.dealer,
            None => self.first,
        }
    }

    /// Whether another dealer than that of `start` was responsible at any time after it.
    pub(super) fn changed_after(&self, start: i64) -> bool {
        let dealer = self.at(start);
        let later = |(at, next): &(i64, Name)| *at > start && *next != dealer;
        self.changes.iter().any(later)
    }

    /// The responsible dealers one after the other, from `start` on.
    pub(super) fn segments(&self, start: i64, item: &Item) -> Vec<Segment> {
        let mut dealer = self.at(start);
        let mut from = start;
        let mut found = Vec::new();
        for (at, next) in &self.changes {
            if *at > start && *next != dealer {
                found.push(segment(item, dealer, from, Some(*at)));
                (dealer, from) = (*next, *at);
            }
        }
        found.push(segment(item, dealer, from, None));
        // Two changes at one instant leave no time in between.
        found.retain(|segment| segment.until != Some(segment.from));
        found
    }
}

fn segment(item: &Item, dealer: Name, from: i64, until: Option<i64>) -> Segment {
    Segment {
        dealer_id: item.text(dealer).to_owned(),
        from,
        until,
    }
}
