//! Loads an item as known at a position.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::{CASES, ITEMS, LINKS, Segment, segments};
use crate::Validity;
use crate::fold::corrections::Standing;
use crate::fold::state::{StateError, StateRead};
use crate::obligation::{Fact, FactKind, Item, Name, Names};

/// Loads a feedback with its facts in force, as known at the position of `validity`; `None` if no touchpoint of its
/// stream is known.
///
/// # Errors
/// If the state cannot be read.
pub fn load(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    feedback_id: &str,
) -> Result<Option<Item>, StateError> {
    let segments = segments(state, ITEMS, feedback_id)?;
    assemble(state, validity, feedback_id, segments)
}

/// Returns every feedback named in the stream of a case, at any position.
///
/// # Errors
/// If the state cannot be read.
pub fn feedback_of_case(
    state: &dyn StateRead,
    case_id: &str,
) -> Result<BTreeSet<String>, StateError> {
    let mut ids = BTreeSet::new();
    for segment in super::rows::segments(state, CASES, case_id)? {
        let names = Names(segment.names);
        let named = segment.facts.iter().map(|fact| names.text(fact.feedback));
        ids.extend(named.filter(|id| !id.is_empty()).map(str::to_owned));
    }
    Ok(ids)
}

/// Builds an item from its segments.
pub(super) fn assemble(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    feedback_id: &str,
    segments: Vec<Segment>,
) -> Result<Option<Item>, StateError> {
    let mut item_facts = ItemFacts::of(segments);
    let is_known = item_facts.keep_known(validity)?;
    if !is_known {
        return Ok(None);
    }
    if item_facts.has_cases {
        for case_id in linked_cases(state, feedback_id)? {
            let mut case = ItemFacts::of(super::rows::segments(state, CASES, &case_id)?);
            case.keep_known(validity)?;
            item_facts.append(case, Some(&case_id));
        }
    }
    let ItemFacts {
        names,
        facts,
        replaced,
        last_revision,
        ..
    } = item_facts;
    let item = Item::new(feedback_id.to_owned(), names, facts, last_revision);
    Ok(Some(item.replacing(replaced)))
}

fn linked_cases(state: &dyn StateRead, feedback_id: &str) -> Result<Vec<String>, StateError> {
    let mut cases = Vec::new();
    LINKS.seconds_of(state, feedback_id, |case_id| cases.push(case_id.to_owned()))?;
    Ok(cases)
}

/// The facts of an item, from all its segments.
#[derive(Default)]
struct ItemFacts {
    names: Names,
    facts: Vec<Fact>,
    last_revision: u64,
    amended: bool,
    has_cases: bool,
    /// The owner's words that corrections replaced or retractions took out.
    replaced: Vec<Fact>,
}

impl ItemFacts {
    fn of(segments: Vec<Segment>) -> Self {
        let mut item_facts = Self::default();
        let mut segments = segments.into_iter();
        if let Some(first) = segments.next() {
            let head = first.head.unwrap_or_default();
            item_facts = Self {
                names: Names(first.names),
                facts: first.facts,
                last_revision: head.last_revision,
                amended: head.amended,
                has_cases: head.has_cases,
                replaced: Vec::new(),
            };
        }
        for segment in segments {
            let more = Self {
                names: Names(segment.names),
                facts: segment.facts,
                ..Self::default()
            };
            item_facts.append(more, None);
        }
        item_facts
    }

    /// Adds facts and renumbers their names; marks those of a case.
    fn append(&mut self, other: Self, case_id: Option<&str>) {
        let numbers: Vec<Name> = other
            .names
            .0
            .iter()
            .map(|name| self.names.number(name))
            .collect();
        let number = |name: Name| {
            let at = usize::try_from(name)
                .ok()
                .and_then(|name| name.checked_sub(1));
            at.and_then(|at| numbers.get(at))
                .copied()
                .unwrap_or_default()
        };
        let case = case_id.map_or(0, |case_id| self.names.number(case_id));
        for mut fact in other.facts {
            fact.rename(number);
            fact.case = case;
            self.facts.push(fact);
        }
    }

