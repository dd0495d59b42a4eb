//! The evidence of one person: that of every stream that names an id of the person or a vehicle the person held.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::kind::Category;
use ownerline_proto::time::Instant;

use super::background::{Background, BackgroundBuilder};
use super::facts::count_once;
use super::lexicon::ThemeHit;
use super::model::Model;
use super::rows::{ROWS, Row, WORDS};
use super::states::AdvocacyStates;
use super::stream::{Piece, pieces};
use super::stream_row::StreamRow;
use super::suspicion::Suspicion;
use super::undone::UndoLookup;
use crate::fold::state::{StateError, StateRead};
use crate::person::identity::IdentityError;
use crate::person::ownership::held_by;
use crate::person::{Claim, Names, PersonLookup, Whose};
use crate::timeline::{streams_of_owner, streams_of_vehicle};
use crate::vehicles::same_defect::least_same;
use crate::{HistoryKey, Position, Validity};

/// The evidence and the background of one person.
pub(super) struct Person {
    /// In history order, each with the id of the person that it belongs to.
    pub pieces: Vec<(Piece, String)>,
    pub background: Background,
}

/// Whether streams of this category may hold evidence; streams of owners are handled separately.
pub(super) fn holds_evidence(category: Category) -> bool {
    matches!(
        category,
        Category::Feedback | Category::Case | Category::Visit
    )
}

struct Reader<'a, 's> {
    states: AdvocacyStates<'s>,
    ids: &'a BTreeSet<String>,
    /// The vehicles that the person held.
    vehicles: BTreeSet<String>,
}

/// Reads the evidence of the person with these ids.
pub(super) fn read(
    states: AdvocacyStates<'_>,
    validity: &Validity<'_>,
    ids: &BTreeSet<String>,
    as_of: Instant,
    model: &Model,
) -> Result<Person, IdentityError> {
    let persons = PersonLookup::new(states.timeline.identity, validity);
    let holdings = held_by(states.timeline.ownership, validity, &persons, ids, as_of)?;
    let reader = Reader {
        states,
        ids,
        vehicles: holdings.into_keys().collect(),
    };
    let mut whose = Whose::new(states.timeline.whose(), validity, &persons, as_of);
    let suspicion = Suspicion::of_few(states.advocacy, validity, as_of);
    let undo = UndoLookup {
        states,
        validity,
        as_of,
    };
    let mut background = BackgroundBuilder::default();
    let mut owner_of: BTreeMap<Position, String> = BTreeMap::new();
    let mut evidence = Vec::new();
    for stream in reader.streams()? {
        let rows = read_stream(states.advocacy, validity, &stream, as_of, model)?;
        if rows.is_empty() {
            continue;
        }
        let mut any = false;
        for row in rows.iter().filter(|row| row.bears_on_persons()) {
            if let Some(owner_id) = reader.owner_of_row(&stream, row, &mut whose)? {
                let dealer_id = dealer_of(&stream, &row.key, &row.row, &mut whose)?;
                background.add(&row.key, &row.row, &dealer_id);
                owner_of.insert(row.key.position, owner_id);
                any = true;
            }
        }
        if any {
            pieces(&stream, &rows, &suspicion, undo, |piece| {
                if owner_of.contains_key(&piece.row.key.position) {
                    evidence.push(Piece::of(piece));
                }
            })?;
        }
    }
    evidence.sort_by(|a, b| a.key.cmp(&b.key));
    let facts = evidence.iter();
    let facts: Vec<_> = facts
        .map(|piece| (&piece.fact, piece.key.position))
        .collect();
    let counts = count_once(&facts, |defect_id| {
        least_same(states.vehicles, validity, as_of, defect_id)
    })?;
    let evidence = evidence.into_iter().zip(counts);
    let with_owner = |piece: Piece| {
        let owner_id = owner_of.get(&piece.key.position).cloned();
        (piece, owner_id.unwrap_or_default())
    };
    Ok(Person {
        pieces: evidence
            .filter_map(|(piece, counts)| counts.then(|| with_owner(piece)))
            .collect(),
        background: background.finish(),
    })
}

impl Reader<'_, '_> {
    /// Returns every stream that may hold evidence of the person.
    fn streams(&self) -> Result<BTreeSet<String>, StateError> {
        let state = self.states.timeline.timeline;
        let mut streams = BTreeSet::new();
        for id in self.ids {
            streams.extend(streams_of_owner(state, id)?);
        }
        for vin in &self.vehicles {
            streams.extend(streams_of_vehicle(state, vin)?);
        }
        streams.retain(|stream| Category::of_stream(stream).is_some_and(holds_evidence));
        streams.extend(self.ids.iter().map(|id| format!("owner-{id}")));
        Ok(streams)
    }

    /// Returns the id of the person that a row belongs to; `None` if it belongs to another person.
    fn owner_of_row(
        &self,
        stream: &str,
        row: &StreamRow<ThemeHit>,
        whose: &mut Whose<'_>,
    ) -> Result<Option<String>, StateError> {
        let names = row.row.names();
        let at = row.key.occurred_at;
        let claimants = whose.of(stream, at, &names, Claim::AnyHolder)?;
        let mut own = claimants
            .into_iter()
            .filter(|claimant| self.ids.contains(&claimant.person));
        Ok(own.next().map(|claimant| claimant.owner_id))
    }
}

impl Row {
    /// The subjects that its touchpoint names.
    pub(super) fn names(&self) -> Names {
        Names {
            owner_id: self.owner_id.clone(),
            vin: self.vin.clone(),
            dealer_id: self.dealer_id.clone(),
            ..Names::default()
        }
    }
}

/// Returns the dealer of a row: as named, or filled in from its stream if that is of one matter.
pub(super) fn dealer_of(
    stream: &str,
    key: &HistoryKey,
    row: &Row,
    whose: &mut Whose<'_>,
) -> Result<String, StateError> {
    if !row.dealer_id.is_empty() {
        return Ok(row.dealer_id.clone());
    }
    let filled = whose.filled().fill(stream, key.occurred_at, row.names())?;
    Ok(filled.dealer_id)
}

/// Returns the rows of a stream that are known and have occurred, in history order.
fn read_stream(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    stream: &str,
    as_of: Instant,
    model: &Model,
) -> Result<Vec<StreamRow<ThemeHit>>, StateError> {
    let mut rows = Vec::new();
    let mut has_words = false;
    let known = ROWS.up_to([stream], as_of).known_at(validity.known_at());
    known.each(state, |entry| {
        let key = entry.key()?;
        let row = entry.inherited(validity, &key)?;
        has_words |= row.words;
        rows.push(StreamRow {
            in_force: validity.counts(&key)?,
            hits: Vec::new(),
            key,
            row,
        });
        Ok(())
    })?;
    if has_words {
        let mut rows = rows.iter_mut();
        let words = WORDS.up_to([stream], as_of).known_at(validity.known_at());
        words.each(state, |entry| {
            let position = entry.position()?;
            // Both tables have the same order.
            if let Some(row) = rows.find(|row| row.key.position == position)
                && row.in_force
            {
                row.hits = model.lexicon.hits(entry.text()?);
            }
            Ok(())
        })?;
    }
    Ok(rows)
}
