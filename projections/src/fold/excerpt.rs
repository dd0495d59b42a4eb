//! Tables of a state read into memory at once, for queries with so many look-ups that this is cheaper.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

use indexmap::IndexMap;

use crate::fold::state::{ScanOrder, StateError, StateRead, Visit};

/// A state some of whose tables are in memory. It answers like the state itself.
pub(crate) struct Excerpt<'s> {
    state: &'s dyn StateRead,
    tables: BTreeMap<u8, Table>,
}

/// One table, in the order of its keys. Look-ups are by hash: most keys that are looked up are not there.
type Table = IndexMap<Vec<u8>, Vec<u8>>;

impl<'s> Excerpt<'s> {
    /// Reads the tables with these bytes whole.
    pub(crate) fn of(state: &'s dyn StateRead, names: &[u8]) -> Result<Self, StateError> {
        let mut tables = BTreeMap::new();
        for name in names {
            let mut table = Table::new();
            let (start, end): (&[u8], &[u8]) = (&[*name], &[name.saturating_add(1)]);
            state.scan(start..end, ScanOrder::Ascending, &mut |key, value| {
                table.insert(key.to_vec(), value.to_vec());
                ControlFlow::Continue(())
            })?;
            tables.insert(*name, table);
        }
        Ok(Self { state, tables })
    }

    /// The table of a key, if it is in memory.
    fn table(&self, key: &[u8]) -> Option<&Table> {
        self.tables.get(key.first()?)
    }
}

impl StateRead for Excerpt<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        match self.table(key) {
            Some(table) => Ok(table.get(key).cloned()),
            None => self.state.get(key),
        }
    }

    fn scan(
        &self,
        range: Range<&[u8]>,
        order: ScanOrder,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError> {
        let Some(table) = self.table(range.start) else {
            return self.state.scan(range, order, visit);
        };
        let before = |bound: &[u8]| table.partition_point(|key, _| key.as_slice() < bound);
        let entries = table.get_range(before(range.start)..before(range.end));
        let mut entries = entries.into_iter().flatten();
        let mut visit = |(key, value): (&Vec<u8>, &Vec<u8>)| visit(key, value);
        // A scan that the visitor breaks off is no failure.
        let _ = match order {
            ScanOrder::Ascending => entries.try_for_each(&mut visit),
            ScanOrder::Descending => entries.rev().try_for_each(&mut visit),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryState;
    use crate::fold::state::StateMap as _;

    fn visited(state: &dyn StateRead, range: Range<&[u8]>, order: ScanOrder) -> Vec<Vec<u8>> {
        let mut keys = Vec::new();
        state
            .scan(range, order, &mut |key, value| {
                assert_eq!(state.get(key).unwrap().as_deref(), Some(value));
                keys.push(key.to_vec());
                if keys.len() < 3 {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })
            .unwrap();
        keys
    }

    #[test]
    fn an_excerpt_answers_as_the_state_it_is_of() {
        let mut state = MemoryState::default();
        for key in ["a1", "b", "b1", "b2", "b21", "b3", "c1"] {
            state.put(key.as_bytes().to_vec(), key.as_bytes().to_vec());
        }
        let excerpt = Excerpt::of(&state, b"b").unwrap();
        let bounds = ["a", "a1", "b", "b1", "b2", "b22", "b9", "c", "d"];
        for start in bounds {
            for end in bounds {
                // No caller scans across tables, and an excerpt would answer from the first alone.
                if start.as_bytes()[0] == b'a' && end > "b" {
                    continue;
                }
                if start.as_bytes()[0] == b'b' && end > "c" {
                    continue;
                }
                for order in [ScanOrder::Ascending, ScanOrder::Descending] {
                    let range = start.as_bytes()..end.as_bytes();
                    assert_eq!(
                        visited(&excerpt, range.clone(), order),
                        visited(&state, range, order),
                        "{start}..{end}"
                    );
                }
            }
        }
        for key in ["a1", "b", "b1", "b11", "c1", "d"] {
            let key = key.as_bytes();
            assert_eq!(excerpt.get(key).unwrap(), state.get(key).unwrap());
        }
    }
}
