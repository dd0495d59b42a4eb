//! Scans of many items: all, those of a dealer and a period, and open ones.

use std::collections::BTreeSet;
use std::ops::{ControlFlow, Range};

use super::load::{assemble, load};
use super::part::Part;
use super::rows::decode;
use super::rows::{AHEAD, DEALERS, INVITED, ITEMS, OPEN, PARTICULAR, Segment, UNRESOLVED};
use crate::Validity;
use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::pairs::PairTable;
use crate::fold::state::{ScanOrder, StateError, StateRead, try_scan};
use crate::obligation::Item;
use ownerline_proto::time::Instant;

/// Called with each item; breaks to end.
pub type VisitItem<'v> = dyn FnMut(Item) -> ControlFlow<()> + 'v;

/// The open items to visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenScope {
    /// Items whose owner may wait for a reply.
    Replies,
    /// Those, and items of which only the resolution may be open: every item that is neither closed nor confirmed.
    RepliesAndResolutions,
}

/// Visits every item as known at the position of `validity`, by feedback id.
///
/// # Errors
/// If the state cannot be read.
pub fn items(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    visit: &mut VisitItem<'_>,
) -> Result<(), StateError> {
    items_of_part(state, validity, Part::WHOLE, visit)
}

/// Like [`items`], for one part of them.
///
/// # Errors
/// If the state cannot be read.
pub fn items_of_part(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    part: Part,
    visit: &mut VisitItem<'_>,
) -> Result<(), StateError> {
    let (start, end): (&[u8], &[u8]) = (&[ITEMS], &[ITEMS + 1]);
    let mut id = String::new();
    let mut segments: Vec<Segment> = Vec::new();
    let mut flow = ControlFlow::Continue(());
    try_scan(state, start..end, ScanOrder::Ascending, |key, value| {
        let mut reader = KeyReader::table(key, ITEMS)?;
        let next = reader.text()?;
        if !part.has(next.as_bytes()) {
            return Ok(flow);
        }
        if next != id || segments.is_empty() {
            if !segments.is_empty() {
                let segments = std::mem::take(&mut segments);
                if let Some(item) = assemble(state, validity, &id, segments)? {
                    flow = visit(item);
                }
            }
            next.clone_into(&mut id);
        }
        segments.push(decode(value)?);
        Ok(flow)
    })?;
    if flow.is_continue()
        && !segments.is_empty()
        && let Some(item) = assemble(state, validity, &id, segments)?
    {
        // This is the last item, so its visitor may break or not.
        let _ = visit(item);
    }
    Ok(())
}

/// Visits the items that may count for a dealer in a period of starts, as known at the position of `validity`: all that
/// ever named the dealer or were assigned to it. The item decides whether it really counts. The empty dealer has the
/// items that name none.
///
/// # Errors
/// If the state cannot be read.
pub fn items_of_dealer(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    dealer_id: &str,
    starts: Range<i64>,
    visit: &mut VisitItem<'_>,
) -> Result<(), StateError> {
    let ids = candidates(state, dealer_id, starts)?;
    visit_all(state, validity, &ids, visit)
}

/// Like [`items_of_dealer`], with the items whose owner may have been invited in the period, answered or not.
///
/// # Errors
/// If the state cannot be read.
pub fn invited_items_of_dealer(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    dealer_id: &str,
    period: Range<i64>,
    visit: &mut VisitItem<'_>,
) -> Result<(), StateError> {
    let mut ids = candidates(state, dealer_id, period.clone())?;
    of_dealer(state, INVITED, dealer_id, period, &mut ids)?;
    visit_all(state, validity, &ids, visit)
}

/// Returns the ids of the items that [`items_of_dealer`] visits.
pub(super) fn candidates(
    state: &dyn StateRead,
    dealer_id: &str,
    starts: Range<i64>,
) -> Result<BTreeSet<String>, StateError> {
    let mut ids = BTreeSet::new();
    of_dealer(state, DEALERS, dealer_id, starts, &mut ids)?;
    // Starts of large items are not indexed, and an amended item starts when the first of a chain of corrections was
    // received, whichever dealer the last one names.
    particular(state, dealer_id, &mut ids)?;
    Ok(ids)
}

/// Adds the items of a table by dealer and instant.
fn of_dealer(
    state: &dyn StateRead,
    table: u8,
    dealer_id: &str,
    period: Range<i64>,
    ids: &mut BTreeSet<String>,
) -> Result<(), StateError> {
    let of_dealer = KeyWriter::table(table).text(dealer_id);
    let start = of_dealer.clone().instant(period.start).finish();
    let end = of_dealer.instant(period.end).finish();
    try_scan(state, &*start..&*end, ScanOrder::Ascending, |key, _| {
        let mut reader = KeyReader::table(key, table)?;
        reader.text()?;
        reader.instant()?;
        ids.insert(reader.text()?.to_owned());
        Ok(ControlFlow::Continue(()))
    })
}

/// Visits the items of a dealer, or of all, that may have an open obligation now: some have none, but none is missing,
/// whatever the terms. `validity` must be as known at the state's own position, and `as_of` not before the last
/// recorded touchpoint; for anything earlier use [`items`].
///
/// # Errors
/// If the state cannot be read.
pub fn open_items(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    dealer_id: Option<&str>,
    scope: OpenScope,
    as_of: Instant,
    visit: &mut VisitItem<'_>,
) -> Result<(), StateError> {
    let mut ids = BTreeSet::new();
    let tables: &[PairTable] = match scope {
        OpenScope::Replies => &[OPEN],
        OpenScope::RepliesAndResolutions => &[OPEN, UNRESOLVED],
    };
    for table in tables {
        let add = |id: &str| {
            ids.insert(id.to_owned());
        };
        match dealer_id {
            Some(dealer_id) => table.seconds_of(state, dealer_id, add)?,
            None => table.all_seconds(state, add)?,
        }
    }
    particular(state, dealer_id.unwrap_or_default(), &mut ids)?;
    ahead(state, as_of, &mut ids)?;
    visit_all(state, validity, &ids, visit)
}

fn visit_all(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    ids: &BTreeSet<String>,
    visit: &mut VisitItem<'_>,
) -> Result<(), StateError> {
    for id in ids {
        if let Some(item) = load(state, validity, id)?
            && visit(item).is_break()
        {
            break;
        }
    }
    Ok(())
}

/// Adds the particular items that name a dealer; for the empty dealer, all.
pub(super) fn particular(
    state: &dyn StateRead,
    dealer_id: &str,
    ids: &mut BTreeSet<String>,
) -> Result<(), StateError> {
    PARTICULAR.seconds_of(state, dealer_id, |id| {
        ids.insert(id.to_owned());
    })
}

/// Adds the items with a fact that occurs after an instant and was recorded ahead of time.
fn ahead(
    state: &dyn StateRead,
    as_of: Instant,
    ids: &mut BTreeSet<String>,
) -> Result<(), StateError> {
    let Some(after) = as_of.nearest().checked_add(1) else {
        return Ok(());
    };
    let start = KeyWriter::table(AHEAD).instant(after).finish();
    let end = prefix_end(&[AHEAD]);
    try_scan(state, &*start..&*end, ScanOrder::Ascending, |key, _| {
        let mut reader = KeyReader::table(key, AHEAD)?;
        reader.instant()?;
        ids.insert(reader.text()?.to_owned());
        Ok(ControlFlow::Continue(()))
    })
}
