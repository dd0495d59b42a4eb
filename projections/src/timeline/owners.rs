//! The question: which owners are there, and when were they last touched?

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use ownerline_proto::time::Instant;

use super::rows::OWNED;
use crate::fold::state::{StateError, StateRead};
use crate::{Validity, Viewer};

/// The most touchpoints of one owner that are searched for one that names a dealer, newest first.
const MAX_VISITED: usize = 1_000;

/// Which owners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnersQuery {
    /// Only owners whose last touchpoint that names a dealer names this one.
    pub dealer_id: Option<String>,
    /// As it was at this instant.
    pub as_of: Instant,
    /// As it was known at this position.
    pub known_at: u64,
    /// Where the page before ended.
    pub after: Option<OwnerPlace>,
    /// Owners of the page at most.
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

/// An owner that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnerRow {
    /// Who, and when last.
    pub place: OwnerPlace,
    /// The number of the kind of the last touchpoint.
    pub kind: u32,
    /// The dealer that the last touchpoint which names one names; empty: none of the last 1,000 does.
    pub dealer_id: String,
}

/// A page of owners.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnersPage {
    /// In the order of their places.
    pub owners: Vec<OwnerRow>,
    /// There are more.
    pub more: bool,
}

/// Lists the ids that touchpoints in force name as their owner. Reads the end of every owner's rows once, whatever the
/// page, and keeps one page in memory. `is_over` is asked before each: nobody waits for the answer any more.
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
    // The greatest place is on top, and falls out when another one comes before it.
    let mut page: BinaryHeap<OwnerRow> = BinaryHeap::new();
    OWNED.first_texts(timeline, |owner_id| {
        if is_over() {
            return Ok(ControlFlow::Break(()));
        }
        let Some(found) = last_of(timeline, validity, query, owner_id)? else {
            return Ok(ControlFlow::Continue(()));
        };
        let wanted = query.dealer_id.as_ref();
        let fits = viewer.sees_dealer(&found.dealer_id)
            && wanted.is_none_or(|dealer_id| *dealer_id == found.dealer_id)
            && query
                .after
                .as_ref()
                .is_none_or(|after| *after < found.place);
        if fits {
            page.push(found);
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

/// The last touchpoint of an owner, and the dealer of the last one that names a dealer.
fn last_of(
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
