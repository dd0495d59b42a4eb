//! The evidence of everybody, read once: what the means and the distribution are made of.

use std::ops::Range;
use std::sync::Arc;

use super::defects::least_same;
use super::facts::{Fact, counted};
use super::model::{Evidence, Model};
use super::person::dealer_of;
use super::roster::Roster;
use super::rows::{ROWS, Row, SAME_TABLE, WORDS};
use super::states::AdvocacyStates;
use super::stream::{Found, pieces};
use super::stream_row::{StreamRow, is_of_item};
use super::suspicion::Suspicion;
use super::undone::Undone;
use crate::fold::excerpt::Excerpt;
use crate::fold::state::StateError;
use crate::person::identity::Persons;
use crate::person::{Claim, PersonLookup, Whose as WhoseLookup, named_owner};
use crate::{HistoryKey, Validity};
use ownerline_proto::time::Instant;

/// What hears the evidence of everybody.
pub(super) trait Audience {
    /// Whether it wants to know whose everything is, and [`Self::row`]s.
    const PERSONS: bool;

    /// A row in force, and whose it is.
    fn row(&mut self, key: &HistoryKey, row: &Row, dealer_id: &str, persons: &[u32]);

    /// A piece of evidence that counts and, if it wants to know, whose it is; never nobody's. Stream by stream, in the
    /// order of their names; what counts for somebody only as far as nothing else tells the same comes last.
    fn piece(&mut self, piece: &Piece<'_>, persons: &[u32]);
}

/// One piece of evidence.
pub(super) struct Piece<'r> {
    pub key: &'r HistoryKey,
    pub evidence: Evidence,
    /// Between -1 and 1.
    pub value: f64,
    /// Between 0 and 1: what takes from its strength.
    pub suspicion: f64,
}

/// What the words of a row are about, by sign, and the key of the row behind its table byte.
type Themes = (Vec<u8>, Vec<i32>);

/// A piece that counts for a person by what else is told of them.
struct Telling {
    key: HistoryKey,
    evidence: Evidence,
    value: f64,
    suspicion: f64,
    fact: Fact,
    persons: Vec<u32>,
}

/// The part of a key that is equal in both tables.
fn after_table_byte(key: &[u8]) -> &[u8] {
    key.get(1..).unwrap_or_default()
}

/// One question about everybody.
struct Reading<'s> {
    states: AdvocacyStates<'s>,
    validity: &'s Validity<'s>,
    suspicion: &'s Suspicion<'s>,
    lookup: &'s PersonLookup<'s>,
    as_of: Instant,
    roster: Roster,
    tellings: Vec<Telling>,
    /// Of the stream that is read: whose each row is.
    whose: Vec<Whose>,
    persons: Vec<u32>,
}

/// Whose a row is.
struct Whose {
    somebody: bool,
    /// Where the persons stand, if they are asked for.
    persons: Range<usize>,
}

/// Reads all evidence that occurred at or before `as_of` and is known at `known_at` once. Answers who was met.
pub(super) fn read<A: Audience>(
    states: AdvocacyStates<'_>,
    model: &Model,
    known_at: u64,
    as_of: Instant,
    audience: &mut A,
) -> Result<Roster, StateError> {
    let validity = Validity::for_all(states.timeline.corrections, known_at)?;
    let persons = Arc::new(Persons::of_all(states.timeline.identity, &validity)?);
    let mut reading = Reading {
        states,
        validity: &validity,
        suspicion: &Suspicion::of_all(states.advocacy, &validity, as_of)?,
        lookup: &PersonLookup::of_all(&persons),
        as_of,
        roster: Roster::new(Arc::clone(&persons)),
        tellings: Vec::new(),
        whose: Vec::new(),
        persons: Vec::new(),
    };
    reading.streams(model, audience)?;
    reading.tellings(audience)?;
    Ok(reading.roster)
}