    /// Drops facts that are unknown or not in force, and returns whether any is known. Only a touchpoint of the same
    /// stream can correct or retract, so an item without such touchpoints needs no look-up.
    fn keep_known(&mut self, validity: &Validity<'_>) -> Result<bool, StateError> {
        let known_at = validity.known_at();
        self.facts.retain(|fact| fact.position() <= known_at);
        let is_known = !self.facts.is_empty();
        if self.amended {
            self.amend(validity)?;
        }
        Ok(is_known)
    }

    fn amend(&mut self, validity: &Validity<'_>) -> Result<(), StateError> {
        let facts = std::mem::take(&mut self.facts);
        let mut chains = Chains::default();
        let mut standings = Vec::with_capacity(facts.len());
        for fact in &facts {
            let standing = validity.standing(self.names.text(fact.source), &fact.id)?;
            let first = self.first_of(&standing);
            if let Some(first) = &first {
                chains.add(first, fact);
            }
            standings.push((standing.in_force(), first, standing.inherited));
        }
        for (mut fact, (in_force, first, inherited)) in facts.into_iter().zip(standings) {
            if !in_force {
                if matches!(fact.kind(), FactKind::Received | FactKind::Edited) {
                    self.replaced.push(fact);
                }
                continue;
            }
            if let Some(inherited) = &inherited {
                let subjects = &inherited.subjects;
                for (mine, theirs) in [
                    (&mut fact.owner, &subjects.owner_id),
                    (&mut fact.vin, &subjects.vin),
                    (&mut fact.dealer, &subjects.dealer_id),
                    (&mut fact.order, &subjects.order_id),
                ] {
                    if *mine == 0 {
                        *mine = self.names.number(theirs);
                    }
                }
            }
            (fact.corrects_source, fact.corrects_id) = (0, String::new());
            if let Some(first) = first {
                chains.stamp(&mut fact, first);
            }
            if matches!(
                fact.kind(),
                FactKind::ReplyWithdrawn | FactKind::ReplyBounced
            ) {
                let source = self.names.text(fact.about_source);
                let reply = validity.standing(source, &fact.about_id)?;
                if let Some(first) = self.first_of(&reply) {
                    (fact.about_source, fact.about_id) = first;
                }
            }
            self.facts.push(fact);
        }
        Ok(())
    }

    /// Returns source and id of the first touchpoint of a chain of corrections, if there is a chain.
    fn first_of(&mut self, standing: &Standing) -> Option<(Name, String)> {
        let first = standing.first()?;
        Some((self.names.number(&first.source), first.id.clone()))
    }
}

/// The chains of corrections of an item, by source and id of their first touchpoint.
#[derive(Default)]
struct Chains(BTreeMap<(Name, String), Chain>);

/// The properties that all members of a chain of corrections share.
#[derive(Default)]
struct Chain {
    /// When the first touchpoint reached the centre, and whether it was imported.
    stamped: Option<(i64, bool)>,
    /// Since when the centre could know it, in any version.
    known_from: Option<i64>,
}

impl Chains {
    /// Adds a member to the chain that began with `first`.
    fn add(&mut self, first: &(Name, String), fact: &Fact) {
        let chain = self.0.entry(first.clone()).or_default();
        if (fact.source, &fact.id) == (first.0, &first.1) {
            chain.stamped = Some((fact.received_at(), fact.imported));
        }
        // A version of a reply that would not have stopped a clock does not count as knowledge of one that does.
        if fact.kind() != FactKind::Replied || fact.stops_a_clock() {
            let known_from = fact.known_from();
            let earliest = chain.known_from.unwrap_or(known_from);
            chain.known_from = Some(earliest.min(known_from));
        }
    }

    /// Copies the shared properties to the member in force.
    fn stamp(&self, fact: &mut Fact, first: (Name, String)) {
        let Some(chain) = self.0.get(&first) else {
            return;
        };
        fact.first_known_from = chain.known_from;
        if (fact.source, &fact.id) == (first.0, &first.1) {
            return;
        }
        (fact.corrects_source, fact.corrects_id) = first;
        if let Some((received_at, imported)) = chain.stamped {
            fact.stamp_as(received_at, imported);
        }
    }
}
