//! The evidence of one person: of every stream that names an id of theirs, or a vehicle they held.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::kind::Category;
use ownerline_proto::time::Instant;

use super::background::{Background, Told};
use super::defects::least_same;
use super::facts::counted;
use super::lexicon::ThemeHit;
use super::model::Model;
use super::rows::{ROWS, Row, WORDS};
use super::states::AdvocacyStates;
use super::stream::{Piece, pieces};
use super::stream_row::StreamRow;
use super::suspicion::Suspicion;
use super::undone::Undone;
use crate::fold::state::{StateError, StateRead};
use crate::person::identity::IdentityError;
use crate::person::ownership::held_by;
use crate::person::{Claim, Names, PersonLookup, Whose};
use crate::timeline::{streams_of_owner, streams_of_vehicle};
use crate::{HistoryKey, Validity};

/// What is known of one person.
pub(super) struct Person {
    /// In history order, each with the id it belongs to.
    pub pieces: Vec<(Piece, String)>,
    pub background: Background,
}

/// Whether a stream of this name may hold evidence besides an owner's own.
pub(super) fn holds_evidence(category: Category) -> bool {
    matches!(
        category,
        Category::Feedback | Category::Case | Category::Visit
    )
}

struct Reader<'a, 's> {
    states: AdvocacyStates<'s>,
    ids: &'a BTreeSet<String>,
    /// The vehicles that they held.
    vehicles: BTreeSet<String>,
}

/// Reads it, for the ids of one person.
pub(super) fn read(
    states: AdvocacyStates<'_>,
    validity: &Validity<'_>,
    ids: &BTreeSet<String>,
    as_of: Instant,
    model: &Model,
) -> Result<Person, IdentityError> {
    let persons = PersonLookup::new(states.timeline.identity, validity);
    let held = held_by(states.timeline.ownership, validity, &persons, ids, as_of)?;
    let reader = Reader {
        states,
        ids,
        vehicles: held.into_keys().collect(),
    };
    let mut whose = Whose::new(states.timeline.whose(), validity, &persons, as_of);
    let suspicion = Suspicion::of_few(states.advocacy, validity, as_of);
    let undone = Undone {
        states,
        validity,
        as_of,
    };
    let mut told = Told::default();
    let mut owner_of: BTreeMap<u64, String> = BTreeMap::new();
    let mut found = Vec::new();
    for stream in reader.streams()? {
        let rows = read_stream(states.advocacy, validity, &stream, as_of, model)?;
        if rows.is_empty() {
            continue;
        }
        let mut any = false;
        for it in rows.iter().filter(|it| it.bears_on_persons()) {
            if let Some(owner_id) = reader.belongs_to(&stream, it, &mut whose)? {
                let dealer_id = dealer_of(&stream, &it.key, &it.row, &mut whose)?;
                told.take(&it.key, &it.row, &dealer_id);
                owner_of.insert(it.key.position, owner_id);
                any = true;
            }
        }
        if any {
            pieces(&stream, &rows, &suspicion, undone, |piece| {
                if owner_of.contains_key(&piece.row.key.position) {
                    found.push(Piece::of(piece));
                }
            })?;
        }
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
    let tellings: Vec<_> = found.iter().map(|it| (&it.fact, it.key.position)).collect();
    let counts = counted(&tellings, |defect_id| {
        least_same(states.advocacy, validity, as_of, defect_id)
    })?;
    let found = found.into_iter().zip(counts);
    let named = |piece: Piece| {
        let owner_id = owner_of.get(&piece.key.position).cloned();
        (piece, owner_id.unwrap_or_default())
    };
    Ok(Person {
        pieces: found
            .filter_map(|(piece, counts)| counts.then(|| named(piece)))
            .collect(),
        background: told.finish(),
    })
}

impl Reader<'_, '_> {
    /// Every stream in which there may be evidence of theirs.
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

    /// The id of the person that a row belongs to, if it is theirs.
    fn belongs_to(
        &self,
        stream: &str,
        it: &StreamRow<ThemeHit>,
        whose: &mut Whose<'_>,
    ) -> Result<Option<String>, StateError> {
        let names = it.row.names();
        let at = it.key.occurred_at;
        let claimants = whose.of(stream, at, &names, Claim::AnyHolder)?;
        let mut own = claimants
            .into_iter()
            .filter(|it| self.ids.contains(&it.person));
        Ok(own.next().map(|it| it.owner_id))
    }
}

impl Row {
    /// Whom its touchpoint names.
    pub(super) fn names(&self) -> Names {
        Names {
            owner_id: self.owner_id.clone(),
            vin: self.vin.clone(),
            dealer_id: self.dealer_id.clone(),
            ..Names::default()
        }
    }
}

/// The dealer of a row: as named, or of its stream if that is of one matter.
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

/// The rows of a stream that are known and have occurred, in history order.
fn read_stream(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    stream: &str,
    as_of: Instant,
    model: &Model,
) -> Result<Vec<StreamRow<ThemeHit>>, StateError> {
    let mut rows = Vec::new();
    let mut worded = false;
    let known = ROWS.up_to([stream], as_of).known_at(validity.known_at());
    known.each(state, |entry| {
        let key = entry.key()?;
        let row = entry.inherited(validity, &key)?;
        worded |= row.words;
        rows.push(StreamRow {
            in_force: validity.counts(&key)?,
            hits: Vec::new(),
            key,
            row,
        });
        Ok(())
    })?;
    if worded {
        let mut rows = rows.iter_mut();
        let words = WORDS.up_to([stream], as_of).known_at(validity.known_at());
        words.each(state, |entry| {
            let position = entry.position()?;
            // Both tables are in one order.
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
