//! One pass over the evidence of all persons, from which brand means and the census are computed.

use std::ops::Range;
use std::sync::Arc;

use super::facts::{Fact, count_once};
use super::model::{Evidence, Model};
use super::person::dealer_of;
use super::roster::Roster;
use super::rows::{ROWS, Row, WORDS};
use super::states::AdvocacyStates;
use super::stream::{RowEvidence, pieces};
use super::stream_row::{StreamRow, is_of_item};
use super::suspicion::Suspicion;
use super::undone::UndoLookup;
use crate::fold::excerpt::Excerpt;
use crate::fold::state::StateError;
use crate::person::identity::Persons;
use crate::person::{Claim, PersonLookup, Whose as WhoseLookup, named_owner};
use crate::vehicles::same_defect::{LINK_TABLE, least_same};
use crate::{HistoryKey, Position, Validity};
use ownerline_proto::time::Instant;

/// Receives the evidence of all persons.
pub(super) trait EvidenceVisitor {
    /// Whether it needs the persons of each piece, and calls of [`Self::row`].
    const NEEDS_PERSONS: bool;

    /// Visits a row in force with its persons.
    fn row(&mut self, key: &HistoryKey, row: &Row, dealer_id: &str, persons: &[u32]);

    /// Visits a piece of evidence that counts for at least one person, with the persons if it needs them. Pieces come
    /// stream by stream, in the order of their names; facts that several touchpoints may report come last.
    fn piece(&mut self, piece: &Piece<'_>, persons: &[u32]);
}

/// One piece of evidence.
pub(super) struct Piece<'r> {
    pub key: &'r HistoryKey,
    pub evidence: Evidence,
    /// Between -1 and 1.
    pub value: f64,
    /// Between 0 and 1; reduces the strength.
    pub suspicion: f64,
}

/// The signs of the themes in a row's words, with the key of the row after its table byte.
type Themes = (Vec<u8>, Vec<i32>);

/// A piece whose fact other touchpoints may report, too, so that it counts for a person only once.
struct SharedPiece {
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

/// Reads the evidence of all persons for one query.
struct EvidenceReader<'s> {
    states: AdvocacyStates<'s>,
    validity: &'s Validity<'s>,
    suspicion: &'s Suspicion<'s>,
    lookup: &'s PersonLookup<'s>,
    as_of: Instant,
    roster: Roster,
    shared: Vec<SharedPiece>,
    /// The owners of each row of the current stream.
    row_owners: Vec<RowOwners>,
    /// The persons that `row_owners` refers to.
    persons: Vec<u32>,
}

/// The owners of a row.
struct RowOwners {
    belongs_to_somebody: bool,
    /// The range in `persons`, if the visitor needs them.
    persons: Range<usize>,
}

/// Reads all evidence that occurred at or before `as_of` and is known at `known_at` once. Returns the persons.
pub(super) fn read<A: EvidenceVisitor>(
    states: AdvocacyStates<'_>,
    model: &Model,
    known_at: Position,
    as_of: Instant,
    visitor: &mut A,
) -> Result<Roster, StateError> {
    let validity = Validity::for_all(states.timeline.corrections, known_at)?;
    let persons = Arc::new(Persons::of_all(states.timeline.identity, &validity)?);
    let mut reader = EvidenceReader {
        states,
        validity: &validity,
        suspicion: &Suspicion::of_all(states.advocacy, &validity, as_of)?,
        lookup: &PersonLookup::of_all(&persons),
        as_of,
        roster: Roster::new(Arc::clone(&persons)),
        shared: Vec::new(),
        row_owners: Vec::new(),
        persons: Vec::new(),
    };
    reader.streams(model, visitor)?;
    reader.shared_pieces(visitor)?;
    Ok(reader.roster)
}

