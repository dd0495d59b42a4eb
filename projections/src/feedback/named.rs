//! The dealers that feedback names, whether anybody registered them or not.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::rows::{ASKED, DEALERS, PARTICULAR};
use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::state::{ScanOrder, StateError, StateRead, try_scan};

/// The tables that have every dealer of an item at the beginning of their keys.
const TABLES: [u8; 3] = [DEALERS, ASKED, PARTICULAR];

/// Every dealer that a feedback names, or is assigned to. Reads one row for each.
///
/// # Errors
/// If the state cannot be read.
pub fn dealers_named(feedback: &dyn StateRead) -> Result<BTreeSet<String>, StateError> {
    let mut all = BTreeSet::new();
    for table in TABLES {
        let end = [table + 1];
        let mut from = vec![table];
        while let Some(dealer_id) = first(feedback, table, &from, &end)? {
            from = prefix_end(&KeyWriter::table(table).text(&dealer_id).finish());
            if !dealer_id.is_empty() {
                all.insert(dealer_id);
            }
        }
    }
    Ok(all)
}

/// Whether a feedback names this dealer, or is assigned to it.
///
/// # Errors
/// If the state cannot be read.
pub fn is_dealer_named(feedback: &dyn StateRead, dealer_id: &str) -> Result<bool, StateError> {
    for table in TABLES {
        let from = KeyWriter::table(table).text(dealer_id).finish();
        if first(feedback, table, &from, &prefix_end(&from))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn first(
    feedback: &dyn StateRead,
    table: u8,
    from: &[u8],
    end: &[u8],
) -> Result<Option<String>, StateError> {
    let mut found = None;
    try_scan(feedback, from..end, ScanOrder::Ascending, |key, _| {
        found = Some(KeyReader::table(key, table)?.text()?.to_owned());
        Ok(ControlFlow::Break(()))
    })?;
    Ok(found)
}
