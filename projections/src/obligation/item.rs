//! One feedback with the facts that count.

use std::collections::BTreeSet;

use ownerline_proto::time::Instant;

use super::reply::TakenBack;
use super::{Fact, FactKind, Name, Names};
use crate::TouchpointKey;

/// The owner of a feedback and the vehicle it is about; what nobody names is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ItemSubjects<'i> {
    /// The owner.
    pub owner_id: &'i str,
    /// The vehicle.
    pub vin: &'i str,
}

/// One feedback with the facts that count, as known: its own and those of the cases it led to, in history order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Item {
    /// The feedback.
    pub feedback_id: String,
    names: Names,
    facts: Vec<Fact>,
    last_revision: u64,
    replaced: Vec<Fact>,
}

impl Item {
    /// An item of facts in any order. `last_revision` is that of the last touchpoint of its stream.
    #[must_use]
    pub fn new(
        feedback_id: String,
        names: Names,
        mut facts: Vec<Fact>,
        last_revision: u64,
    ) -> Self {
        if !facts.is_sorted_by(|a, b| a.order(b, &names).is_le()) {
            facts.sort_by(|a, b| a.order(b, &names));
        }
        Self {
            feedback_id,
            names,
            facts,
            last_revision,
            replaced: Vec::new(),
        }
    }

    /// Adds what the owner said that no longer counts because it was corrected or retracted.
    pub(crate) fn replacing(self, replaced: Vec<Fact>) -> Self {
        Self { replaced, ..self }
    }

    /// Everything the owner said at or before an instant, including what no longer counts: somebody may have referred
    /// to it.
    pub(crate) fn ever_said(&self, as_of: Instant) -> impl Iterator<Item = &Fact> {
        let said = |fact: &&Fact| matches!(fact.kind(), FactKind::Received | FactKind::Edited);
        let replaced = self.replaced.iter();
        let replaced = replaced.filter(move |fact| fact.occurred_at <= as_of);
        self.until(as_of).iter().filter(said).chain(replaced)
    }

    /// The names that its facts refer to.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// A name of one of its facts.
    #[must_use]
    pub fn text(&self, name: Name) -> &str {
        self.names.text(name)
    }

    /// The owner and the vehicle, by what occurred at or before an instant: those that the feedback names, else the
    /// first that its stream names. What the clock-keeper repeats never counts.
    #[must_use]
    pub fn subjects(&self, as_of: Instant) -> ItemSubjects<'_> {
        let own = || self.until(as_of).iter().filter(|fact| fact.is_reported());
        let received = own().find(|fact| fact.kind() == FactKind::Received);
        let named = |name: fn(&Fact) -> Name| {
            let mut names = received.into_iter().chain(own()).map(name);
            self.text(names.find(|name| *name != 0).unwrap_or_default())
        };
        ItemSubjects {
            owner_id: named(|fact| fact.owner),
            vin: named(|fact| fact.vin),
        }
    }

    /// Every fact, those of linked cases too, in history order.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The revision of the last touchpoint of its stream that the view knows, whether it counts or not.
    #[must_use]
    pub fn last_revision(&self) -> u64 {
        self.last_revision
    }

    /// The key of a fact.
    #[must_use]
    pub fn key(&self, fact: &Fact) -> TouchpointKey {
        TouchpointKey::new(self.text(fact.source), &fact.id)
    }

    /// The key of the first of a fact's chain of corrections, or of the fact itself.
    pub(crate) fn first_key<'i>(&'i self, fact: &'i Fact) -> (&'i str, &'i str) {
        let (source, id) = fact.first_name();
        (self.text(source), id)
    }

    /// The replies that were withdrawn or bounced by an instant.
    pub fn replies_taken_back(&self, as_of: Instant) -> impl Iterator<Item = &Fact> {
        let facts = self.until(as_of);
        let taken_back = TakenBack::of(facts);
        facts.iter().filter(move |fact| taken_back.has(fact))
    }

    /// The instant of the next fact after an instant.
    #[must_use]
    pub fn turns_at(&self, as_of: Instant) -> Option<i64> {
        let next = self.facts.partition_point(|it| it.occurred_at <= as_of);
        self.facts.get(next).map(|fact| fact.occurred_at)
    }

    /// The facts that occurred at or before an instant.
    pub(super) fn until(&self, as_of: Instant) -> &[Fact] {
        let end = self.facts.partition_point(|it| it.occurred_at <= as_of);
        self.facts.get(..end).unwrap_or_default()
    }

    /// The cases that facts linked to it by an instant. Most items have none.
    pub(super) fn linked_cases(&self, as_of: Instant) -> BTreeSet<Name> {
        let facts = self.until(as_of).iter();
        let links = facts.filter(|it| it.case != 0 && self.text(it.feedback) == self.feedback_id);
        links.map(|it| it.case).collect()
    }

    /// The names and facts it is made of.
    pub(crate) fn into_parts(self) -> (Names, Vec<Fact>) {
        (self.names, self.facts)
    }
}
