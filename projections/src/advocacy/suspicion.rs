//! Touchpoints under suspicion: those that an undecided integrity signal names as its evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use ownerline_proto::time::Instant;

use super::rows::{DECISIONS, SIGNALS, SUSPECTS};
use crate::fold::state::{StateError, StateRead};
use crate::{HistoryKey, TouchpointKey, Validity};

/// Answers which touchpoints are suspected, for one query.
pub(super) struct Suspicion<'s> {
    state: &'s dyn StateRead,
    validity: &'s Validity<'s>,
    as_of: Instant,
    /// Every suspected touchpoint, if all signals were read at once.
    all: Option<BTreeSet<TouchpointKey>>,
}

impl<'s> Suspicion<'s> {
    /// Looks up each touchpoint on demand.
    pub(super) fn of_few(
        state: &'s dyn StateRead,
        validity: &'s Validity<'s>,
        as_of: Instant,
    ) -> Self {
        Self {
            state,
            validity,
            as_of,
            all: None,
        }
    }

    /// Reads every signal at once, for a query about all persons.
    pub(super) fn of_all(
        state: &'s dyn StateRead,
        validity: &'s Validity<'s>,
        as_of: Instant,
    ) -> Result<Self, StateError> {
        let mut suspicion = Self::of_few(state, validity, as_of);
        let mut all = BTreeSet::new();
        SIGNALS.all().each(state, |entry| {
            let [source, id] = entry.texts;
            let touchpoint = TouchpointKey::new(source, id);
            if !all.contains(&touchpoint) && suspicion.is_undecided(&entry.key()?, entry.text()?)? {
                all.insert(touchpoint);
            }
            Ok(())
        })?;
        suspicion.all = Some(all);
        Ok(suspicion)
    }

    /// Whether an undecided signal names this touchpoint.
    pub(super) fn names(&self, source: &str, id: &str) -> Result<bool, StateError> {
        if let Some(all) = &self.all {
            return Ok(!all.is_empty() && all.contains(&TouchpointKey::new(source, id)));
        }
        if !SUSPECTS.contains(self.state, source, id)? {
            return Ok(false);
        }
        let mut is_suspected = false;
        let signals = SIGNALS.under(&[source, id]);
        signals.until_break(self.state, |entry| {
            is_suspected = self.is_undecided(&entry.key()?, entry.text()?)?;
            Ok(if is_suspected {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        })?;
        Ok(is_suspected)
    }

    /// Whether a signal is in force and nobody has decided about it.
    fn is_undecided(&self, signal: &HistoryKey, stream: &str) -> Result<bool, StateError> {
        if signal.occurred_at > self.as_of || !self.validity.counts(signal)? {
            return Ok(false);
        }
        let mut is_decided = false;
        let decisions = DECISIONS.up_to([stream, &signal.id], self.as_of);
        decisions.counted_until_break(self.state, self.validity, |_, _| {
            is_decided = true;
            Ok(ControlFlow::Break(()))
        })?;
        Ok(!is_decided)
    }
}

/// Returns the ids of all touchpoints, by source, that a signal names which is in force, undecided and occurred at or
/// before `as_of`.
///
/// # Errors
/// If the state cannot be read.
pub fn suspected(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
) -> Result<BTreeMap<String, BTreeSet<String>>, StateError> {
    let suspicion = Suspicion::of_all(state, validity, as_of)?;
    let mut by_source: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for TouchpointKey { source, id } in suspicion.all.unwrap_or_default() {
        by_source.entry(source).or_default().insert(id);
    }
    Ok(by_source)
}
