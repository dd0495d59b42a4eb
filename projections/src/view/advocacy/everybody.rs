//! The evidence of everybody, read once: what the means and the distribution are made of.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::defects::{keep_repeats, least_same};
use super::lexicon::ThemeHit;
use super::model::{Evidence, Model};
use super::person::{dealer_of, hits};
use super::query::AdvocacyStates;
use super::rows::{ROWS, Row, WORDS, decode};
use super::stream::{Piece, StreamRow, pieces};
use super::suspicion::Suspicion;
use crate::key::{KeyReader, position_of};
use crate::state::{ScanOrder, StateError, try_scan};
use crate::view::identity::persons;
use crate::view::ownership::holders;
use crate::view::timeline::{Horizon, Matters};
use crate::{HistoryKey, Validity};

/// What hears the evidence of everybody.
pub(super) trait Audience {
    /// Whether it wants [`Self::row`]s at all.
    const ROWS: bool;

    /// A row in force, and whose it is: each person by the least of their ids.
    fn row(&mut self, key: &HistoryKey, row: &Row, dealer_id: &str, persons: &[String]);

    /// A piece of evidence and whose it is; never nobody's. Stream by stream, in the order of their names.
    fn piece(&mut self, piece: Piece, persons: &[String]);
}

/// What the words of a row are about, and the key of the row behind its table byte.
type Themes = (Vec<u8>, Vec<ThemeHit>);

/// One question about everybody.
pub(super) struct Reading<'s> {
    states: AdvocacyStates<'s>,
    validity: Validity<'s>,
    horizon: Horizon,
    as_of: i64,
    /// Id to the least id of the same person, where there are several.
    persons: BTreeMap<String, String>,
}

impl<'s> Reading<'s> {
    pub(super) fn new(
        states: AdvocacyStates<'s>,
        known_at: u64,
        as_of: i64,
    ) -> Result<Self, StateError> {
        let validity = Validity::for_all(states.timeline.corrections, known_at)?;
        let persons = persons(states.timeline.identity, &validity, as_of)?;
        Ok(Self {
            states,
            validity,
            horizon: Horizon::default(),
            as_of,
            persons,
        })
    }

    /// Reads all evidence once.
    pub(super) fn read<A: Audience>(
        &self,
        model: &Model,
        audience: &mut A,
    ) -> Result<(), StateError> {
        let suspicion = Suspicion::of_all(self.states.advocacy, &self.validity, self.as_of)?;
        let mut themes = self.themes(model)?.into_iter().peekable();
        let mut reports: Vec<(Piece, Vec<String>)> = Vec::new();
        let mut stream: Arc<str> = "".into();
        let mut rows: Vec<StreamRow> = Vec::new();
        let (start, end): (&[u8], &[u8]) = (&[ROWS], &[ROWS + 1]);
        try_scan(
            self.states.advocacy,
            start..end,
            ScanOrder::Ascending,
            |raw, value| {
                if position_of(raw)? > self.validity.known_at() {
                    return Ok(ControlFlow::Continue(()));
                }
                let mut reader = KeyReader::table(raw, ROWS)?;
                let name = reader.text()?;
                if *name != *stream {
                    let rows = std::mem::take(&mut rows);
                    self.stream(&stream, rows, &suspicion, audience, &mut reports)?;
                    stream = name.into();
                }
                let key = reader.history()?;
                if key.occurred_at > self.as_of {
                    return Ok(ControlFlow::Continue(()));
                }
                let row = decode(value)?;
                let mut hits = Vec::new();
                if row.words {
                    let own = raw.get(1..).unwrap_or_default();
                    while themes.next_if(|(key, _)| &**key < own).is_some() {}
                    if let Some((_, found)) = themes.next_if(|(key, _)| &**key == own) {
                        hits = found;
                    }
                }
                rows.push(StreamRow {
                    in_force: self.validity.counts(&key)?,
                    key,
                    row,
                    hits,
                });
                Ok(ControlFlow::Continue(()))
            },
        )?;
        self.stream(&stream, rows, &suspicion, audience, &mut reports)?;
        self.repeats(reports, audience)
    }

