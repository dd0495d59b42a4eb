//! The rows in force: those of known touchpoints that nothing corrects or retracts.

use std::ops::ControlFlow;

use prost::Message;

use crate::fold::corrections::Inherits;
use crate::fold::state::{StateError, StateRead};
use crate::fold::table::{Entry, Scan};
use crate::{HistoryKey, Validity};

impl<R, const N: usize> Scan<'_, R, N> {
    /// Visits every row in force until the visitor breaks.
    pub(crate) fn counted_until_break(
        &self,
        state: &dyn StateRead,
        validity: &Validity<'_>,
        mut visit: impl FnMut(HistoryKey, Entry<'_, R, N>) -> Result<ControlFlow<()>, StateError>,
    ) -> Result<(), StateError> {
        self.until_break(state, |entry| {
            let key = entry.key()?;
            if key.occurred_at <= self.as_of && validity.counts(&key)? {
                visit(key, entry)
            } else {
                Ok(ControlFlow::Continue(()))
            }
        })
    }

    /// Visits every row in force.
    pub(crate) fn counted(
        &self,
        state: &dyn StateRead,
        validity: &Validity<'_>,
        mut visit: impl FnMut(HistoryKey, Entry<'_, R, N>) -> Result<(), StateError>,
    ) -> Result<(), StateError> {
        self.counted_until_break(state, validity, |key, entry| {
            visit(key, entry)?;
            Ok(ControlFlow::Continue(()))
        })
    }
}

impl<R: Message + Default + Inherits, const N: usize> Entry<'_, R, N> {
    /// Decodes the row and fills in the fields that it inherits from the touchpoint that it corrects.
    pub(crate) fn inherited(
        &self,
        validity: &Validity<'_>,
        key: &HistoryKey,
    ) -> Result<R, StateError> {
        let mut row = self.row()?;
        validity.inherit(key, &mut row)?;
        Ok(row)
    }
}
