//! Loads a case with its facts in force, as of an instant and as known at a position.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::time::Instant;
use prost::Message;

use super::fact::{CaseFact, Place, ReplacedFact};
use super::fold::{VIEW, correction_key};
use super::history::CaseHistory;
use super::row::CaseRow;
use super::tables::FACTS;
use crate::corrections;
use crate::feedback;
use crate::fold::corrections::Standing;
use crate::fold::key::is_plain;
use crate::fold::state::StateError;
use crate::person::PersonLookup;
use crate::person::identity::{self, everyone_linked};
use crate::person::ownership;
use crate::timeline::{self, TimelineStates};
use crate::vantage::{Snapshots, ViewState};
use crate::{HistoryKey, TouchpointKey, Validity, Vantage, vehicles};

/// The view states that a case is loaded from, all as of one commit.
#[derive(Clone, Copy)]
pub struct CaseStates<'s> {
    /// The state of this view.
    pub cases: ViewState<'s>,
    /// The state of [`feedback`](crate::feedback).
    pub feedback: ViewState<'s>,
    /// The states that say whose words are whose.
    pub timeline: TimelineStates<'s>,
}

impl<'s> CaseStates<'s> {
    /// The views that a case is loaded from.
    pub const VIEWS: [&'static str; 7] = [
        VIEW.name,
        feedback::VIEW.name,
        timeline::VIEW.name,
        corrections::VIEW.name,
        identity::VIEW.name,
        ownership::VIEW.name,
        vehicles::VIEW.name,
    ];

    /// The states of [`Self::VIEWS`].
    #[must_use]
    pub fn of(snapshots: &Snapshots<'s>) -> Self {
        Self {
            cases: snapshots.state(VIEW.name),
            feedback: snapshots.state(feedback::VIEW.name),
            timeline: TimelineStates::of(snapshots),
        }
    }
}

/// Loads cases, as of an instant and as known at a position. Persons are looked up once for all of them.
#[derive(Clone, Copy)]
pub struct CaseReader<'s> {
    pub(super) states: CaseStates<'s>,
    pub(super) validity: &'s Validity<'s>,
    pub(super) persons: &'s PersonLookup<'s>,
    pub(super) as_of: Instant,
    pub(super) now: Instant,
}

impl<'s> CaseReader<'s> {
    /// Reads what occurred at or before `as_of` and is known at the position of `validity`.
    #[must_use]
    pub fn new(
        states: CaseStates<'s>,
        validity: &'s Validity<'s>,
        persons: &'s PersonLookup<'s>,
        as_of: Instant,
    ) -> Self {
        Self {
            states,
            validity,
            persons,
            as_of,
            now: as_of,
        }
    }

    /// The same for a question that is asked at this instant, which may be before `as_of`: what is planned to be revealed
    /// later is no word to the owner yet.
    #[must_use]
    pub fn asked_at(self, now: Instant) -> Self {
        Self { now, ..self }
    }

    /// Reads as a question stands.
    #[must_use]
    pub fn at(
        states: CaseStates<'s>,
        vantage: &Vantage<'_>,
        validity: &'s Validity<'s>,
        persons: &'s PersonLookup<'s>,
    ) -> Self {
        Self::new(states, validity, persons, vantage.as_of).asked_at(vantage.now)
    }

    /// Loads a case; `None` if no known touchpoint is of its stream or names it.
    ///
    /// # Errors
    /// If a state cannot be read.
    pub fn history(&self, case_id: &str) -> Result<Option<CaseHistory>, StateError> {
        if !is_plain(case_id) {
            return Ok(None);
        }
        let mut loaded = Loaded::default();
        let rows = FACTS.under(&[case_id]).known_at(self.validity.known_at());
        rows.each(self.states.cases, |entry| {
            loaded.add(self, entry.key()?, entry.row()?)
        })?;
        if !loaded.is_known {
            return Ok(None);
        }
        loaded.add_corrections_elsewhere(self, case_id)?;
        loaded.stamp();
        let mut history = CaseHistory {
            case_id: case_id.to_owned(),
            as_of: self.as_of,
            now: self.now,
            facts: loaded.facts,
            replaced: loaded.replaced,
            turns_at: loaded.turns_at,
            holders: Vec::new(),
            persons: 0,
            owner_ids: BTreeSet::new(),
        };
        self.add_origin(&mut history)?;
        history.sort();
        history.holders = self.holders_at_opening(&history)?;
        let owners = history.owners_named().into_iter();
        let persons = owners.map(|owner_id| self.persons.person(owner_id));
        history.persons = persons.collect::<Result<BTreeSet<_>, _>>()?.len();
        for owner_id in history.owners() {
            let identity = self.states.timeline.identity;
            let ids = everyone_linked(identity, self.validity, &owner_id)?;
            history.owner_ids.extend(ids);
        }
        self.add_words(&mut history)?;
        history.sort();
        Ok(Some(history))
    }
}