impl EvidenceReader<'_> {
    fn streams<A: EvidenceVisitor>(
        &mut self,
        model: &Model,
        visitor: &mut A,
    ) -> Result<(), StateError> {
        let mut themes = self.themes(model)?.into_iter().peekable();
        let mut stream: Arc<str> = "".into();
        let mut rows: Vec<StreamRow<i32>> = Vec::new();
        let (state, validity) = (self.states.advocacy, self.validity);
        let known = ROWS.all().known_at(validity.known_at());
        known.each(state, |entry| {
            let [name] = entry.texts;
            if *name != *stream {
                self.stream(&stream, &rows, visitor)?;
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
                if let Some((_, signs)) = themes.next_if(|(key, _)| &**key == own) {
                    hits = signs;
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
        self.stream(&stream, &rows, visitor)
    }

    /// Returns the themes of all known words; rows without themes are left out.
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

    fn stream<A: EvidenceVisitor>(
        &mut self,
        stream: &Arc<str>,
        rows: &[StreamRow<i32>],
        visitor: &mut A,
    ) -> Result<(), StateError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.assign_rows::<A>(stream, rows, visitor)?;
        let undo = UndoLookup {
            states: self.states,
            validity: self.validity,
            as_of: self.as_of,
        };
        let Self {
            row_owners,
            persons,
            shared,
            suspicion,
            ..
        } = self;
        pieces(
            stream,
            rows,
            suspicion,
            undo,
            |evidence: RowEvidence<'_, i32>| {
                let Some(owners) = row_owners
                    .get(evidence.place)
                    .filter(|it| it.belongs_to_somebody)
                else {
                    return;
                };
                let persons = persons.get(owners.persons.clone()).unwrap_or_default();
                let key = &evidence.row.key;
                if !evidence.fact.stands_alone() {
                    shared.push(SharedPiece {
                        key: key.clone(),
                        evidence: evidence.evidence,
                        value: evidence.value,
                        suspicion: evidence.suspicion,
                        fact: evidence.fact,
                        persons: persons.to_vec(),
                    });
                    return;
                }
                let piece = Piece {
                    key,
                    evidence: evidence.evidence,
                    value: evidence.value,
                    suspicion: evidence.suspicion,
                };
                visitor.piece(&piece, persons);
            },
        )
    }

    /// Resolves the owners of each row of a stream, and visits the rows that belong to somebody.
    fn assign_rows<A: EvidenceVisitor>(
        &mut self,
        stream: &str,
        rows: &[StreamRow<i32>],
        visitor: &mut A,
    ) -> Result<(), StateError> {
        self.row_owners.clear();
        self.persons.clear();
        let states = self.states.timeline.whose();
        let mut lookup = WhoseLookup::new(states, self.validity, self.lookup, self.as_of);
        // If the stream names an owner, the feedback itself belongs to somebody, and who it is may not matter.
        let names_owner = rows
            .iter()
            .any(|row| row.in_force && !row.row.owner_id.is_empty());
        for row in rows {
            let start = self.persons.len();
            let mut belongs_to_somebody = false;
            let bears = row.bears_on_persons();
            if bears && (A::NEEDS_PERSONS || !names_owner || !is_of_item(row)) {
                self.persons_of(stream, row, &mut lookup)?;
                belongs_to_somebody = self.persons.len() > start;
            } else if bears {
                belongs_to_somebody = true;
            }
            if A::NEEDS_PERSONS && belongs_to_somebody {
                let dealer_id = dealer_of(stream, &row.key, &row.row, &mut lookup)?;
                let persons = self.persons.get(start..).unwrap_or_default();
                visitor.row(&row.key, &row.row, &dealer_id, persons);
            }
            let persons = start..self.persons.len();
            self.row_owners.push(RowOwners {
                belongs_to_somebody,
                persons,
            });
        }
        Ok(())
    }

    /// Adds the persons of a row; several may hold a vehicle.
    fn persons_of(
        &mut self,
        stream: &str,
        row: &StreamRow<i32>,
        lookup: &mut WhoseLookup<'_>,
    ) -> Result<(), StateError> {
        // Most rows name an owner, which needs no look-up of holders.
        if let Some(id) = named_owner(stream, &row.row.owner_id) {
            self.persons.push(self.roster.number(id));
            return Ok(());
        }
        let mut holders = Vec::new();
        let (at, names) = (row.key.occurred_at, row.row.names());
        for claimant in lookup.of(stream, at, &names, Claim::AnyHolder)? {
            holders.push(self.roster.number(&claimant.person));
        }
        holders.sort_unstable();
        holders.dedup();
        self.persons.extend(holders);
        Ok(())
    }

    /// Visits the shared pieces that count for at least one person, with those persons.
    fn shared_pieces<A: EvidenceVisitor>(&mut self, visitor: &mut A) -> Result<(), StateError> {
        let mut shared = std::mem::take(&mut self.shared);
        // The sort is stable, so themes of one text stay in the order of the text.
        shared.sort_by(|a, b| a.key.cmp(&b.key));
        let of_persons = shared.iter().enumerate();
        let mut of_persons: Vec<(u32, usize)> = of_persons
            .flat_map(|(place, piece)| piece.persons.iter().map(move |person| (*person, place)))
            .collect();
        of_persons.sort_unstable();
        // The table is small and read many times.
        let same = Excerpt::of(self.states.vehicles, &[LINK_TABLE])?;
        let mut counting: Vec<(usize, u32)> = Vec::new();
        for of_person in of_persons.chunk_by(|(a, _), (b, _)| a == b) {
            let facts = of_person.iter().filter_map(|(_, place)| shared.get(*place));
            let facts: Vec<_> = facts
                .map(|piece| (&piece.fact, piece.key.position))
                .collect();
            let counts = count_once(&facts, |defect_id| {
                least_same(&same, self.validity, self.as_of, defect_id)
            })?;
            let counts = of_person.iter().zip(counts).filter(|(_, counts)| *counts);
            counting.extend(counts.map(|((person, place), _)| (*place, *person)));
        }
        counting.sort_unstable();
        for of_piece in counting.chunk_by(|(a, _), (b, _)| a == b) {
            let piece = of_piece.first().and_then(|(place, _)| shared.get(*place));
            let persons: Vec<u32> = of_piece.iter().map(|(_, person)| *person).collect();
            if let Some(piece) = piece {
                let piece = Piece {
                    key: &piece.key,
                    evidence: piece.evidence,
                    value: piece.value,
                    suspicion: piece.suspicion,
                };
                visitor.piece(&piece, &persons);
            }
        }
        Ok(())
    }
}