    /// What all words are about that are known and in force; those about nothing are left out.
    fn themes(&self, model: &Model) -> Result<Vec<Themes>, StateError> {
        let mut themes = Vec::new();
        let (start, end): (&[u8], &[u8]) = (&[WORDS], &[WORDS + 1]);
        try_scan(
            self.states.advocacy,
            start..end,
            ScanOrder::Ascending,
            |key, text| {
                if position_of(key)? <= self.validity.known_at() {
                    let hits = hits(model, text)?;
                    if !hits.is_empty() {
                        themes.push((key.get(1..).unwrap_or_default().to_vec(), hits));
                    }
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;
        Ok(themes)
    }

    fn stream<A: Audience>(
        &self,
        stream: &Arc<str>,
        rows: Vec<StreamRow>,
        suspicion: &Suspicion<'_>,
        audience: &mut A,
        reports: &mut Vec<(Piece, Vec<String>)>,
    ) -> Result<(), StateError> {
        if rows.is_empty() {
            return Ok(());
        }
        let state = self.states.timeline.timeline;
        let mut matters = Matters::new(state, &self.validity, &self.horizon, self.as_of);
        let mut whose: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for it in rows.iter().filter(|it| it.in_force) {
            let persons = self.persons_of(stream, it, &mut matters)?;
            if A::ROWS && !persons.is_empty() {
                let dealer_id = dealer_of(stream, &it.row, &mut matters)?;
                audience.row(&it.key, &it.row, &dealer_id, &persons);
            }
            whose.insert(it.key.position, persons);
        }
        for piece in pieces(stream, rows, suspicion)? {
            let persons = whose.get(&piece.key.position);
            let persons = persons.map(Vec::as_slice).unwrap_or_default();
            if persons.is_empty() {
                continue;
            }
            if piece.evidence == Evidence::DefectRepeated {
                reports.push((piece, persons.to_vec()));
            } else {
                audience.piece(piece, persons);
            }
        }
        Ok(())
    }

    /// Whose a row is; several may hold a vehicle.
    fn persons_of(
        &self,
        stream: &str,
        it: &StreamRow,
        matters: &mut Matters<'_>,
    ) -> Result<Vec<String>, StateError> {
        let person = |id: &str| self.persons.get(id).map_or(id, String::as_str).to_owned();
        if let Some(id) = stream.strip_prefix("owner-") {
            return Ok(vec![person(id)]);
        }
        if !it.row.owner_id.is_empty() {
            return Ok(vec![person(&it.row.owner_id)]);
        }
        let names = matters.names(stream)?;
        if !names.owner_id.is_empty() {
            return Ok(vec![person(&names.owner_id)]);
        }
        let vin = match it.row.vin.as_str() {
            "" => &names.vin,
            vin => vin,
        };
        if vin.is_empty() {
            return Ok(Vec::new());
        }
        let (state, at) = (self.states.timeline.ownership, it.key.occurred_at);
        let holders = holders(state, &self.validity, vin, at)?;
        let holders: BTreeSet<String> = holders.iter().map(|(_, id)| person(id)).collect();
        Ok(holders.into_iter().collect())
    }

    /// Tells those reports of defects that are repeats for somebody.
    fn repeats<A: Audience>(
        &self,
        mut reports: Vec<(Piece, Vec<String>)>,
        audience: &mut A,
    ) -> Result<(), StateError> {
        reports.sort_by(|(a, _), (b, _)| a.key.cmp(&b.key));
        let mut of_person: BTreeMap<&str, Vec<Piece>> = BTreeMap::new();
        for (piece, persons) in &reports {
            for person in persons {
                of_person.entry(person).or_default().push(piece.clone());
            }
        }
        let mut repeated: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for (person, mut pieces) in of_person {
            keep_repeats(&mut pieces, |defect_id| {
                least_same(self.states.advocacy, &self.validity, self.as_of, defect_id)
            })?;
            for piece in pieces {
                let persons = repeated.entry(piece.key.position).or_default();
                persons.push(person.to_owned());
            }
        }
        for (piece, _) in reports {
            if let Some(persons) = repeated.get(&piece.key.position) {
                audience.piece(piece, persons);
            }
        }
        Ok(())
    }
}