/// The rows of a case, as far as they are known.
#[derive(Default)]
struct Loaded {
    is_known: bool,
    facts: Vec<CaseFact>,
    replaced: Vec<ReplacedFact>,
    turns_at: Option<i64>,
    chains: BTreeMap<TouchpointKey, Chain>,
}

/// What the members of a chain of corrections share.
#[derive(Clone, Copy)]
struct Chain {
    /// When the first touchpoint reached the centre, and whether it was imported.
    stamped: Option<(i64, bool)>,
    /// The instant from which the centre could know of it in any wording.
    known_from: i64,
}

impl Loaded {
    fn add(
        &mut self,
        reader: &CaseReader<'_>,
        key: HistoryKey,
        mut row: CaseRow,
    ) -> Result<(), StateError> {
        self.is_known = true;
        let validity = reader.validity;
        let standing = validity.standing(&key.source, &key.id)?;
        validity.inherit(&key, &mut row)?;
        let fact = fact(key, row, &standing);
        if let Some(first) = standing.first() {
            self.join(first, &fact);
        }
        let has_occurred = fact.at() <= reader.as_of.nearest();
        match (has_occurred, standing.in_force()) {
            (true, true) => self.facts.push(fact),
            (true, false) => self.replaced.push(ReplacedFact {
                fact,
                corrected_by: standing.corrected_by.map(|it| it.key),
                retracted_by: standing.retracted_by.map(|it| it.key),
            }),
            (false, _) => {
                let turns_at = self.turns_at.unwrap_or(i64::MAX);
                self.turns_at = Some(turns_at.min(fact.at()));
            }
        }
        Ok(())
    }

    fn join(&mut self, first: &HistoryKey, fact: &CaseFact) {
        let chain = self.chains.entry(TouchpointKey::from(first));
        let chain = chain.or_insert(Chain {
            stamped: None,
            known_from: fact.known_from,
        });
        chain.known_from = chain.known_from.min(fact.known_from);
        if fact.touchpoint() == fact.first {
            chain.stamped = Some((fact.received_at, fact.imported));
        }
    }

    /// Adds the corrections of touchpoints elsewhere that name no case themselves and inherit this one.
    fn add_corrections_elsewhere(
        &mut self,
        reader: &CaseReader<'_>,
        case_id: &str,
    ) -> Result<(), StateError> {
        let elsewhere = self
            .replaced
            .iter()
            .filter(|it| it.fact.place == Place::Elsewhere);
        let by: BTreeSet<HistoryKey> = elsewhere.filter_map(|it| it.corrected_by.clone()).collect();
        for key in by {
            let inherited = reader.validity.standing(&key.source, &key.id)?.inherited;
            let names_case = inherited.is_some_and(|it| it.subjects.case_id == case_id);
            let key_of_row = correction_key(&key.source, &key.id);
            if let Some(bytes) = reader.states.cases.get(&key_of_row)?
                && names_case
            {
                let row = CaseRow::decode(&*bytes).map_err(|error| StateError::Damaged {
                    reason: format!("row of cases, table x: {error}"),
                })?;
                self.add(reader, key, row)?;
            }
        }
        Ok(())
    }

    /// Gives every member of a chain what its members share.
    fn stamp(&mut self) {
        let replaced = self.replaced.iter_mut().map(|it| &mut it.fact);
        for fact in self.facts.iter_mut().chain(replaced) {
            if let Some(chain) = self.chains.get(&fact.first) {
                fact.known_from = chain.known_from;
                if let Some((received_at, imported)) = chain.stamped {
                    (fact.received_at, fact.imported) = (received_at, imported);
                }
            }
        }
    }
}

/// The fact of a row.
fn fact(key: HistoryKey, row: CaseRow, standing: &Standing) -> CaseFact {
    let received_at = key.occurred_at.wrapping_add(row.received_after);
    let recorded_at = received_at.wrapping_add(row.recorded_after);
    let first = standing.first().unwrap_or(&key);
    CaseFact {
        first: TouchpointKey::from(first),
        place: match row.stream.is_empty() {
            true => Place::Stream,
            false => Place::Elsewhere,
        },
        received_at,
        recorded_at,
        imported: row.imported,
        known_from: match row.imported {
            true => received_at,
            false => recorded_at,
        },
        key,
        row,
    }
}
