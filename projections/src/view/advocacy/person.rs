//! The evidence of one person: of every stream that names an id of theirs, or a vehicle they held.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use ownerline_proto::kind::Category;
use ownerline_proto::time::Instant;

use super::background::{Background, Told};
use super::defects::least_same;
use super::facts::counted;
use super::lexicon::ThemeHit;
use super::model::Model;
use super::query::AdvocacyStates;
use super::rows::{ROWS, Row, WORDS, decode};
use super::stream::{Piece, StreamRow, pieces};
use super::suspicion::Suspicion;
use super::undone::Undone;
use crate::Validity;
use crate::key::{KeyReader, KeyWriter, position_of, prefix_end};
use crate::state::{ScanOrder, StateError, StateRead, try_scan};
use crate::view::identity::IdentityError;
use crate::view::ownership::{Holding, held_by};
use crate::view::timeline::{Horizon, Matters, streams_of_owner, streams_of_vehicle};

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
    held: BTreeMap<String, Vec<Holding>>,
}

/// Reads it, for the ids of one person.
pub(super) fn read(
    states: AdvocacyStates<'_>,
    validity: &Validity<'_>,
    ids: &BTreeSet<String>,
    as_of: Instant,
    model: &Model,
) -> Result<Person, IdentityError> {
    let reader = Reader {
        states,
        ids,
        held: held_by(states.timeline.ownership, validity, ids, as_of)?,
    };
    let horizon = Horizon::default();
    let mut matters = Matters::new(states.timeline.timeline, validity, &horizon, as_of);
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
            if let Some(owner_id) = reader.belongs_to(&stream, it, &mut matters)? {
                let dealer_id = dealer_of(&stream, &it.row, &mut matters)?;
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
        for vin in self.held.keys() {
            streams.extend(streams_of_vehicle(state, vin)?);
        }
        streams.retain(|stream| Category::of_stream(stream).is_some_and(holds_evidence));
        streams.extend(self.ids.iter().map(|id| format!("owner-{id}")));
        Ok(streams)
    }

    /// The id of the person that a row belongs to: as named, or of its stream, or that held its vehicle when
    /// it occurred.
    fn belongs_to(
        &self,
        stream: &str,
        it: &StreamRow<ThemeHit>,
        matters: &mut Matters<'_>,
    ) -> Result<Option<String>, StateError> {
        let own = |id: &str| self.ids.contains(id).then(|| id.to_owned());
        if let Some(id) = stream.strip_prefix("owner-") {
            return Ok(own(id));
        }
        if !it.row.owner_id.is_empty() {
            return Ok(own(&it.row.owner_id));
        }
        let names = matters.names(stream)?;
        if !names.owner_id.is_empty() {
            return Ok(own(&names.owner_id));
        }
        let vin = match it.row.vin.as_str() {
            "" => &names.vin,
            vin => vin,
        };
        let held = self.held.get(vin).into_iter().flatten();
        let then = held.filter(|holding| holding.includes(it.key.occurred_at));
        let first = then.min_by_key(|holding| (holding.held_as, &holding.owner_id));
        Ok(first.map(|holding| holding.owner_id.clone()))
    }
}

/// The dealer of a row: as named, or of its stream if that is of one matter.
pub(super) fn dealer_of(
    stream: &str,
    row: &Row,
    matters: &mut Matters<'_>,
) -> Result<String, StateError> {
    if !row.dealer_id.is_empty() || stream.starts_with("owner-") {
        return Ok(row.dealer_id.clone());
    }
    Ok(matters.names(stream)?.dealer_id.clone())
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
    scan(state, ROWS, stream, as_of, |key, value| {
        if position_of(key)? <= validity.known_at() {
            let mut reader = KeyReader::table(key, ROWS)?;
            reader.text()?;
            let key = reader.history()?;
            let row = decode(value)?;
            worded |= row.words;
            rows.push(StreamRow {
                in_force: validity.counts(&key)?,
                hits: Vec::new(),
                key,
                row,
            });
        }
        Ok(())
    })?;
    if worded {
        let mut rows = rows.iter_mut();
        scan(state, WORDS, stream, as_of, |key, text| {
            let position = position_of(key)?;
            // Both tables are in one order.
            if position <= validity.known_at()
                && let Some(row) = rows.find(|row| row.key.position == position)
                && row.in_force
            {
                row.hits = model.lexicon.hits(words(text)?);
            }
            Ok(())
        })?;
    }
    Ok(rows)
}

/// The words of a row.
pub(super) fn words(text: &[u8]) -> Result<&str, StateError> {
    std::str::from_utf8(text).map_err(|_| StateError::Damaged {
        reason: "row of advocacy: words are not UTF-8".to_owned(),
    })
}

fn scan(
    state: &dyn StateRead,
    table: u8,
    stream: &str,
    as_of: Instant,
    mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), StateError>,
) -> Result<(), StateError> {
    let start = KeyWriter::table(table).text(stream);
    let end = match as_of.nearest().checked_add(1) {
        Some(behind) => start.clone().instant(behind).finish(),
        None => prefix_end(&start.clone().finish()),
    };
    let range = &*start.finish()..&*end;
    try_scan(state, range, ScanOrder::Ascending, |key, value| {
        visit(key, value)?;
        Ok(ControlFlow::Continue(()))
    })
}
