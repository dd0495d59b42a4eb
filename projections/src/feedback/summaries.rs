//! The summaries of all items, from everything known to the view.

use std::collections::BTreeSet;
use std::ops::{ControlFlow, Range};

use ownerline_proto::time::Instant;
use prost::bytes::Bytes;

use super::chunks::month;
use super::load::load;
use super::part::Part;
use super::rows::{CHUNKS, Chunk, damaged, decode};
use super::scan::{candidates, particular};
use crate::Validity;
use crate::fold::key::KeyWriter;
use crate::fold::state::{ScanOrder, StateError, StateRead, try_scan};
use crate::obligation::{FirstReply, Names};

/// The summary of one item.
#[derive(Debug, Clone, Copy)]
pub struct ItemSummary<'t> {
    /// The item.
    pub feedback_id: &'t str,
    /// The names of the summary.
    pub names: &'t Names,
    /// The summary.
    pub summary: &'t FirstReply,
}

/// Called with each summary; breaks to end.
pub type VisitSummary<'v> = dyn FnMut(ItemSummary<'_>) -> ControlFlow<()> + 'v;

/// Visits the summary of every item that is not held, as of an instant and as known at the view's own position, which
/// must be that of `validity`. Most summaries are stored. Particular items, and items with a fact after `as_of`, are
/// folded on read, so an instant near now is fast.
///
/// # Errors
/// If the state cannot be read.
pub fn summaries(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    visit: &mut VisitSummary<'_>,
) -> Result<(), StateError> {
    summaries_of_part(state, validity, as_of, Part::WHOLE, visit)
}

/// Like [`summaries`], for one part of the items.
///
/// # Errors
/// If the state cannot be read.
pub fn summaries_of_part(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    part: Part,
    visit: &mut VisitSummary<'_>,
) -> Result<(), StateError> {
    let mut unread = BTreeSet::new();
    particular(state, "", &mut unread)?;
    unread.retain(|feedback_id| part.has(feedback_id.as_bytes()));
    let (start, end): (&[u8], &[u8]) = (&[CHUNKS], &[CHUNKS + 1]);
    let mut flow = ControlFlow::Continue(());
    try_scan(state, start..end, ScanOrder::Ascending, |key, value| {
        if part.has(key) {
            flow = chunk(value, &mut |item| {
                if item.summary.latest > as_of {
                    unread.insert(item.feedback_id.to_owned());
                    return ControlFlow::Continue(());
                }
                visit(item)
            })?;
        }
        Ok(flow)
    })?;
    if flow.is_break() {
        return Ok(());
    }
    fold(state, validity, as_of, &unread, visit)
}

/// Like [`summaries`], for the items that may count for a dealer in a period of starts: all that ever named the dealer
/// or were assigned to it. The empty dealer has the items that name none.
///
/// # Errors
/// If the state cannot be read.
pub fn summaries_of_dealer(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    dealer_id: &str,
    starts: Range<i64>,
    as_of: Instant,
    visit: &mut VisitSummary<'_>,
) -> Result<(), StateError> {
    let mut unread = candidates(state, dealer_id, starts.clone())?;
    let of_dealer = KeyWriter::table(CHUNKS).text(dealer_id);
    let start = of_dealer.clone().number(month(starts.start)).finish();
    let end = of_dealer
        .number(month(starts.end).saturating_add(1))
        .finish();
    let mut flow = ControlFlow::Continue(());
    try_scan(state, &*start..&*end, ScanOrder::Ascending, |_, value| {
        flow = chunk(value, &mut |item| {
            if item.summary.latest > as_of || !unread.remove(item.feedback_id) {
                return ControlFlow::Continue(());
            }
            visit(item)
        })?;
        Ok(flow)
    })?;
    if flow.is_break() {
        return Ok(());
    }
    // The rest count for another dealer by now, or have no stored summary.
    fold(state, validity, as_of, &unread, visit)
}

/// Visits the summaries of items that are folded on read.
fn fold(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    ids: &BTreeSet<String>,
    visit: &mut VisitSummary<'_>,
) -> Result<(), StateError> {
    let mut flow = ControlFlow::Continue(());
    for feedback_id in ids {
        if flow.is_break() {
            break;
        }
        if let Some(item) = load(state, validity, feedback_id)?
            && let Some(summary) = FirstReply::of(&item, as_of)
        {
            flow = visit(ItemSummary {
                feedback_id,
                names: item.names(),
                summary: &summary,
            });
        }
    }
    Ok(())
}

fn chunk(value: &[u8], visit: &mut VisitSummary<'_>) -> Result<ControlFlow<()>, StateError> {
    let Chunk {
        names,
        ids,
        summaries,
    } = Chunk::read(Bytes::copy_from_slice(value))?;
    let names = Names(names);
    for (id, summary) in ids.iter().zip(&summaries) {
        let feedback_id = std::str::from_utf8(id).map_err(|_| damaged("a feedback id"))?;
        let summary = decode::<FirstReply>(summary)?;
        let item = ItemSummary {
            feedback_id,
            names: &names,
            summary: &summary,
        };
        if visit(item).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
