//! View `bookings`: who booked work at a workshop when, as it was and as it was known.
//!
//! | table | key | value |
//! |---|---|---|
//! | `v` | visit, history key | `Row`: the person a touchpoint of the visit names, and whether it books |
//! | `o` | owner, visit | empty: a touchpoint of the visit names this person |
//!
//! A booking that names nobody belongs to whom the visit names first, in history order. What names only a
//! vehicle belongs to nobody here. A cancelled appointment was booked all the same.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use ownerline_proto::kind::Category;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use crate::key::{KeyReader, KeyWriter, prefix_end};
use crate::state::{ScanOrder, StateError, StateMap, StateRead, try_scan};
use crate::view::{FoldError, View, history_tail};
use crate::{Recorded, Validity};

const VISITS: u8 = b'v';
const OWNERS: u8 = b'o';

/// The fold of bookings. See the [module documentation](self).
#[derive(Debug, Clone, Copy, Default)]
pub struct Bookings;

impl Bookings {
    /// The name of the view.
    pub const NAME: &'static str = "bookings";
}

/// A touchpoint of a visit.
#[derive(Clone, PartialEq, Eq, Message)]
struct Row {
    #[prost(string, tag = "1")]
    owner_id: String,
    #[prost(bool, tag = "2")]
    books: bool,
}

impl View for Bookings {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> u32 {
        2
    }

    fn apply(&self, recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
        let Some((category, visit_id)) = recorded.stream.split_once('-') else {
            return Ok(());
        };
        if Category::from_name(category) != Some(Category::Visit) {
            return Ok(());
        }
        let touchpoint = &recorded.touchpoint;
        let subjects = touchpoint.subjects.as_ref();
        let row = Row {
            owner_id: subjects.map_or_else(String::new, |it| it.owner_id.clone()),
            books: matches!(touchpoint.payload, Some(Payload::AppointmentBooked(_))),
        };
        if row == Row::default() {
            return Ok(());
        }
        let tail = history_tail(recorded, &[visit_id, &row.owner_id])?;
        if !row.owner_id.is_empty() {
            let key = KeyWriter::table(OWNERS).text(&row.owner_id).text(visit_id);
            state.put(key.finish(), Vec::new());
        }
        let key = KeyWriter::table(VISITS).text(visit_id).raw(&tail);
        state.put(key.finish(), row.encode_to_vec());
        Ok(())
    }
}

/// When one of these ids booked work: instants (nanoseconds since the Unix epoch), ascending, of what
/// occurred at or before `as_of`.
///
/// # Errors
/// If the state cannot be read.
pub fn booked(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    owner_ids: &BTreeSet<String>,
    as_of: Instant,
) -> Result<Vec<i64>, StateError> {
    let mut visits = BTreeSet::new();
    for owner_id in owner_ids {
        let start = KeyWriter::table(OWNERS).text(owner_id).finish();
        let end = prefix_end(&start);
        try_scan(state, &*start..&*end, ScanOrder::Ascending, |key, _| {
            let mut reader = KeyReader::table(key, OWNERS)?;
            reader.text()?;
            visits.insert(reader.text()?.to_owned());
            Ok(ControlFlow::Continue(()))
        })?;
    }
    let mut found = Vec::new();
    for visit_id in &visits {
        of_visit(state, validity, visit_id, owner_ids, as_of, &mut found)?;
    }
    found.sort_unstable();
    Ok(found)
}

/// Adds the bookings of a visit.
fn of_visit(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    visit_id: &str,
    owner_ids: &BTreeSet<String>,
    as_of: Instant,
    found: &mut Vec<i64>,
) -> Result<(), StateError> {
    let start = KeyWriter::table(VISITS).text(visit_id).finish();
    let end = prefix_end(&start);
    let mut named: Option<String> = None;
    let mut bookings = Vec::new();
    try_scan(state, &*start..&*end, ScanOrder::Ascending, |key, value| {
        let mut reader = KeyReader::table(key, VISITS)?;
        reader.text()?;
        let key = reader.history()?;
        if key.occurred_at > as_of {
            return Ok(ControlFlow::Break(()));
        }
        if !validity.counts(&key)? {
            return Ok(ControlFlow::Continue(()));
        }
        let row = Row::decode(value).map_err(|error| StateError::Damaged {
            reason: format!("row of bookings: {error}"),
        })?;
        if !row.owner_id.is_empty() {
            named.get_or_insert_with(|| row.owner_id.clone());
        }
        if row.books {
            bookings.push((key.occurred_at, row.owner_id));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    for (at, owner_id) in bookings {
        let of = match owner_id.as_str() {
            "" => named.as_deref().unwrap_or_default(),
            owner_id => owner_id,
        };
        if owner_ids.contains(of) {
            found.push(at);
        }
    }
    Ok(())
}
