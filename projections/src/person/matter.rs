//! Reads the rows that the timeline keeps of the touchpoints of a one-matter stream.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use ownerline_proto::time::Instant;

use super::names::Names;
use crate::fold::state::{StateError, StateRead};
use crate::timeline::{KINDS_OF_OWNERLESS, NAMES};
use crate::{HistoryKey, Position, Validity};

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
        let rows = NAMES.up_to([stream], self.as_of);
        rows.counted_until_break(self.state, self.validity, |key, entry| {
            let names = entry.inherited(self.validity, &key)?;
            Ok(go_on(visit(Named { key, names })?))
        })
    }

    /// The first known touchpoint that names a vehicle and whose kind passes, whether it is in force or not.
    pub(super) fn first_ever_of_a_vehicle(
        &self,
        stream: &str,
        passes: impl Fn(u32) -> bool,
    ) -> Result<Option<Named>, StateError> {
        let mut found = None;
        let rows = NAMES.up_to([stream], self.as_of);
        let rows = rows.known_at(self.validity.known_at());
        rows.until_break(self.state, |entry| {
            let (key, names) = (entry.key()?, entry.row()?);
            if key.occurred_at <= self.as_of && passes(names.kind) && !names.vin.is_empty() {
                found = Some(Named { key, names });
            }
            Ok(go_on(found.is_none()))
        })?;
        Ok(found)
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
        let rows = KINDS_OF_OWNERLESS.up_to([stream], self.as_of);
        rows.counted_until_break(self.state, self.validity, |key, entry| {
            if found.as_ref().is_some_and(|it| it.key <= key) {
                return Ok(ControlFlow::Break(()));
            }
            let kind = entry.row()?.kind;
            let ends = passes(kind);
            if ends {
                let mut names = Names {
                    kind,
                    ..Names::default()
                };
                self.validity.inherit(&key, &mut names)?;
                found = Some(Named { key, names });
            }
            Ok(go_on(!ends))
        })?;
        Ok(found)
    }

    /// The kind of every touchpoint in force, whether it names any subject or not.
    pub(super) fn kinds(&self, stream: &str) -> Result<BTreeMap<HistoryKey, u32>, StateError> {
        let mut kinds = BTreeMap::new();
        self.named(stream, |Named { key, names }| {
            kinds.insert(key, names.kind);
            Ok(true)
        })?;
        let rows = KINDS_OF_OWNERLESS.up_to([stream], self.as_of);
        rows.counted(self.state, self.validity, |key, entry| {
            kinds.insert(key, entry.row()?.kind);
            Ok(())
        })?;
        Ok(kinds)
    }
}

fn go_on(goes_on: bool) -> ControlFlow<()> {
    if goes_on {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}

/// Every vehicle that any touchpoint of a stream names, whether that counts or not.
pub(crate) fn vehicles_ever_named(
    state: &dyn StateRead,
    stream: &str,
) -> Result<BTreeSet<String>, StateError> {
    let mut found = BTreeSet::new();
    NAMES.under(&[stream]).each(state, |entry| {
        let Names { vin, .. } = entry.row()?;
        if !vin.is_empty() {
            found.insert(vin);
        }
        Ok(())
    })?;
    Ok(found)
}

/// Whether any touchpoint of a stream known at a position names a vehicle, whether that counts or not.
pub(crate) fn names_vehicle(
    state: &dyn StateRead,
    stream: &str,
    vin: &str,
    known_at: Position,
) -> Result<bool, StateError> {
    let mut is_named = false;
    let rows = NAMES.under(&[stream]).known_at(known_at);
    rows.until_break(state, |entry| {
        is_named = entry.row()?.vin == vin;
        Ok(go_on(!is_named))
    })?;
    Ok(is_named)
}
