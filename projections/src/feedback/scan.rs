//! Many items: all of them, those of a dealer and a period, and those that wait.

use std::collections::BTreeSet;
use std::ops::{ControlFlow, Range};

use super::load::{assemble, load};
use super::part::Part;
use super::rows::decode;
use super::rows::{AHEAD, ASKED, DEALERS, ITEMS, OPEN, PARTICULAR, Segment, UNRESOLVED};
use crate::Validity;
use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::pairs::PairTable;
use crate::fold::state::{ScanOrder, StateError, StateRead, try_scan};
use crate::obligation::Item;
use ownerline_proto::time::Instant;

/// Called with each item; breaks to end.
pub type VisitItem<'v> = dyn FnMut(Item) -> ControlFlow<()> + 'v;

/// Which open items are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Where somebody may wait for a reply.
    Replies,
    /// Those, and where only the resolution may be open: every item that nobody closed or confirmed.
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

/// [`items`] of a part of them.
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
        let found = reader.text()?;
        if !part.has(found.as_bytes()) {
            return Ok(flow);
        }
        if found != id || segments.is_empty() {
            if !segments.is_empty() {
                let segments = std::mem::take(&mut segments);
                if let Some(item) = assemble(state, validity, &id, segments)? {
                    flow = visit(item);
                }
            }
            found.clone_into(&mut id);
        }
        segments.push(decode(value)?);
        Ok(flow)
    })?;
    if flow.is_continue()
        && !segments.is_empty()
        && let Some(item) = assemble(state, validity, &id, segments)?
    {
        // It is the last one.
        let _ = visit(item);
    }
    Ok(())
}

/// Visits the items that may count for a dealer in a period of starts, as known at the position of
/// `validity`: everything it was ever named for or assigned. Whether it counts, and where, the item says.
/// An empty dealer finds what nobody was named for.
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
    let found = candidates(state, dealer_id, starts)?;
    visit_all(state, validity, &found, visit)
}

/// [`items_of_dealer`], and those of which the owner may have been asked in the period, answered or not.
///
/// # Errors
/// If the state cannot be read.
pub fn asked_items_of_dealer(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    dealer_id: &str,
    period: Range<i64>,
    visit: &mut VisitItem<'_>,
) -> Result<(), StateError> {
    let mut found = candidates(state, dealer_id, period.clone())?;
    of_dealer(state, ASKED, dealer_id, period, &mut found)?;
    visit_all(state, validity, &found, visit)
}

/// The feedback that [`items_of_dealer`] visits.
pub(super) fn candidates(
    state: &dyn StateRead,
    dealer_id: &str,
    starts: Range<i64>,
) -> Result<BTreeSet<String>, StateError> {
    let mut found = BTreeSet::new();
    of_dealer(state, DEALERS, dealer_id, starts, &mut found)?;
    // Of a large item the starts are not kept apart, and an amended one starts when the first of a chain of
    // corrections was received, whichever dealer the last one names.
    particular(state, dealer_id, &mut found)?;
    Ok(found)
}

/// The items of a table by dealer and instant.
fn of_dealer(
    state: &dyn StateRead,
    table: u8,
    dealer_id: &str,
    period: Range<i64>,
    found: &mut BTreeSet<String>,
) -> Result<(), StateError> {
    let of_dealer = KeyWriter::table(table).text(dealer_id);
    let start = of_dealer.clone().instant(period.start).finish();
    let end = of_dealer.instant(period.end).finish();
    try_scan(state, &*start..&*end, ScanOrder::Ascending, |key, _| {
        let mut reader = KeyReader::table(key, table)?;
        reader.text()?;
        reader.instant()?;
        found.insert(reader.text()?.to_owned());
        Ok(ControlFlow::Continue(()))
    })
}

/// Visits the items of a dealer, or of all, that may have an open obligation now: a few more than have
/// one, never fewer, whatever the terms. `validity` stands where the state stands, and `as_of` is not
/// before what was recorded last; for an earlier knowledge or instant ask [`items`].
///
/// # Errors
/// If the state cannot be read.
pub fn open_items(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    dealer_id: Option<&str>,
    asked: Asked,
    as_of: Instant,
    visit: &mut VisitItem<'_>,
) -> Result<(), StateError> {
    let mut found = BTreeSet::new();
    let tables: &[PairTable] = match asked {
        Asked::Replies => &[OPEN],
        Asked::RepliesAndResolutions => &[OPEN, UNRESOLVED],
    };
    for table in tables {
        let add = |id: &str| {
            found.insert(id.to_owned());
        };
        match dealer_id {
            Some(dealer_id) => table.seconds_of(state, dealer_id, add)?,
            None => table.all_seconds(state, add)?,
        }
    }
    particular(state, dealer_id.unwrap_or_default(), &mut found)?;
    ahead(state, as_of, &mut found)?;
    visit_all(state, validity, &found, visit)
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

/// The particular items that name a dealer; without one, all.
pub(super) fn particular(
    state: &dyn StateRead,
    dealer_id: &str,
    found: &mut BTreeSet<String>,
) -> Result<(), StateError> {
    PARTICULAR.seconds_of(state, dealer_id, |id| {
        found.insert(id.to_owned());
    })
}

/// The items of which something occurs behind an instant and was recorded before it occurred.
fn ahead(
    state: &dyn StateRead,
    as_of: Instant,
    found: &mut BTreeSet<String>,
) -> Result<(), StateError> {
    let Some(behind) = as_of.nearest().checked_add(1) else {
        return Ok(());
    };
    let start = KeyWriter::table(AHEAD).instant(behind).finish();
    let end = prefix_end(&[AHEAD]);
    try_scan(state, &*start..&*end, ScanOrder::Ascending, |key, _| {
        let mut reader = KeyReader::table(key, AHEAD)?;
        reader.instant()?;
        found.insert(reader.text()?.to_owned());
        Ok(ControlFlow::Continue(()))
    })
}
