//! Tables of pairs of texts, and the first texts of any table.

use std::ops::ControlFlow;

use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::state::{ScanOrder, StateError, StateMap, StateRead, try_scan};

/// A table of pairs of texts, looked up by the first. Values are empty or small.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairTable(u8);

impl PairTable {
    /// A table of keys that begin with `byte`.
    pub(crate) const fn new(byte: u8) -> Self {
        Self(byte)
    }

    /// Adds a pair.
    pub(crate) fn put(self, state: &mut dyn StateMap, first: &str, second: &str) {
        self.put_bytes(state, first, second, Vec::new());
    }

    /// Adds a pair with a value.
    pub(crate) fn put_bytes(
        self,
        state: &mut dyn StateMap,
        first: &str,
        second: &str,
        value: Vec<u8>,
    ) {
        state.put(self.key(first, second), value);
    }

    /// Removes a pair.
    pub(crate) fn delete(self, state: &mut dyn StateMap, first: &str, second: &str) {
        state.delete(&self.key(first, second));
    }

    /// Whether a pair is in the table.
    pub(crate) fn contains(
        self,
        state: &dyn StateRead,
        first: &str,
        second: &str,
    ) -> Result<bool, StateError> {
        Ok(state.get(&self.key(first, second))?.is_some())
    }

    /// Visits the second texts of the pairs with this first one, in bytewise order.
    pub(crate) fn seconds_of(
        self,
        state: &dyn StateRead,
        first: &str,
        visit: impl FnMut(&str),
    ) -> Result<(), StateError> {
        let start = KeyWriter::table(self.0).text(first).finish();
        self.seconds(state, &start, visit)
    }

    /// Visits the second texts that begin with `prefix` of the pairs with this first one, in bytewise order.
    pub(crate) fn seconds_beginning(
        self,
        state: &dyn StateRead,
        first: &str,
        prefix: &str,
        visit: impl FnMut(&str),
    ) -> Result<(), StateError> {
        let start = KeyWriter::table(self.0).text(first);
        let start = start.raw(prefix.as_bytes()).finish();
        self.seconds(state, &start, visit)
    }

    /// Visits the second texts of all pairs.
    pub(crate) fn all_seconds(
        self,
        state: &dyn StateRead,
        visit: impl FnMut(&str),
    ) -> Result<(), StateError> {
        self.seconds(state, &[self.0], visit)
    }

    fn seconds(
        self,
        state: &dyn StateRead,
        start: &[u8],
        mut visit: impl FnMut(&str),
    ) -> Result<(), StateError> {
        let end = prefix_end(start);
        try_scan(state, start..&*end, ScanOrder::Ascending, |key, _| {
            let mut reader = KeyReader::table(key, self.0)?;
            reader.text()?;
            visit(reader.text()?);
            Ok(ControlFlow::Continue(()))
        })
    }

    fn key(self, first: &str, second: &str) -> Vec<u8> {
        KeyWriter::table(self.0).text(first).text(second).finish()
    }
}

/// Visits the first text of the keys of a table, each once, in bytewise order. Reads one key for each.
pub(crate) fn first_texts(
    state: &dyn StateRead,
    table: u8,
    mut visit: impl FnMut(&str) -> Result<ControlFlow<()>, StateError>,
) -> Result<(), StateError> {
    let end = prefix_end(&[table]);
    let mut start = vec![table];
    loop {
        let mut first_text = None;
        try_scan(state, &*start..&*end, ScanOrder::Ascending, |key, _| {
            first_text = Some(KeyReader::table(key, table)?.text()?.to_owned());
            Ok(ControlFlow::Break(()))
        })?;
        let Some(text) = first_text else {
            return Ok(());
        };
        if visit(&text)?.is_break() {
            return Ok(());
        }
        start = prefix_end(&KeyWriter::table(table).text(&text).finish());
    }
}
