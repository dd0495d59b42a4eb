//! Which dealer owed the answer when.

use super::course::Reply;
use super::{Course, Fact, Item, Name, What};
use ownerline_proto::time::Instant;

/// A time in which one dealer was responsible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Who; empty if nobody was named.
    pub dealer_id: String,
    /// From this instant on, in nanoseconds since the Unix epoch.
    pub from: i64,
    /// Until just before this one; `None` if it has not ended.
    pub until: Option<i64>,
}

/// Who was responsible for an item when, from its start on, by what occurred at or before `as_of`
/// (nanoseconds since the Unix epoch); nothing while it is held.
#[must_use]
pub fn segments(item: &Item, as_of: Instant) -> Vec<Segment> {
    let course = Course::of(item, as_of);
    course.received.map_or_else(Vec::new, |received| {
        course.dealers.segments(received.received_at(), item)
    })
}

/// The responsible dealer over time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dealers {
    first: Name,
    /// From when on another.
    changes: Vec<(i64, Name)>,
    /// The first that the stream names: who did what does not say.
    pub(super) named: Name,
}

impl Dealers {
    /// By facts in history order; `received` is the feedback itself.
    pub(super) fn of(facts: &[Fact], received: Option<&Fact>) -> Self {
        let own = || facts.iter().filter(|fact| fact.is_reported());
        let first = |name: fn(&Fact) -> Name| own().map(name).find(|name| *name != 0);
        let named = first(|fact| fact.dealer).unwrap_or_default();
        let moved = own().filter(|fact| fact.what() == What::Reassigned);
        let changes = moved.map(|it| (it.occurred_at, it.to_dealer)).collect();
        // Whoever gave it away had it, whomever the stream names later.
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

    /// Who was responsible at an instant.
    pub(crate) fn at(&self, instant: i64) -> Name {
        self.moved_to(instant).unwrap_or(self.first)
    }

    /// To whom it was reassigned last by an instant, if ever.
    fn moved_to(&self, instant: i64) -> Option<Name> {
        let behind = self.changes.partition_point(|(from, _)| *from <= instant);
        let (_, dealer) = self.changes.get(behind.checked_sub(1)?)?;
        Some(*dealer)
    }

    /// A fact as a reply: whose staff gave it. That is the dealer its actor acts for, else the one it names, else the
    /// first that its stream names; where nobody tells any of them, nobody says that it was another than the
    /// responsible one.
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

    /// The dealer responsible for what a fact says when it occurred: the one it was reassigned to by then, else the one
    /// it names, else the first that its stream names.
    pub(crate) fn of_fact(&self, fact: &Fact) -> Name {
        match self.moved_to(fact.occurred_at) {
            Some(dealer) => dealer,
            None if fact.dealer != 0 => fact.dealer,
            None => self.first,
        }
    }

    /// Whether the dealer of `start` was not the only one from then on.
    pub(super) fn changed_after(&self, start: i64) -> bool {
        let dealer = self.at(start);
        let later = |(at, next): &(i64, Name)| *at > start && *next != dealer;
        self.changes.iter().any(later)
    }

    /// Everyone who was, one after the other, from `start` on.
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
