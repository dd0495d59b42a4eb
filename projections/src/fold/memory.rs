//! A state in memory, for tests and for what-if questions.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow, Range};

use crate::fold::state::{ScanOrder, StateError, StateMap, StateRead, Visit};

/// A state in memory. Two are equal if their entries are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryState {
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl MemoryState {
    /// Every entry in bytewise order of keys.
    pub fn entries(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.entries
            .iter()
            .map(|(key, value)| (key.as_slice(), value.as_slice()))
    }
}

impl StateRead for MemoryState {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        Ok(self.entries.get(key).cloned())
    }

    fn scan(
        &self,
        range: Range<&[u8]>,
        order: ScanOrder,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError> {
        if range.start >= range.end {
            return Ok(());
        }
        let bounds = (Bound::Included(range.start), Bound::Excluded(range.end));
        let mut entries = self.entries.range::<[u8], _>(bounds);
        loop {
            let next = match order {
                ScanOrder::Ascending => entries.next(),
                ScanOrder::Descending => entries.next_back(),
            };
            match next {
                Some((key, value)) => {
                    if let ControlFlow::Break(()) = visit(key, value) {
                        return Ok(());
                    }
                }
                None => return Ok(()),
            }
        }
    }
}

impl StateMap for MemoryState {
    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.entries.insert(key, value);
    }

    fn delete(&mut self, key: &[u8]) {
        self.entries.remove(key);
    }
}
