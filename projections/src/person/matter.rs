//! Reads the rows that the timeline keeps of the touchpoints of a one-matter stream.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use ownerline_proto::time::Instant;
use prost::Message;

use super::names::Names;
use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::state::{ScanOrder, StateError, StateRead, try_scan};
use crate::timeline::{KindOf, NAMES, OWNERLESS};
use crate::{HistoryKey, Validity};

/// A touchpoint and the subjects it names.
pub(super) struct Named {
    pub(super) key: HistoryKey,
    pub(super) names: Names,
}

/// The rows of one-matter streams in the state of the timeline, as of an instant and as known at a position.
#[derive(Clone, Copy)]
pub(super) struct MatterRows<'s> {
    pub(super) state: &'s dyn StateRead,
    pub(super) validity: &'s Validity<'s>,
    pub(super) as_of: Instant,
}

impl MatterRows<'_> {
    /// Visits the touchpoints in force that name any subject, in history order, while the visitor returns true.
    pub(super) fn named(
        &self,
        stream: &str,
        mut visit: impl FnMut(Named) -> Result<bool, StateError>,
    ) -> Result<(), StateError> {
        self.scan(NAMES, stream, |key, value| {
            let mut names = decode::<Names>(value)?;
            self.validity.inherit(&key, &mut names)?;
            visit(Named { key, names })
        })
    }

    /// The first touchpoint in force whose kind passes, whether it names any subject or not.
    pub(super) fn first(
        &self,
        stream: &str,
        passes: impl Fn(u32) -> bool,
    ) -> Result<Option<Named>, StateError> {
        let mut found: Option<Named> = None;
        self.named(stream, |it| {
            let ends = passes(it.names.kind);
            if ends {
                found = Some(it);
            }
            Ok(!ends)
        })?;
        self.scan(OWNERLESS, stream, |key, value| {
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
                self.validity.inherit(&key, &mut names)?;
                found = Some(Named { key, names });
            }
            Ok(!ends)
        })?;
        Ok(found)
    }

    fn scan(
        &self,
        table: u8,
        stream: &str,
        mut visit: impl FnMut(HistoryKey, &[u8]) -> Result<bool, StateError>,
    ) -> Result<(), StateError> {
        let start = KeyWriter::table(table).text(stream);
        let end = match self.as_of.nearest().checked_add(1) {
            Some(behind) => start.clone().instant(behind).finish(),
            None => prefix_end(&start.clone().finish()),
        };
        let range = &*start.finish()..&*end;
        try_scan(self.state, range, ScanOrder::Ascending, |key, value| {
            let mut reader = KeyReader::table(key, table)?;
            reader.text()?;
            let key = reader.history()?;
            let goes_on = !self.validity.counts(&key)? || visit(key, value)?;
            Ok(if goes_on {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            })
        })
    }
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

fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, StateError> {
    M::decode(bytes).map_err(|error| StateError::Damaged {
        reason: format!("timeline row: {error}"),
    })
}
