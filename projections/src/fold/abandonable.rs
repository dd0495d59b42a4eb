//! A state that can be read only while somebody waits for what is computed from it. Every fold that runs for a call reads
//! through one, so each ends soon after its caller has gone, without asking for itself.

use std::ops::{ControlFlow, Range};

use crate::fold::state::{ScanOrder, StateError, StateRead, Visit};
use crate::vantage::ViewState;

/// The state of a view, for an answer that may be abandoned: from then on every read fails, a scan in its midst too.
#[derive(Clone, Copy)]
pub struct AbandonableState<'s> {
    state: ViewState<'s>,
    is_abandoned: &'s (dyn Fn() -> bool + Sync),
}

impl<'s> AbandonableState<'s> {
    /// Reads from `state` until `is_abandoned` says yes. It is asked for every key and entry, so it must be cheap.
    #[must_use]
    pub fn new(state: ViewState<'s>, is_abandoned: &'s (dyn Fn() -> bool + Sync)) -> Self {
        Self {
            state,
            is_abandoned,
        }
    }

    fn check(&self) -> Result<(), StateError> {
        match (self.is_abandoned)() {
            true => Err(StateError::Abandoned),
            false => Ok(()),
        }
    }
}

impl StateRead for AbandonableState<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        self.check()?;
        self.state.get(key)
    }

    fn scan(
        &self,
        range: Range<&[u8]>,
        order: ScanOrder,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError> {
        self.check()?;
        let mut is_abandoned = false;
        self.state.scan(range, order, &mut |key, value| {
            is_abandoned = (self.is_abandoned)();
            match is_abandoned {
                true => ControlFlow::Break(()),
                false => visit(key, value),
            }
        })?;
        match is_abandoned {
            true => Err(StateError::Abandoned),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::MemoryState;
    use crate::fold::state::StateMap as _;

    #[test]
    fn every_read_fails_once_nobody_waits_even_a_scan_in_its_midst() {
        let mut state = MemoryState::default();
        for key in [b"a", b"b", b"c"] {
            state.put(key.to_vec(), Vec::new());
        }
        let gone = AtomicBool::new(false);
        let is_abandoned = || gone.load(Ordering::Relaxed);
        let read = AbandonableState::new(&state, &is_abandoned);
        assert!(read.get(b"a").unwrap().is_some());
        let mut seen = Vec::new();
        let scanned = read.scan(b"a"..b"z", ScanOrder::Ascending, &mut |key, _| {
            seen.push(key.to_vec());
            gone.store(key == b"b", Ordering::Relaxed);
            ControlFlow::Continue(())
        });
        assert!(matches!(scanned, Err(StateError::Abandoned)));
        assert_eq!(seen, [b"a", b"b"]);
        assert!(matches!(read.get(b"a"), Err(StateError::Abandoned)));
        let scanned = read.scan(b"x"..b"z", ScanOrder::Ascending, &mut |_, _| {
            ControlFlow::Continue(())
        });
        assert!(matches!(scanned, Err(StateError::Abandoned)));
    }
}
