//! The table that most views are made of: typed rows under a few texts and a history key.

use std::marker::PhantomData;
use std::ops::ControlFlow;

use ownerline_proto::time::Instant;
use prost::Message;

use crate::fold::key::{KeyReader, KeyWriter, position_of, prefix_end, successor};
use crate::fold::pairs::first_texts;
use crate::fold::state::{ScanOrder, StateError, StateMap, StateRead, try_scan};
use crate::{HistoryKey, Position};

/// A table whose keys are `N` texts and a history key. Its values are rows `R`, or bytes where `R` is `()`.
#[derive(Debug)]
pub(crate) struct HistoryTable<R, const N: usize = 1> {
    byte: u8,
    /// The name of the view.
    view: &'static str,
    row: PhantomData<fn() -> R>,
}

impl<R, const N: usize> HistoryTable<R, N> {
    /// Defines the table of a view whose keys begin with `byte`. Errors name both.
    pub(crate) const fn new(view: &'static str, byte: u8) -> Self {
        Self {
            byte,
            view,
            row: PhantomData,
        }
    }

    /// Writes bytes. `tail` is the encoded history key.
    pub(crate) fn put_bytes(
        &self,
        state: &mut dyn StateMap,
        texts: [&str; N],
        tail: &[u8],
        value: Vec<u8>,
    ) {
        state.put(self.prefix(&texts).raw(tail).finish(), value);
    }

    /// Every row of the table, in bytewise order of its keys.
    pub(crate) fn all(&self) -> Scan<'_, R, N> {
        let start = self.prefix(&[]).finish();
        Scan::new(self, prefix_end(&start), start)
    }

    /// The rows under these texts, in history order if all `N` are given.
    pub(crate) fn under(&self, texts: &[&str]) -> Scan<'_, R, N> {
        let start = self.prefix(texts).finish();
        Scan::new(self, prefix_end(&start), start)
    }

    /// The rows under all texts that occurred at or before an instant, in history order.
    pub(crate) fn up_to(&self, texts: [&str; N], as_of: Instant) -> Scan<'_, R, N> {
        self.between(texts, i64::MIN, as_of.nearest().checked_add(1))
    }

    /// The rows under all texts that occurred at or after `from` and before `until`, in history order.
    pub(crate) fn between(
        &self,
        texts: [&str; N],
        from: i64,
        until: Option<i64>,
    ) -> Scan<'_, R, N> {
        let prefix = self.prefix(&texts);
        let end = match until {
            Some(until) => prefix.clone().instant(until).finish(),
            None => prefix_end(&prefix.clone().finish()),
        };
        Scan::new(self, end, prefix.instant(from).finish())
    }

    /// Returns the key of a row.
    pub(crate) fn key(&self, texts: [&str; N], key: &HistoryKey) -> Vec<u8> {
        self.prefix(&texts).history(key).finish()
    }

    /// Visits the first text of the keys, each once, in bytewise order. Reads one key for each.
    pub(crate) fn first_texts(
        &self,
        state: &dyn StateRead,
        visit: impl FnMut(&str) -> Result<ControlFlow<()>, StateError>,
    ) -> Result<(), StateError> {
        first_texts(state, self.byte, visit)
    }

    fn prefix(&self, texts: &[&str]) -> KeyWriter {
        texts
            .iter()
            .fold(KeyWriter::table(self.byte), |key, text| key.text(text))
    }

    fn damaged(&self, reason: impl std::fmt::Display) -> StateError {
        StateError::Damaged {
            reason: format!(
                "row of {}, table {}: {reason}",
                self.view,
                char::from(self.byte)
            ),
        }
    }
}

impl<R: Message + Default, const N: usize> HistoryTable<R, N> {
    /// Writes a row. `tail` is the encoded history key.
    pub(crate) fn put(&self, state: &mut dyn StateMap, texts: [&str; N], tail: &[u8], row: &R) {
        self.put_bytes(state, texts, tail, row.encode_to_vec());
    }

    /// The row of a touchpoint.
    pub(crate) fn get(
        &self,
        state: &dyn StateRead,
        texts: [&str; N],
        key: &HistoryKey,
    ) -> Result<Option<R>, StateError> {
        let bytes = state.get(&self.key(texts, key))?;
        bytes.map(|bytes| self.decode(&bytes)).transpose()
    }

    fn decode(&self, bytes: &[u8]) -> Result<R, StateError> {
        R::decode(bytes).map_err(|error| self.damaged(error))
    }
}

