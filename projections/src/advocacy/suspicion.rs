//! What an undecided signal of integrity names as its evidence, as it was and as it was known.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::rows::{DECISIONS, SIGNALS, SUSPECTS};
use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::state::{ScanOrder, StateError, StateRead, try_scan};
use crate::{HistoryKey, Validity};
use ownerline_proto::time::Instant;

/// Answers for one question which touchpoints are suspected.
pub(super) struct Suspicion<'s> {
    state: &'s dyn StateRead,
    validity: &'s Validity<'s>,
    as_of: Instant,
    /// Every touchpoint that is, if all were looked up at once.
    all: Option<BTreeSet<(String, String)>>,
}

impl<'s> Suspicion<'s> {
    /// Looks up what it is asked for.
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

    /// Reads every signal once, for a question about everybody.
    pub(super) fn of_all(
        state: &'s dyn StateRead,
        validity: &'s Validity<'s>,
        as_of: Instant,
    ) -> Result<Self, StateError> {
        let mut suspicion = Self::of_few(state, validity, as_of);
        let mut all = BTreeSet::new();
        let range: &[u8] = &[SIGNALS];
        let end: &[u8] = &[SIGNALS + 1];
        try_scan(state, range..end, ScanOrder::Ascending, |key, stream| {
            let mut reader = KeyReader::table(key, SIGNALS)?;
            let named = (reader.text()?.to_owned(), reader.text()?.to_owned());
            if !all.contains(&named) && suspicion.is_undecided(&reader.history()?, stream)? {
                all.insert(named);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        suspicion.all = Some(all);
        Ok(suspicion)
    }

    /// Whether an undecided signal names this touchpoint.
    pub(super) fn names(&self, source: &str, id: &str) -> Result<bool, StateError> {
        if let Some(all) = &self.all {
            return Ok(!all.is_empty() && all.contains(&(source.to_owned(), id.to_owned())));
        }
        let mark = KeyWriter::table(SUSPECTS).text(source).text(id).finish();
        if self.state.get(&mark)?.is_none() {
            return Ok(false);
        }
        let prefix = KeyWriter::table(SIGNALS).text(source).text(id).finish();
        let end = prefix_end(&prefix);
        let mut found = false;
        try_scan(
            self.state,
            &*prefix..&*end,
            ScanOrder::Ascending,
            |key, stream| {
                let mut reader = KeyReader::table(key, SIGNALS)?;
                reader.text()?;
                reader.text()?;
                found = self.is_undecided(&reader.history()?, stream)?;
                Ok(if found {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            },
        )?;
        Ok(found)
    }

    /// Whether a signal counts and nobody decided about it.
    fn is_undecided(&self, signal: &HistoryKey, stream: &[u8]) -> Result<bool, StateError> {
        if signal.occurred_at > self.as_of || !self.validity.counts(signal)? {
            return Ok(false);
        }
        let stream = std::str::from_utf8(stream).map_err(|_| StateError::Damaged {
            reason: "row of advocacy: a stream is not UTF-8".to_owned(),
        })?;
        let prefix = KeyWriter::table(DECISIONS).text(stream).text(&signal.id);
        let prefix = prefix.finish();
        let end = prefix_end(&prefix);
        let mut decided = false;
        try_scan(
            self.state,
            &*prefix..&*end,
            ScanOrder::Ascending,
            |key, _| {
                let mut reader = KeyReader::table(key, DECISIONS)?;
                reader.text()?;
                reader.text()?;
                let key = reader.history()?;
                decided = key.occurred_at <= self.as_of && self.validity.counts(&key)?;
                Ok(if decided {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            },
        )?;
        Ok(!decided)
    }
}

/// The ids of every touchpoint that an undecided signal names, by source, as far as it counts and occurred at or
/// before `as_of` (nanoseconds since the Unix epoch).
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
    for (source, id) in suspicion.all.unwrap_or_default() {
        by_source.entry(source).or_default().insert(id);
    }
    Ok(by_source)
}
