//! Tables of a state, read once into memory, over the state they are of: for questions that look up so much
//! in them that reading them whole is cheaper.

use std::ops::{ControlFlow, Range};

use crate::fold::state::{ScanOrder, StateError, StateRead, Visit};

/// A state whose smaller tables are in memory. Answers as the state does.
pub(crate) struct Excerpt<'s> {
    state: &'s dyn StateRead,
    tables: Vec<Table>,
}

struct Table {
    name: u8,
    /// Keys and values one behind the other.
    bytes: Vec<u8>,
    /// Where each key begins and ends, and where its value ends; in the order of the keys.
    entries: Vec<(usize, usize, usize)>,
    /// A bit for the hash of each key: most keys that are asked for are not there, and cost no search.
    hashes: Vec<u64>,
}

impl<'s> Excerpt<'s> {
    /// Reads these tables whole.
    pub(crate) fn of(state: &'s dyn StateRead, names: &[u8]) -> Result<Self, StateError> {
        let mut tables = Vec::with_capacity(names.len());
        for name in names {
            let mut table = Table {
                name: *name,
                bytes: Vec::new(),
                entries: Vec::new(),
                hashes: Vec::new(),
            };
            let (start, end): (&[u8], &[u8]) = (&[*name], &[name.saturating_add(1)]);
            state.scan(start..end, ScanOrder::Ascending, &mut |key, value| {
                let begin = table.bytes.len();
                table.bytes.extend_from_slice(key);
                let middle = table.bytes.len();
                table.bytes.extend_from_slice(value);
                table.entries.push((begin, middle, table.bytes.len()));
                ControlFlow::Continue(())
            })?;
            table.hash();
            tables.push(table);
        }
        Ok(Self { state, tables })
    }

    fn table(&self, key: &[u8]) -> Option<&Table> {
        let name = key.first()?;
        self.tables.iter().find(|table| table.name == *name)
    }
}

impl Table {
    fn hash(&mut self) {
        // About sixteen bits a key.
        let mut hashes = vec![0; (self.entries.len() / 4).next_power_of_two()];
        for entry in &self.entries {
            let (place, bit) = bit(self.key(entry), hashes.len());
            if let Some(bits) = hashes.get_mut(place) {
                *bits |= bit;
            }
        }
        self.hashes = hashes;
    }

    fn may_have(&self, key: &[u8]) -> bool {
        let (place, bit) = bit(key, self.hashes.len());
        self.hashes.get(place).is_some_and(|bits| bits & bit != 0)
    }

    fn key(&self, entry: &(usize, usize, usize)) -> &[u8] {
        self.bytes.get(entry.0..entry.1).unwrap_or_default()
    }

    fn value(&self, entry: &(usize, usize, usize)) -> &[u8] {
        self.bytes.get(entry.1..entry.2).unwrap_or_default()
    }
}

/// The bit of a key among so many words, a power of two (FNV-1a, 64 bit).
fn bit(key: &[u8], words: usize) -> (usize, u64) {
    let hash = key.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The upper bits are the better mixed ones.
    let place = usize::try_from(hash >> 32).unwrap_or(0) & (words.saturating_sub(1));
    (place, 1 << ((hash >> 26) & 63))
}

impl StateRead for Excerpt<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        let Some(table) = self.table(key) else {
            return self.state.get(key);
        };
        if !table.may_have(key) {
            return Ok(None);
        }
        let found = table
            .entries
            .binary_search_by(|entry| table.key(entry).cmp(key));
        let entry = found.ok().and_then(|place| table.entries.get(place));
        Ok(entry.map(|entry| table.value(entry).to_vec()))
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
        let before = |bound: &[u8]| {
            let entries = &table.entries;
            entries.partition_point(|entry| table.key(entry) < bound)
        };
        let places = before(range.start)..before(range.end);
        let entries = table.entries.get(places).unwrap_or_default();
        let mut visit = |entry| visit(table.key(entry), table.value(entry));
        // A scan that is broken off is no failure.
        let _ = match order {
            ScanOrder::Ascending => entries.iter().try_for_each(&mut visit),
            ScanOrder::Descending => entries.iter().rev().try_for_each(&mut visit),
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
                // A scan of several tables would be answered from the first alone: there is none.
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
