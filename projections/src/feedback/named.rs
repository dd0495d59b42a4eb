//! The dealers that feedback names, registered or not.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::rows::{DEALERS, INVITED, PARTICULAR_TABLE};
use crate::fold::key::{KeyWriter, prefix_end};
use crate::fold::pairs::first_texts;
use crate::fold::state::{ScanOrder, StateError, StateRead};

/// The tables whose keys begin with a dealer; together they have every dealer of every item.
const TABLES: [u8; 3] = [DEALERS, INVITED, PARTICULAR_TABLE];

/// Returns every dealer that a feedback names or is assigned to. Reads one row per dealer and table.
///
/// # Errors
/// If the state cannot be read.
pub fn dealers_named(feedback: &dyn StateRead) -> Result<BTreeSet<String>, StateError> {
    let mut all = BTreeSet::new();
    for table in TABLES {
        first_texts(feedback, table, |dealer_id| {
            if !dealer_id.is_empty() {
                all.insert(dealer_id.to_owned());
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(all)
}

/// Whether a feedback names this dealer, or is assigned to it.
///
/// # Errors
/// If the state cannot be read.
pub fn is_dealer_named(feedback: &dyn StateRead, dealer_id: &str) -> Result<bool, StateError> {
    let mut is_named = false;
    for table in TABLES {
        let start = KeyWriter::table(table).text(dealer_id).finish();
        let range = &*start..&*prefix_end(&start);
        feedback.scan(range, ScanOrder::Ascending, &mut |_, _| {
            is_named = true;
            ControlFlow::Break(())
        })?;
    }
    Ok(is_named)
}
