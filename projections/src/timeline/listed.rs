//! Lists the ownerless rows of a matter, in time order, under every owner and vehicle ever named in its stream, so that
//! one scan for each id finds the next ones of all streams. To whom they belong is decided by each query.
//!
//! A name that comes after ownerless rows gets the earlier ones, too, so that the order of arrival does not matter. What
//! one touchpoint may cost is bounded: a stream lists its rows under the first [`MAX_NAMES`] names, and under none that
//! would get more than [`MAX_EARLIER`] at once. Under all other names the stream itself is noted, and a query reads it.

use std::ops::ControlFlow;

use prost::Message;

use super::rows::{
    NAMES, OWNER_LISTED, OWNER_STREAMS, OWNERLESS, Row, VEHICLE_LISTED, VEHICLE_STREAMS,
};
use crate::fold::key::KeyWriter;
use crate::fold::state::{StateError, StateMap, StateRead};

/// The most names under which the rows of one stream are listed. Most streams name one owner and one vehicle.
const MAX_NAMES: usize = 8;
/// The most earlier rows that a new name gets.
const MAX_EARLIER: usize = 1_000;

/// The table of [`ListedNames`], by stream.
const TABLE: u8 = b'l';

/// The names that a touchpoint of a stream may be found by; empty if it names none.
#[derive(Debug, Clone, Copy)]
pub(super) struct FoundBy<'n> {
    pub(super) owner_id: &'n str,
    pub(super) vin: &'n str,
}

/// The names of a stream that has ownerless rows.
#[derive(Clone, PartialEq, Message)]
struct ListedNames {
    #[prost(message, repeated, tag = "1")]
    names: Vec<ListedName>,
}

#[derive(Clone, PartialEq, Message)]
struct ListedName {
    #[prost(string, tag = "1")]
    text: String,
    #[prost(bool, tag = "2")]
    is_vehicle: bool,
    /// Its rows are not listed: there were too many.
    #[prost(bool, tag = "3")]
    unlisted: bool,
}

/// Keeps the lists of a one-matter stream complete, before a touchpoint is added to the other tables. `row` is the
/// [listed row](Row::listed) of an ownerless touchpoint.
pub(super) fn keep_listed(
    state: &mut dyn StateMap,
    stream: &str,
    named: FoundBy<'_>,
    tail: &[u8],
    row: Option<&Row>,
) -> Result<(), StateError> {
    let known = read(state, stream)?;
    let has_rows = known.is_some();
    let mut names = match (known, row) {
        (Some(names), _) => names,
        (None, None) => return Ok(()),
        (None, Some(_)) => ListedNames::named_so_far(state, stream)?,
    };
    let before = names.names.len();
    for name in named.names() {
        names.add(state, stream, name, has_rows)?;
    }
    if !has_rows || names.names.len() > before {
        let key = KeyWriter::table(TABLE).text(stream).finish();
        state.put(key, names.encode_to_vec());
    }
    if let Some(row) = row {
        for name in &names.names {
            name.list(state, tail, row);
        }
    }
    Ok(())
}

fn read(state: &dyn StateRead, stream: &str) -> Result<Option<ListedNames>, StateError> {
    let bytes = state.get(&KeyWriter::table(TABLE).text(stream).finish())?;
    let names = bytes.map(|bytes| ListedNames::decode(&*bytes)).transpose();
    names.map_err(|error| StateError::Damaged {
        reason: format!("listed names of {stream}: {error}"),
    })
}

impl FoundBy<'_> {
    fn names(self) -> impl Iterator<Item = ListedName> {
        let names = [(self.owner_id, false), (self.vin, true)];
        let names = names.map(|(text, is_vehicle)| {
            (!text.is_empty()).then(|| ListedName {
                text: text.to_owned(),
                is_vehicle,
                unlisted: false,
            })
        });
        names.into_iter().flatten()
    }
}

impl ListedNames {
    /// The names in the touchpoints of a stream that has no ownerless row yet.
    fn named_so_far(state: &mut dyn StateMap, stream: &str) -> Result<Self, StateError> {
        let mut found = Vec::new();
        NAMES.under(&[stream]).each(state, |entry| {
            let named = entry.row()?;
            let named = FoundBy {
                owner_id: &named.owner_id,
                vin: &named.vin,
            };
            for name in named.names() {
                if !found.contains(&name) {
                    found.push(name);
                }
            }
            Ok(())
        })?;
        let mut names = Self::default();
        for name in found {
            names.add(state, stream, name, false)?;
        }
        Ok(names)
    }

    /// Adds a name and lists the earlier ownerless rows of the stream under it, if there are any.
    fn add(
        &mut self,
        state: &mut dyn StateMap,
        stream: &str,
        mut name: ListedName,
        has_rows: bool,
    ) -> Result<(), StateError> {
        let mut known = self.names.iter();
        if known.any(|it| it.is_vehicle == name.is_vehicle && it.text == name.text) {
            return Ok(());
        }
        if self.names.len() >= MAX_NAMES {
            name.note_stream(state, stream);
            return Ok(());
        }
        let earlier = match has_rows {
            true => earlier_rows(state, stream)?,
            false => Some(Vec::new()),
        };
        match earlier {
            Some(rows) => {
                for (tail, row) in rows {
                    name.list(state, &tail, &row);
                }
            }
            None => {
                name.unlisted = true;
                name.note_stream(state, stream);
            }
        }
        self.names.push(name);
        Ok(())
    }
}

impl ListedName {
    fn list(&self, state: &mut dyn StateMap, tail: &[u8], row: &Row) {
        let tables = match self.is_vehicle {
            true => &VEHICLE_LISTED,
            false => &OWNER_LISTED,
        };
        let table = match row.is_passing() {
            true => &tables.passing,
            false => &tables.lasting,
        };
        if !self.unlisted {
            table.put(state, [&self.text], tail, row);
        }
    }

    fn note_stream(&self, state: &mut dyn StateMap, stream: &str) {
        let table = match self.is_vehicle {
            true => VEHICLE_STREAMS,
            false => OWNER_STREAMS,
        };
        table.put(state, &self.text, stream);
    }
}

/// An encoded history key, and the [listed row](Row::listed) under it.
type EarlierRow = (Vec<u8>, Row);

/// The ownerless rows of a stream with their encoded history keys; `None` if there are too many.
fn earlier_rows(
    state: &dyn StateRead,
    stream: &str,
) -> Result<Option<Vec<EarlierRow>>, StateError> {
    let mut rows = Vec::new();
    OWNERLESS.under(&[stream]).until_break(state, |entry| {
        let row = entry.row()?.listed(stream);
        rows.push((entry.tail().to_vec(), row));
        Ok(match rows.len() > MAX_EARLIER {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        })
    })?;
    Ok((rows.len() <= MAX_EARLIER).then_some(rows))
}