impl Reading<'_> {
    fn streams<A: Audience>(&mut self, model: &Model, audience: &mut A) -> Result<(), StateError> {
        let mut themes = self.themes(model)?.into_iter().peekable();
        let mut stream: Arc<str> = "".into();
        let mut rows: Vec<StreamRow<i32>> = Vec::new();
        let (state, validity) = (self.states.advocacy, self.validity);
        let known = ROWS.all().known_at(validity.known_at());
        known.each(state, |entry| {
            let [name] = entry.texts;
            if *name != *stream {
                self.stream(&stream, &rows, audience)?;
                rows.clear();
                stream = name.into();
            }
            let key = entry.key()?;
            if key.occurred_at > self.as_of {
                return Ok(());
            }
            let row = entry.inherited(validity, &key)?;
            let mut hits = Vec::new();
            if row.words {
                let own = after_table_byte(entry.raw);
                while themes.next_if(|(key, _)| &**key < own).is_some() {}
                if let Some((_, found)) = themes.next_if(|(key, _)| &**key == own) {
                    hits = found;
                }
            }
            rows.push(StreamRow {
                in_force: validity.counts(&key)?,
                key,
                row,
                hits,
            });
            Ok(())
        })?;
        self.stream(&stream, &rows, audience)
    }

    /// What all words are about that are known and in force; those about nothing are left out.
    fn themes(&self, model: &Model) -> Result<Vec<Themes>, StateError> {
        let mut themes = Vec::new();
        let words = WORDS.all().known_at(self.validity.known_at());
        words.each(self.states.advocacy, |entry| {
            let signs = model.lexicon.signs(entry.text()?);
            if !signs.is_empty() {
                themes.push((after_table_byte(entry.raw).to_vec(), signs));
            }
            Ok(())
        })?;
        Ok(themes)
    }

    fn stream<A: Audience>(
        &mut self,
        stream: &Arc<str>,
        rows: &[StreamRow<i32>],
        audience: &mut A,
    ) -> Result<(), StateError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.whose::<A>(stream, rows, audience)?;
        let undone = Undone {
            states: self.states,
            validity: self.validity,
            as_of: self.as_of,
        };
        let Self {
            whose,
            persons,
            tellings,
            suspicion,
            ..
        } = self;
        pieces(stream, rows, suspicion, undone, |found: Found<'_, i32>| {
            let Some(whose) = whose.get(found.place).filter(|whose| whose.somebody) else {
                return;
            };
            let persons = persons.get(whose.persons.clone()).unwrap_or_default();
            let key = &found.row.key;
            if !found.fact.stands_alone() {
                tellings.push(Telling {
                    key: key.clone(),
                    evidence: found.evidence,
                    value: found.value,
                    suspicion: found.suspicion,
                    fact: found.fact,
                    persons: persons.to_vec(),
                });
                return;
            }
            let piece = Piece {
                key,
                evidence: found.evidence,
                value: found.value,
                suspicion: found.suspicion,
            };
            audience.piece(&piece, persons);
        })
    }

    /// Finds out whose each row of a stream is, and tells those that are somebody's.
    fn whose<A: Audience>(
        &mut self,
        stream: &str,
        rows: &[StreamRow<i32>],
        audience: &mut A,
    ) -> Result<(), StateError> {
        self.whose.clear();
        self.persons.clear();
        let states = self.states.timeline.whose();
        let mut lookup = WhoseLookup::new(states, self.validity, self.lookup, self.as_of);
        // Then the stream names somebody, whoever it is.
        let named = rows
            .iter()
            .any(|it| it.in_force && !it.row.owner_id.is_empty());
        for it in rows {
            let start = self.persons.len();
            let mut somebody = false;
            let bears = it.bears_on_persons();
            if bears && (A::PERSONS || !named || !is_of_item(it)) {
                self.persons_of(stream, it, &mut lookup)?;
                somebody = self.persons.len() > start;
            } else if bears {
                somebody = true;
            }
            if A::PERSONS && somebody {
                let dealer_id = dealer_of(stream, &it.key, &it.row, &mut lookup)?;
                let persons = self.persons.get(start..).unwrap_or_default();
                audience.row(&it.key, &it.row, &dealer_id, persons);
            }
            let persons = start..self.persons.len();
            self.whose.push(Whose { somebody, persons });
        }
        Ok(())
    }

    /// Whose a row is; several may hold a vehicle.
    fn persons_of(
        &mut self,
        stream: &str,
        it: &StreamRow<i32>,
        lookup: &mut WhoseLookup<'_>,
    ) -> Result<(), StateError> {
        // Most rows name somebody: that costs no more than the number.
        if let Some(id) = named_owner(stream, &it.row.owner_id) {
            self.persons.push(self.roster.number(id));
            return Ok(());
        }
        let mut holding = Vec::new();
        let (at, names) = (it.key.occurred_at, it.row.names());
        for claimant in lookup.of(stream, at, &names, Claim::AnyHolder)? {
            holding.push(self.roster.number(&claimant.person));
        }
        holding.sort_unstable();
        holding.dedup();
        self.persons.extend(holding);
        Ok(())
    }

    /// Tells those pieces that count for somebody, and for whom.
    fn tellings<A: Audience>(&mut self, audience: &mut A) -> Result<(), StateError> {
        let mut tellings = std::mem::take(&mut self.tellings);
        // Themes of one text are in its order already: the sort is stable.
        tellings.sort_by(|a, b| a.key.cmp(&b.key));
        let of_persons = tellings.iter().enumerate();
        let mut of_persons: Vec<(u32, usize)> = of_persons
            .flat_map(|(place, it)| it.persons.iter().map(move |person| (*person, place)))
            .collect();
        of_persons.sort_unstable();
        // Few, and looked through again and again.
        let same = Excerpt::of(self.states.advocacy, &[SAME_TABLE])?;
        let mut counting: Vec<(usize, u32)> = Vec::new();
        for theirs in of_persons.chunk_by(|(a, _), (b, _)| a == b) {
            let found = theirs.iter().filter_map(|(_, place)| tellings.get(*place));
            let found: Vec<_> = found.map(|it| (&it.fact, it.key.position)).collect();
            let counts = counted(&found, |defect_id| {
                least_same(&same, self.validity, self.as_of, defect_id)
            })?;
            let counts = theirs.iter().zip(counts).filter(|(_, counts)| *counts);
            counting.extend(counts.map(|((person, place), _)| (*place, *person)));
        }
        counting.sort_unstable();
        for whose in counting.chunk_by(|(a, _), (b, _)| a == b) {
            let telling = whose.first().and_then(|(place, _)| tellings.get(*place));
            let persons: Vec<u32> = whose.iter().map(|(_, person)| *person).collect();
            if let Some(telling) = telling {
                let piece = Piece {
                    key: &telling.key,
                    evidence: telling.evidence,
                    value: telling.value,
                    suspicion: telling.suspicion,
                };
                audience.piece(&piece, &persons);
            }
        }
        Ok(())
    }
}