/// Rows to visit: a range of a table, oldest first unless [`Self::newest_first`].
pub(crate) struct Scan<'t, R, const N: usize> {
    table: &'t HistoryTable<R, N>,
    start: Vec<u8>,
    end: Vec<u8>,
    order: ScanOrder,
    known_at: Position,
    pub(super) as_of: Instant,
}

impl<'t, R, const N: usize> Scan<'t, R, N> {
    fn new(table: &'t HistoryTable<R, N>, end: Vec<u8>, start: Vec<u8>) -> Self {
        Self {
            table,
            start,
            end,
            order: ScanOrder::Ascending,
            known_at: Position::MAX,
            as_of: Instant::MAX,
        }
    }

    /// Reverses the order.
    pub(crate) fn newest_first(mut self) -> Self {
        self.order = ScanOrder::Descending;
        self
    }

    /// Counts only touchpoints that occurred at or before this instant.
    pub(crate) fn occurred_by(mut self, as_of: Instant) -> Self {
        self.as_of = as_of;
        self
    }

    /// Skips the rows recorded after this position.
    pub(crate) fn known_at(mut self, position: Position) -> Self {
        self.known_at = position;
        self
    }

    /// Starts after the row with this key, in the order of the scan.
    pub(crate) fn skip_past(&mut self, key: Vec<u8>) {
        match self.order {
            ScanOrder::Ascending => {
                self.start = successor(key).max(std::mem::take(&mut self.start))
            }
            ScanOrder::Descending => self.end = key.min(std::mem::take(&mut self.end)),
        }
    }

    /// Whether there is no row to visit.
    pub(crate) fn is_empty(&self, state: &dyn StateRead) -> Result<bool, StateError> {
        let mut is_empty = true;
        self.until_break(state, |_| {
            is_empty = false;
            Ok(ControlFlow::Break(()))
        })?;
        Ok(is_empty)
    }

    /// Visits every row until the visitor breaks.
    pub(crate) fn until_break(
        &self,
        state: &dyn StateRead,
        mut visit: impl FnMut(Entry<'_, R, N>) -> Result<ControlFlow<()>, StateError>,
    ) -> Result<(), StateError> {
        let range = &*self.start..&*self.end;
        try_scan(state, range, self.order, |raw, value| {
            if self.known_at < Position::MAX && position_of(raw)? > self.known_at {
                return Ok(ControlFlow::Continue(()));
            }
            let mut rest = KeyReader::table(raw, self.table.byte)?;
            let mut texts = [""; N];
            for text in &mut texts {
                *text = rest.text()?;
            }
            visit(Entry {
                table: self.table,
                raw,
                texts,
                rest,
                value,
            })
        })
    }

    /// Visits every row.
    pub(crate) fn each(
        &self,
        state: &dyn StateRead,
        mut visit: impl FnMut(Entry<'_, R, N>) -> Result<(), StateError>,
    ) -> Result<(), StateError> {
        self.until_break(state, |entry| {
            visit(entry)?;
            Ok(ControlFlow::Continue(()))
        })
    }
}

/// One row of a scan, copied and decoded only on demand.
pub(crate) struct Entry<'e, R, const N: usize> {
    table: &'e HistoryTable<R, N>,
    /// The whole key.
    pub raw: &'e [u8],
    /// The texts at the start of the key.
    pub texts: [&'e str; N],
    rest: KeyReader<'e>,
    /// The encoded row.
    pub value: &'e [u8],
}

impl<R, const N: usize> Entry<'_, R, N> {
    /// The history key of its touchpoint.
    pub(crate) fn key(&self) -> Result<HistoryKey, StateError> {
        self.rest.clone().history()
    }

    /// The error of a row that does not decode.
    pub(crate) fn damaged(&self, reason: impl std::fmt::Display) -> StateError {
        self.table.damaged(reason)
    }

    /// The encoded history key of its touchpoint.
    pub(crate) fn tail(&self) -> &[u8] {
        self.rest.rest()
    }

    /// The position of its touchpoint.
    pub(crate) fn position(&self) -> Result<Position, StateError> {
        position_of(self.raw)
    }

    /// The value, where that is a text.
    pub(crate) fn text(&self) -> Result<&str, StateError> {
        std::str::from_utf8(self.value).map_err(|_| self.table.damaged("it is not UTF-8"))
    }
}

impl<R: Message + Default, const N: usize> Entry<'_, R, N> {
    /// The row as written.
    pub(crate) fn row(&self) -> Result<R, StateError> {
        self.table.decode(self.value)
    }
}
