//! The part of a timeline that a few touchpoints can have changed since an earlier answer, so that only that part is
//! compared. Whoever is not certain says so, and everything is compared.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::kind::Category;

use super::fold::cause;
use super::reader::Reader;
use super::rows::{NAMES, OWNERLESS};
use crate::fold::corrections::Relative;
use crate::fold::state::StateError;
use crate::person::{identity, ownership, vehicles_ever_named};
use crate::vehicles::odometer::{may_read, next_reading, readings_of_visit};
use crate::{HistoryKey, Recorded};

/// The most rows that are compared one by one.
const MAX_ROWS: usize = 4_096;
/// The most touchpoints that depend on the standing of one.
const MAX_RELATIVES: usize = 256;

/// Rows of one instant, and where they are found if they name no owner.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub keys: BTreeSet<HistoryKey>,
    pub streams: BTreeSet<String>,
    pub vins: BTreeSet<String>,
}

/// Rows by their instants.
pub(super) type Affected = BTreeMap<i64, Rows>;

/// Why the search for what is affected ends early.
enum Stop {
    /// More may be affected than can be told.
    Everything,
    State(StateError),
}

impl From<StateError> for Stop {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

/// Returns every row that may differ between the answer of `before` and that of `now`, which stands later, if these are
/// all touchpoints that bear on the timeline and were recorded, occurred or were revealed in between. `None` if it may be
/// any row.
pub(super) fn affected(
    before: &mut Reader<'_, '_>,
    now: &mut Reader<'_, '_>,
    touched: &[Recorded],
) -> Result<Option<Affected>, StateError> {
    let mut search = Search {
        before,
        now,
        found: Affected::new(),
        count: 0,
        streams: BTreeSet::new(),
    };
    for recorded in touched {
        match search.touched(recorded) {
            Ok(()) => {}
            Err(Stop::Everything) => return Ok(None),
            Err(Stop::State(error)) => return Err(error),
        }
    }
    Ok(Some(search.found))
}

struct Search<'r, 'b, 'w, 'n, 's> {
    before: &'r mut Reader<'b, 'w>,
    now: &'r mut Reader<'n, 's>,
    found: Affected,
    count: usize,
    /// Streams that were compared already.
    streams: BTreeSet<String>,
}

impl Search<'_, '_, '_, '_, '_> {
    fn touched(&mut self, recorded: &Recorded) -> Result<(), Stop> {
        let key = recorded.key();
        let is_new = recorded.position > self.before.query.known_at;
        // Who is which person and who holds which vehicle decides about any row.
        if decides_everything(recorded.kind.number)
            || is_new && self.now.validity.was_awaited(&key)?
        {
            return Err(Stop::Everything);
        }
        let touchpoint = &recorded.touchpoint;
        let subjects = touchpoint.subjects.as_ref();
        let vin = subjects.map_or("", |subjects| &*subjects.vin);
        self.add(&key, &recorded.stream, vin)?;
        for relative in self.relatives(&key.source, &key.id)? {
            if decides_everything(relative.kind) {
                return Err(Stop::Everything);
            }
            self.add(&relative.key, &relative.stream, &relative.vin)?;
            if may_read(relative.kind) {
                self.readings_after(&relative)?;
            }
        }
        if let Some((source, id)) = cause(touchpoint) {
            for relative in self.relatives(source, id)? {
                self.add(&relative.key, &relative.stream, &relative.vin)?;
            }
        }
        self.stream(&recorded.stream)?;
        if !vin.is_empty() && is_of(&recorded.stream, Category::Visit) {
            for reading in readings_of_visit(self.now.states.vehicles, &recorded.stream)? {
                self.reading_after(vin, &reading)?;
            }
        }
        Ok(())
    }

    fn relatives(&self, source: &str, id: &str) -> Result<Vec<Relative>, Stop> {
        let relatives = self.now.validity.relatives(source, id, MAX_RELATIVES)?;
        relatives.ok_or(Stop::Everything)
    }

    fn add(&mut self, key: &HistoryKey, stream: &str, vin: &str) -> Result<(), Stop> {
        let rows = self.found.entry(key.occurred_at).or_default();
        self.count += usize::from(rows.keys.insert(key.clone()));
        if !rows.streams.contains(stream) {
            rows.streams.insert(stream.to_owned());
        }
        if !vin.is_empty() && !rows.vins.contains(vin) {
            rows.vins.insert(vin.to_owned());
        }
        match self.count <= MAX_ROWS {
            true => Ok(()),
            false => Err(Stop::Everything),
        }
    }

    /// Adds every row of a one-matter stream, if they belong to somebody else now or are filled in otherwise.
    fn stream(&mut self, stream: &str) -> Result<(), Stop> {
        let is_one_matter = Category::of_stream(stream).is_some_and(Category::is_one_matter);
        if !is_one_matter || !self.streams.insert(stream.to_owned()) {
            return Ok(());
        }
        if self.before.whose.is_alike(&mut self.now.whose, stream)? {
            return Ok(());
        }
        let state = self.now.states.timeline;
        let mut keys = BTreeSet::new();
        NAMES.under(&[stream]).each(state, |entry| {
            keys.insert(entry.key()?);
            Ok(())
        })?;
        OWNERLESS.under(&[stream]).each(state, |entry| {
            keys.insert(entry.key()?);
            Ok(())
        })?;
        for key in keys {
            self.add(&key, stream, "")?;
        }
        Ok(())
    }

    /// Adds the readings whose previous reading may be that of a touchpoint.
    fn readings_after(&mut self, relative: &Relative) -> Result<(), Stop> {
        if !relative.vin.is_empty() {
            return self.reading_after(&relative.vin, &relative.key);
        }
        for vin in vehicles_ever_named(self.now.states.timeline, &relative.stream)? {
            self.reading_after(&vin, &relative.key)?;
        }
        Ok(())
    }

    /// Adds the reading of a car after this one, by what was known before and by what is known now.
    fn reading_after(&mut self, vin: &str, reading: &HistoryKey) -> Result<(), Stop> {
        let states = self.now.states;
        for validity in [self.before.validity, self.now.validity] {
            let next = next_reading(states.vehicles, states.timeline, validity, vin, reading)?;
            let Some(next) = next else { continue };
            if let Some(next) = self.now.validity.known(&next.source, &next.id)? {
                self.add(&next.key, &next.stream, &next.vin)?;
            }
        }
        Ok(())
    }
}

/// Whether touchpoints of a kind decide who is which person, or who holds which vehicle.
fn decides_everything(kind: u32) -> bool {
    identity::VIEW.names_kind(kind) || ownership::VIEW.names_kind(kind)
}

fn is_of(stream: &str, category: Category) -> bool {
    Category::of_stream(stream) == Some(category)
}
