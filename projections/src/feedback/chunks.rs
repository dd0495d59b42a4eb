//! Chunks of summaries by dealer and month, so that totals over all items read few rows. Particular items have none.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use prost::Message;
use prost::bytes::Bytes;

use super::rows::{CHUNKS, Chunk, LAST_CHUNKS, Place, SUMMARIES, damaged, decode};
use crate::fold::key::KeyWriter;
use crate::fold::state::{StateError, StateMap, StateRead};
use crate::obligation::{FirstReply, Names};

/// The number of names above which unused ones are dropped: more than the summaries of a chunk can use.
const NAMES: usize = 8 * SUMMARIES;

/// Moves the summary of an item into the chunk of its dealer and month, or removes it, and returns its place.
pub(super) fn place(
    state: &mut dyn StateMap,
    before: Option<&Place>,
    feedback_id: &str,
    summary: Option<(&FirstReply, &Names)>,
) -> Result<Option<Place>, StateError> {
    let target = summary.map(|(reply, names)| (names.text(reply.dealer), month(reply.start)));
    let stays = |place: &&Place| target == Some((place.dealer_id.as_str(), place.month));
    let place = match before.filter(stays) {
        Some(place) => Some(place.clone()),
        None => {
            if let Some(place) = before {
                let mut chunk = read(state, place)?;
                chunk.remove(feedback_id);
                write(state, place, chunk)?;
            }
            match target {
                Some((dealer_id, month)) => Some(with_room(state, dealer_id, month)?),
                None => None,
            }
        }
    };
    if let (Some(place), Some((summary, names))) = (&place, summary) {
        let mut chunk = read(state, place)?;
        chunk.put(feedback_id, summary, names);
        write(state, place, chunk)?;
    }
    Ok(place)
}

/// Returns the last chunk of a dealer and month, or a new one if that is full.
fn with_room(state: &mut dyn StateMap, dealer_id: &str, month: u64) -> Result<Place, StateError> {
    let key = KeyWriter::table(LAST_CHUNKS).text(dealer_id).number(month);
    let key = key.finish();
    let last = match state.get(&key)? {
        Some(bytes) => {
            let bytes = <[u8; 8]>::try_from(bytes.as_slice());
            u64::from_be_bytes(bytes.map_err(|_| damaged("the number of a chunk"))?)
        }
        None => 0,
    };
    let mut place = Place {
        dealer_id: dealer_id.to_owned(),
        month,
        chunk: last,
    };
    if read(state, &place)?.ids.len() >= SUMMARIES {
        place.chunk += 1;
        state.put(key, place.chunk.to_be_bytes().to_vec());
    }
    Ok(place)
}

/// Returns the months since the year 0, in UTC.
pub(super) fn month(instant: i64) -> u64 {
    let date = Timestamp::from_nanosecond(instant.into()).unwrap_or_default();
    let date = TimeZone::UTC.to_datetime(date);
    let months = i64::from(date.year()) * 12 + i64::from(date.month()) - 1;
    months.unsigned_abs()
}

fn key(place: &Place) -> Vec<u8> {
    KeyWriter::table(CHUNKS)
        .text(&place.dealer_id)
        .number(place.month)
        .number(place.chunk)
        .finish()
}

fn read(state: &dyn StateRead, place: &Place) -> Result<Chunk, StateError> {
    let bytes = state.get(&key(place))?;
    bytes.map_or_else(|| Ok(Chunk::default()), |bytes| Chunk::read(bytes.into()))
}

fn write(state: &mut dyn StateMap, place: &Place, mut chunk: Chunk) -> Result<(), StateError> {
    if chunk.ids.is_empty() {
        state.delete(&key(place));
        return Ok(());
    }
    if chunk.names.len() > NAMES {
        chunk.forget_names()?;
    }
    state.put(key(place), chunk.encode_to_vec());
    Ok(())
}

impl Chunk {
    /// Reads a chunk without copying its summaries.
    pub(super) fn read(bytes: Bytes) -> Result<Self, StateError> {
        let chunk = Self::decode(bytes).map_err(|error| damaged(&error.to_string()))?;
        if chunk.ids.len() == chunk.summaries.len() {
            Ok(chunk)
        } else {
            Err(damaged("a chunk has summaries without feedback"))
        }
    }

    fn at(&self, feedback_id: &str) -> Option<usize> {
        self.ids.iter().position(|id| *id == feedback_id)
    }

    fn remove(&mut self, feedback_id: &str) {
        if let Some(at) = self.at(feedback_id) {
            self.ids.remove(at);
            self.summaries.remove(at);
        }
    }

    fn put(&mut self, feedback_id: &str, summary: &FirstReply, names: &Names) {
        let mut own = Names(std::mem::take(&mut self.names));
        let summary = summary.renamed(names, &mut own).encode_to_vec().into();
        self.names = own.0;
        match self
            .at(feedback_id)
            .and_then(|at| self.summaries.get_mut(at))
        {
            Some(slot) => *slot = summary,
            None => {
                self.ids
                    .push(Bytes::copy_from_slice(feedback_id.as_bytes()));
                self.summaries.push(summary);
            }
        }
    }

    /// Drops unused names.
    fn forget_names(&mut self) -> Result<(), StateError> {
        let names = Names(std::mem::take(&mut self.names));
        let mut used = Names::default();
        for bytes in &mut self.summaries {
            let summary = decode::<FirstReply>(bytes)?.renamed(&names, &mut used);
            *bytes = summary.encode_to_vec().into();
        }
        self.names = used.0;
        Ok(())
    }
}
