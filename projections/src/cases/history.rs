//! A case with its facts in force, in history order.

use std::collections::BTreeSet;

use ownerline_proto::time::Instant;

use super::fact::{CaseFact, Place, ReplacedFact};
use super::kind::CaseFactKind;

/// A case as known at a position, and as of an instant: only what occurred at or before it.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseHistory {
    /// The case.
    pub case_id: String,
    /// The instant.
    pub as_of: Instant,
    /// When the question is asked.
    pub now: Instant,
    /// Every fact in force, in history order; see [`Place`] for which.
    pub facts: Vec<CaseFact>,
    /// Known touchpoints of the case that were corrected or retracted, in history order.
    pub replaced: Vec<ReplacedFact>,
    /// When the next known touchpoint of the case occurs, if one is said to lie ahead.
    pub turns_at: Option<i64>,
    /// If its stream names no owner: who held its car at the opening, owners first.
    pub holders: Vec<String>,
    /// The number of persons whom its stream names as owners: several ids of one person are one.
    pub persons: usize,
    /// Every id of its owners.
    pub owner_ids: BTreeSet<String>,
}

impl CaseHistory {
    /// The facts of its stream that say something of their own, in history order.
    pub fn told(&self) -> impl DoubleEndedIterator<Item = &CaseFact> {
        self.facts.iter().filter(|fact| fact.tells())
    }

    /// The facts of its stream of one kind, in history order.
    pub fn of_kind(&self, kind: CaseFactKind) -> impl DoubleEndedIterator<Item = &CaseFact> {
        self.told().filter(move |fact| fact.kind() == kind)
    }

    /// The fact with which it begins: the first `CaseOpened` in force, or else the first fact of its stream that says
    /// something of its own. `None`: nothing of its stream is in force, and the case is not opened.
    #[must_use]
    pub fn opening(&self) -> Option<&CaseFact> {
        let opened = self.of_kind(CaseFactKind::CaseOpened).next();
        opened.or_else(|| self.told().next())
    }

    /// The owners that its stream names, each once, the first first.
    #[must_use]
    pub fn owners_named(&self) -> Vec<&str> {
        distinct(self.told().map(|fact| fact.row.owner_id.as_str()))
    }

    /// Its owners: those that its stream names, else who held its car at the opening.
    #[must_use]
    pub fn owners(&self) -> Vec<String> {
        let named = self.owners_named();
        match named.is_empty() {
            true => self.holders.clone(),
            false => named.into_iter().map(str::to_owned).collect(),
        }
    }

    /// The vehicles that its stream names, each once, the first first.
    #[must_use]
    pub fn vins(&self) -> Vec<&str> {
        distinct(self.told().map(|fact| fact.row.vin.as_str()))
    }

    /// The first vehicle that its stream names; empty if none.
    #[must_use]
    pub fn vin(&self) -> &str {
        self.vins().first().copied().unwrap_or_default()
    }

    /// The feedback that it came from: what its openings say, else the feedback that they name.
    #[must_use]
    pub fn origins(&self) -> BTreeSet<String> {
        let openings = self.of_kind(CaseFactKind::CaseOpened);
        let origins = openings.map(|fact| match fact.row.origin_feedback_id.as_str() {
            "" => fact.row.feedback_id.clone(),
            origin => origin.to_owned(),
        });
        origins.filter(|id| !id.is_empty()).collect()
    }

    /// The case as of an earlier instant, as known at the same position.
    #[must_use]
    pub fn until(&self, as_of: Instant) -> Self {
        let mut earlier = Self {
            case_id: self.case_id.clone(),
            as_of,
            now: self.now.min(as_of),
            facts: Vec::new(),
            replaced: Vec::new(),
            turns_at: self.turns_at,
            holders: self.holders.clone(),
            persons: self.persons,
            owner_ids: self.owner_ids.clone(),
        };
        let occurred = self.facts.iter().filter(|fact| fact.at() <= as_of);
        earlier.facts = occurred.cloned().collect();
        let replaced = self.replaced.iter();
        let replaced = replaced.filter(|it| it.fact.at() <= as_of);
        earlier.replaced = replaced.cloned().collect();
        // An opening that had not occurred then did not say which feedback it comes from.
        let origins = earlier.origins();
        earlier
            .facts
            .retain(|fact| fact.place != Place::Origin || origins.contains(&fact.row.feedback_id));
        let next = self.facts.iter().map(CaseFact::at).find(|at| *at > as_of);
        earlier.turns_at = next.or(self.turns_at);
        earlier
    }

    pub(super) fn sort(&mut self) {
        self.facts.sort_by(|a, b| a.key.cmp(&b.key));
        self.replaced.sort_by(|a, b| a.fact.key.cmp(&b.fact.key));
    }

    /// Whether the owner did it, or somebody who acts as the owner; `owners` are those of the case.
    #[must_use]
    pub fn is_by_owner(&self, fact: &CaseFact, owners: &[String]) -> bool {
        let actor_id = &fact.row.actor_id;
        let is_theirs = !actor_id.is_empty() && owners.contains(actor_id);
        fact.place == Place::Owner || fact.row.by_owner || is_theirs
    }
}

/// Texts that are not empty, each once, in their order.
pub(super) fn distinct<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut found: Vec<&str> = Vec::new();
    for text in texts {
        if !text.is_empty() && !found.contains(&text) {
            found.push(text);
        }
    }
    found
}
