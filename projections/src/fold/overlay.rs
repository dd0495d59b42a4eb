//! Pending writes over a state, readable as if they were part of it.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow, Range};

use crate::fold::state::{ScanOrder, StateError, StateMap, StateRead, Visit};

/// Pending writes in bytewise order of keys; `None` removes the key.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    bytes: usize,
}

/// The approximate memory of a write besides its key and value: two vectors and its share of a node.
const ENTRY_BYTES: usize = 64;

fn weight(key: usize, value: Option<&Vec<u8>>) -> usize {
    ENTRY_BYTES + key + value.map_or(0, Vec::len)
}

impl Overlay {
    /// The number of written keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// The approximate memory of the writes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Sets the value of a key.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.write(key, Some(value));
    }

    /// Removes a key.
    pub fn delete(&mut self, key: &[u8]) {
        self.write(key.to_vec(), None);
    }

    fn write(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        let length = key.len();
        self.bytes += weight(length, value.as_ref());
        if let Some(before) = self.writes.insert(key, value) {
            self.bytes -= weight(length, before.as_ref());
        }
    }

    /// Takes all writes out, in bytewise order of keys.
    pub fn take(&mut self) -> impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)> + use<> {
        self.bytes = 0;
        std::mem::take(&mut self.writes).into_iter()
    }

    /// Moves all writes into a state.
    pub fn merge_into(&mut self, state: &mut dyn StateMap) {
        for (key, value) in self.take() {
            match value {
                Some(value) => state.put(key, value),
                None => state.delete(&key),
            }
        }
    }

    /// Returns the value of a key as if the writes were part of `base`.
    ///
    /// # Errors
    /// If `base` cannot be read.
    pub fn get_over(
        &self,
        base: &dyn StateRead,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, StateError> {
        match self.writes.get(key) {
            Some(written) => Ok(written.clone()),
            None => base.get(key),
        }
    }

    /// Visits a range as if the writes were part of `base`.
    ///
    /// # Errors
    /// If `base` cannot be read.
    pub fn scan_over(
        &self,
        base: &dyn StateRead,
        range: Range<&[u8]>,
        order: ScanOrder,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError> {
        if range.start >= range.end {
            return Ok(());
        }
        if self.writes.is_empty() {
            return base.scan(range, order, visit);
        }
        let bounds = (Bound::Included(range.start), Bound::Excluded(range.end));
        let mut written = PendingWrites::new(self.writes.range::<[u8], _>(bounds), order);
        let mut ended = false;
        base.scan(range, order, &mut |key, value| {
            let flow = written.visit_through(key, value, visit);
            ended = flow.is_break();
            flow
        })?;
        if !ended {
            let _ = written.visit_rest(visit);
        }
        Ok(())
    }
}

type Written<'w> = std::collections::btree_map::Range<'w, Vec<u8>, Option<Vec<u8>>>;

type Write<'w> = (&'w Vec<u8>, &'w Option<Vec<u8>>);

fn step<'w>(written: &mut Written<'w>, order: ScanOrder) -> Option<Write<'w>> {
    match order {
        ScanOrder::Ascending => written.next(),
        ScanOrder::Descending => written.next_back(),
    }
}

/// The writes of a range that a scan has not reached yet.
struct PendingWrites<'w> {
    rest: Written<'w>,
    order: ScanOrder,
    next: Option<Write<'w>>,
}

impl<'w> PendingWrites<'w> {
    fn new(mut rest: Written<'w>, order: ScanOrder) -> Self {
        let next = step(&mut rest, order);
        Self { rest, order, next }
    }

    /// Visits the writes before an entry of the base, then the entry unless it is overwritten.
    fn visit_through(
        &mut self,
        key: &[u8],
        value: &[u8],
        visit: &mut Visit<'_>,
    ) -> ControlFlow<()> {
        while let Some((written, to)) = self.next {
            let before = match self.order {
                ScanOrder::Ascending => written.as_slice() <= key,
                ScanOrder::Descending => written.as_slice() >= key,
            };
            if !before {
                break;
            }
            self.next = step(&mut self.rest, self.order);
            if let Some(to) = to {
                visit(written, to)?;
            }
            if written.as_slice() == key {
                return ControlFlow::Continue(());
            }
        }
        visit(key, value)
    }

    /// Visits the writes after the last entry of the base.
    fn visit_rest(&mut self, visit: &mut Visit<'_>) -> ControlFlow<()> {
        while let Some((written, to)) = self.next {
            self.next = step(&mut self.rest, self.order);
            if let Some(to) = to {
                visit(written, to)?;
            }
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::MemoryState;

    fn collect(
        limit: usize,
        scan: impl FnOnce(&mut Visit<'_>) -> Result<(), StateError>,
    ) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut seen = Vec::new();
        scan(&mut |key, value| {
            seen.push((key.to_vec(), value.to_vec()));
            if seen.len() == limit {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap();
        seen
    }

    proptest! {
        #[test]
        fn reading_through_an_overlay_equals_reading_the_merged_state(
            base in prop::collection::btree_map(0_u8..12, any::<u8>(), 0..8),
            writes in prop::collection::vec((0_u8..12, any::<Option<u8>>()), 0..8),
            from in 0_u8..12, until in 0_u8..14, descending: bool, limit in 1_usize..12,
        ) {
            let mut state = MemoryState::default();
            for (key, value) in base {
                state.put(vec![key], vec![value]);
            }
            let mut overlay = Overlay::default();
            for (key, value) in writes {
                match value {
                    Some(value) => overlay.put(vec![key], vec![value]),
                    None => overlay.delete(&[key]),
                }
            }
            let mut merged = state.clone();
            overlay.clone().merge_into(&mut merged);
            let order = if descending { ScanOrder::Descending } else { ScanOrder::Ascending };
            let (from, until) = ([from], [until]);
            let through = collect(limit, |v| overlay.scan_over(&state, &from..&until, order, v));
            let after = collect(limit, |v| merged.scan(&from..&until, order, v));
            prop_assert_eq!(through, after);
            prop_assert_eq!(overlay.get_over(&state, &from).unwrap(), merged.get(&from).unwrap());
            let held = overlay.writes.iter();
            let weighed = held.map(|(key, value)| weight(key.len(), value.as_ref()));
            prop_assert_eq!(overlay.bytes(), weighed.sum::<usize>());
        }
    }
}
