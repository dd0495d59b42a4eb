//! Reads the rows that the timeline keeps of the touchpoints of a one-matter stream.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use prost::Message;

use super::filled::{FilledIn, Names};
use crate::HistoryKey;
use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::state::{ScanOrder, StateError, StateRead, try_scan};
use crate::timeline::{KindOf, NAMES, OWNERLESS};

/// A touchpoint and the subjects it names.
pub(super) struct Named {
    pub(super) key: HistoryKey,
    pub(super) names: Names,
}

/// Visits the touchpoints in force that name any subject, in history order, while the visitor returns true.
pub(super) fn named(
    filled: &FilledIn<'_>,
    stream: &str,
    mut visit: impl FnMut(Named) -> Result<bool, StateError>,
) -> Result<(), StateError> {
    scan(filled, NAMES, stream, |key, value| {
        let mut names = decode::<Names>(value)?;
        filled.validity.inherit(&key, &mut names)?;
        visit(Named { key, names })
    })
}

/// The first touchpoint in force whose kind passes, whether it names any subject or not.
pub(super) fn first(
    filled: &FilledIn<'_>,
    stream: &str,
    passes: impl Fn(u32) -> bool,
) -> Result<Option<Named>, StateError> {
    let mut found: Option<Named> = None;
    named(filled, stream, |it| {
        let ends = passes(it.names.kind);
        if ends {
            found = Some(it);
        }
        Ok(!ends)
    })?;
    scan(filled, OWNERLESS, stream, |key, value| {
        if found.as_ref().is_some_and(|it| it.key <= key) {
            return Ok(false);
        }
        let KindOf { kind } = decode::<KindOf>(value)?;
        let ends = passes(kind);
        if ends {
            let mut names = Names {
                kind,
                ..Names::default()
            };
            filled.validity.inherit(&key, &mut names)?;
            found = Some(Named { key, names });
        }
        Ok(!ends)
    })?;
    Ok(found)
}

/// Every vehicle that any touchpoint of a stream names, whether that counts or not.
pub(crate) fn vehicles_ever_named(
    state: &dyn StateRead,
    stream: &str,
) -> Result<BTreeSet<String>, StateError> {
    let prefix = KeyWriter::table(NAMES).text(stream).finish();
    let end = prefix_end(&prefix);
    let mut found = BTreeSet::new();
    try_scan(state, &*prefix..&*end, ScanOrder::Ascending, |_, value| {
        let Names { vin, .. } = decode(value)?;
        if !vin.is_empty() {
            found.insert(vin);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

fn scan(
    filled: &FilledIn<'_>,
    table: u8,
    stream: &str,
    mut visit: impl FnMut(HistoryKey, &[u8]) -> Result<bool, StateError>,
) -> Result<(), StateError> {
    let start = KeyWriter::table(table).text(stream);
    let end = match filled.as_of.nearest().checked_add(1) {
        Some(behind) => start.clone().instant(behind).finish(),
        None => prefix_end(&start.clone().finish()),
    };
    let range = &*start.finish()..&*end;
    try_scan(filled.state, range, ScanOrder::Ascending, |key, value| {
        let mut reader = KeyReader::table(key, table)?;
        reader.text()?;
        let key = reader.history()?;
        let goes_on = !filled.validity.counts(&key)? || visit(key, value)?;
        Ok(if goes_on {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        })
    })
}

fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, StateError> {
    M::decode(bytes).map_err(|error| StateError::Damaged {
        reason: format!("timeline row: {error}"),
    })
}
