//! From rows to an item as known at a position.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::{CASES, ITEMS, LINKS, Segment, segments};
use crate::Validity;
use crate::fold::corrections::Standing;
use crate::fold::state::{StateError, StateRead};
use crate::obligation::{Fact, Item, Name, Names, What};

/// A feedback with the facts that count, as known at the position of `validity`; `None` if nothing of its
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

/// The feedback that anything in the stream of a case names, as known to the state.
///
/// # Errors
/// If the state cannot be read.
pub fn feedback_of_case(
    state: &dyn StateRead,
    case_id: &str,
) -> Result<BTreeSet<String>, StateError> {
    let mut found = BTreeSet::new();
    for segment in super::rows::segments(state, CASES, case_id)? {
        let names = Names(segment.names);
        let named = segment.facts.iter().map(|fact| names.text(fact.feedback));
        found.extend(named.filter(|it| !it.is_empty()).map(str::to_owned));
    }
    Ok(found)
}

/// An item of its segments.
pub(super) fn assemble(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    feedback_id: &str,
    segments: Vec<Segment>,
) -> Result<Option<Item>, StateError> {
    let mut gathered = Gathered::of(segments);
    let is_known = gathered.keep_known(validity)?;
    if !is_known {
        return Ok(None);
    }
    if gathered.has_cases {
        for case_id in linked_cases(state, feedback_id)? {
            let mut case = Gathered::of(super::rows::segments(state, CASES, &case_id)?);
            case.keep_known(validity)?;
            gathered.append(case, Some(&case_id));
        }
    }
    let Gathered {
        names,
        facts,
        replaced,
        last_revision,
        ..
    } = gathered;
    let item = Item::new(feedback_id.to_owned(), names, facts, last_revision);
    Ok(Some(item.replacing(replaced)))
}

fn linked_cases(state: &dyn StateRead, feedback_id: &str) -> Result<Vec<String>, StateError> {
    let mut found = Vec::new();
    LINKS.seconds_of(state, feedback_id, |case_id| found.push(case_id.to_owned()))?;
    Ok(found)
}

/// The facts of all segments.
#[derive(Default)]
struct Gathered {
    names: Names,
    facts: Vec<Fact>,
    last_revision: u64,
    amended: bool,
    has_cases: bool,
    /// What the owner said and no longer counts.
    replaced: Vec<Fact>,
}

impl Gathered {
    fn of(segments: Vec<Segment>) -> Self {
        let mut gathered = Self::default();
        let mut segments = segments.into_iter();
        if let Some(first) = segments.next() {
            let head = first.head.unwrap_or_default();
            gathered = Self {
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
            gathered.append(more, None);
        }
        gathered
    }

    /// Adds facts, whose names get numbers of their own; those of a case are said to be.
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

    /// Keeps what counts, and says whether anything is known. Only a touchpoint of the same stream can
    /// correct or retract: where none does, nothing has to be looked up.
    fn keep_known(&mut self, validity: &Validity<'_>) -> Result<bool, StateError> {
        let known_at = validity.known_at();
        self.facts.retain(|fact| fact.position <= known_at);
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
                chains.takes(first, fact);
            }
            standings.push((standing.in_force(), first, standing.inherited));
        }
        for (mut fact, (in_force, first, inherited)) in facts.into_iter().zip(standings) {
            if !in_force {
                if matches!(fact.what(), What::Received | What::Edited) {
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
            if matches!(fact.what(), What::ReplyWithdrawn | What::ReplyBounced) {
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

    /// The source and id of what a chain of corrections began with, if there is one.
    fn first_of(&mut self, standing: &Standing) -> Option<(Name, String)> {
        let first = standing.first()?;
        Some((self.names.number(&first.source), first.id.clone()))
    }
}

/// The chains of corrections of an item, by the source and id of what each began with.
#[derive(Default)]
struct Chains(BTreeMap<(Name, String), Chain>);

/// What all members of a chain of corrections share.
#[derive(Default)]
struct Chain {
    /// When the first reached the centre, and whether it came by import.
    stamped: Option<(i64, bool)>,
    /// From when on the centre could know this, in whichever words.
    known_from: Option<i64>,
}

impl Chains {
    /// A member of the chain that began with `first`.
    fn takes(&mut self, first: &(Name, String), fact: &Fact) {
        let chain = self.0.entry(first.clone()).or_default();
        if (fact.source, &fact.id) == (first.0, &first.1) {
            chain.stamped = Some((fact.received_at(), fact.imported));
        }
        // Words that would not have stopped a clock let nobody know of a reply that does.
        if fact.what() != What::Replied || fact.stops_a_clock() {
            let known_from = fact.known_from();
            let earliest = chain.known_from.unwrap_or(known_from);
            chain.known_from = Some(earliest.min(known_from));
        }
    }

    /// Gives the member that counts what all share.
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
