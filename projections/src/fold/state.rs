//! The state of a view, an ordered map of bytes: folds write to it, queries read from it.

use std::ops::{ControlFlow, Range};

use thiserror::Error;

/// Why a state could not be read. Folds pass the error on and never act on it.
#[derive(Debug, Clone, Error)]
pub enum StateError {
    /// The engine below failed.
    #[error("view state cannot be read: {reason}")]
    Unreadable {
        /// What the engine reported.
        reason: String,
    },
    /// The engine below cannot be read for the moment, and can be later.
    #[error("view state cannot be read for the moment: {reason}")]
    Waiting {
        /// What the engine waits for.
        reason: String,
    },
    /// Nobody waits any more for the answer that it is read for.
    #[error("nobody waits for the answer any more")]
    Abandoned,
    /// A value is not what this version of the view writes.
    #[error("view state is damaged: {reason}")]
    Damaged {
        /// What does not decode.
        reason: String,
    },
}

/// The direction of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanOrder {
    /// Smallest key first.
    Ascending,
    /// Greatest key first.
    Descending,
}

/// Called with each key and value of a scan; breaks to end it.
pub type Visit<'v> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'v;

/// A state that can be read.
pub trait StateRead {
    /// Returns the value of a key.
    ///
    /// # Errors
    /// If the engine below fails.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError>;

    /// Visits the entries of `range` (its end is exclusive) in bytewise order of keys, or its reverse,
    /// until the visitor breaks. A range that ends at or before its start is empty.
    ///
    /// # Errors
    /// If the engine below fails.
    fn scan(
        &self,
        range: Range<&[u8]>,
        order: ScanOrder,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError>;
}

/// Scans like [`StateRead::scan`] with a visitor that may fail; its failure ends the scan.
///
/// # Errors
/// If the engine below or the visitor fails.
pub fn try_scan(
    state: &dyn StateRead,
    range: Range<&[u8]>,
    order: ScanOrder,
    mut visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, StateError>,
) -> Result<(), StateError> {
    let mut failed = None;
    state.scan(range, order, &mut |key, value| match visit(key, value) {
        Ok(flow) => flow,
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    })?;
    failed.map_or(Ok(()), Err)
}

/// A state that a fold writes to. Reads see earlier writes at once.
pub trait StateMap: StateRead {
    /// Sets the value of a key.
    fn put(&mut self, key: Vec<u8>, value: Vec<u8>);

    /// Removes a key; nothing happens if it is not there.
    fn delete(&mut self, key: &[u8]);
}
