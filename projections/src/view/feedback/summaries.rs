//! The summary of every item, of what is known to the view.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use prost::bytes::Bytes;

use super::load::load;
use super::rows::{CHUNKS, Chunk, damaged, decode, under};
use super::scan::particular;
use crate::Validity;
use crate::obligation::{Names, Summary};
use crate::state::{ScanOrder, StateError, StateRead, try_scan};

/// One summary with what it refers to.
#[derive(Debug, Clone, Copy)]
pub struct Told<'t> {
    /// The item.
    pub feedback_id: &'t str,
    /// The names of the summary.
    pub names: &'t Names,
    /// The summary.
    pub summary: &'t Summary,
}

/// Visits the summary of every item that is not held, as of an instant and as known to the view, where
/// `validity` stands too. Most are kept; items that are particular, and those of which something occurred
/// behind `as_of`, are folded on read: any instant is answered, one near now is answered fast.
///
/// # Errors
/// If the state cannot be read.
pub fn summaries(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: i64,
    visit: &mut dyn FnMut(Told<'_>) -> ControlFlow<()>,
) -> Result<(), StateError> {
    let mut unread = BTreeSet::new();
    particular(state, "", false, &mut unread)?;
    let (start, end) = under(CHUNKS, None);
    let mut flow = ControlFlow::Continue(());
    try_scan(state, &*start..&*end, ScanOrder::Ascending, |_, value| {
        flow = chunk(value, as_of, &mut unread, visit)?;
        Ok(flow)
    })?;
    for feedback_id in &unread {
        if flow.is_break() {
            break;
        }
        if let Some(item) = load(state, validity, feedback_id)?
            && let Some(summary) = Summary::of(&item, as_of)
        {
            flow = visit(Told {
                feedback_id,
                names: item.names(),
                summary: &summary,
            });
        }
    }
    Ok(())
}

fn chunk(
    value: &[u8],
    as_of: i64,
    unread: &mut BTreeSet<String>,
    visit: &mut dyn FnMut(Told<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, StateError> {
    let Chunk {
        names,
        ids,
        summaries,
    } = Chunk::read(Bytes::copy_from_slice(value))?;
    let names = Names(names);
    for (id, summary) in ids.iter().zip(&summaries) {
        let feedback_id = std::str::from_utf8(id).map_err(|_| damaged("a feedback id"))?;
        let summary = decode::<Summary>(summary)?;
        if summary.latest > as_of {
            unread.insert(feedback_id.to_owned());
            continue;
        }
        let told = Told {
            feedback_id,
            names: &names,
            summary: &summary,
        };
        if visit(told).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
