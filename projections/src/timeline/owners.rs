//! The list of owners, the last touched first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use ownerline_proto::time::Instant;

use super::rows::OWNED;
use crate::fold::state::{StateError, StateRead};
use crate::{Position, Validity, Viewer};

/// The most touchpoints of one owner that are searched for one that names a dealer, newest first.
const MAX_VISITED: usize = 1_000;

/// A query for a page of owners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnersQuery {
    /// Only owners whose last touchpoint that names a dealer names this one.
    pub dealer_id: Option<String>,
    /// As it was: everything that occurred at or before this instant.
    pub as_of: Instant,
    /// As it was known: everything recorded at or before this position.
    pub known_at: Position,
    /// The last place of the previous page.
    pub after: Option<OwnerPlace>,
    /// At most this many owners.
    pub limit: usize,
}

/// The place of an owner in the list: the last touched first, then by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnerPlace {
    /// When their last touchpoint occurred, in nanoseconds since the Unix epoch; the greatest first.
    pub last_occurred_at: Reverse<i64>,
    /// The id.
    pub owner_id: String,
}

/// An owner with the last touchpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnerRow {
    /// The id, and when the owner was last touched.
    pub place: OwnerPlace,
    /// The number of the kind of the last touchpoint.
    pub kind: u32,
    /// The dealer of the last touchpoint that names one; empty if none of the last 1,000 does.
    pub dealer_id: String,
}

/// A page of owners.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnersPage {
    /// In the order of their places.
    pub owners: Vec<OwnerRow>,
    /// Whether there are more.
    pub more: bool,
}

/// Lists the ids that touchpoints in force name as their owner. Reads the end of every owner's rows once, whatever the
/// page, and keeps one page in memory. Stops as soon as `is_over` says that nobody waits for the answer any more.
///
/// # Errors
/// If a state cannot be read.
pub fn owners(
    timeline: &dyn StateRead,
    validity: &Validity<'_>,
    viewer: &Viewer,
    query: &OwnersQuery,
    is_over: &dyn Fn() -> bool,
) -> Result<OwnersPage, StateError> {
    // The greatest place is on top of the heap, and is dropped when the page is full.
    let mut page: BinaryHeap<OwnerRow> = BinaryHeap::new();
    OWNED.first_texts(timeline, |owner_id| {
        if is_over() {
            return Ok(ControlFlow::Break(()));
        }
        let Some(row) = last_touchpoint(timeline, validity, query, owner_id)? else {
            return Ok(ControlFlow::Continue(()));
        };
        let dealer_filter = query.dealer_id.as_ref();
        let fits = viewer.sees_dealer(&row.dealer_id)
            && dealer_filter.is_none_or(|dealer_id| *dealer_id == row.dealer_id)
            && query.after.as_ref().is_none_or(|after| *after < row.place);
        if fits {
            page.push(row);
            if page.len() > query.limit + 1 {
                page.pop();
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let mut owners = page.into_sorted_vec();
    let more = owners.len() > query.limit;
    owners.truncate(query.limit);
    Ok(OwnersPage { owners, more })
}

/// Returns the last touchpoint of an owner, with the dealer of the last one that names a dealer.
fn last_touchpoint(
    timeline: &dyn StateRead,
    validity: &Validity<'_>,
    query: &OwnersQuery,
    owner_id: &str,
) -> Result<Option<OwnerRow>, StateError> {
    let mut last: Option<(i64, u32)> = None;
    let mut dealer_id = String::new();
    let mut visited = 0;
    let rows = OWNED
        .up_to([owner_id], query.as_of)
        .known_at(query.known_at)
        .newest_first();
    rows.counted_until_break(timeline, validity, |key, entry| {
        let row = entry.row()?;
        last.get_or_insert((key.occurred_at, row.kind));
        dealer_id = row.dealer_id;
        visited += 1;
        Ok(match dealer_id.is_empty() && visited < MAX_VISITED {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        })
    })?;
    Ok(last.map(|(occurred_at, kind)| OwnerRow {
        place: OwnerPlace {
            last_occurred_at: Reverse(occurred_at),
            owner_id: owner_id.to_owned(),
        },
        kind,
        dealer_id,
    }))
}
