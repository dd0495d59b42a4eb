//! Whom a one-matter stream is about, as it was and as it was known, by what is in force.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::horizon::Horizon;
use super::rows::{NAMES, Names, decode};
use crate::Validity;
use crate::key::{KeyReader, KeyWriter, prefix_end};
use crate::state::{ScanOrder, StateError, StateRead, try_scan};
use ownerline_proto::time::Instant;

/// Fills in owner, vehicle and dealer from the first touchpoint of a stream, in history order, that
/// names them. Answers are kept for the length of one question.
pub(crate) struct Matters<'s> {
    state: &'s dyn StateRead,
    validity: &'s Validity<'s>,
    pub(super) horizon: &'s Horizon,
    as_of: Instant,
    known: BTreeMap<String, Names>,
}

impl<'s> Matters<'s> {
    pub(crate) fn new(
        state: &'s dyn StateRead,
        validity: &'s Validity<'s>,
        horizon: &'s Horizon,
        as_of: Instant,
    ) -> Self {
        Self {
            state,
            validity,
            horizon,
            as_of,
            known: BTreeMap::new(),
        }
    }

    pub(crate) fn names(&mut self, stream: &str) -> Result<&Names, StateError> {
        if !self.known.contains_key(stream) {
            let names = self.read(stream)?;
            self.known.insert(stream.to_owned(), names);
        }
        Ok(self.known.entry(stream.to_owned()).or_default())
    }

    fn read(&self, stream: &str) -> Result<Names, StateError> {
        let start = KeyWriter::table(NAMES).text(stream);
        let end = match self.as_of.nearest().checked_add(1) {
            Some(behind) => start.clone().instant(behind).finish(),
            None => prefix_end(&start.clone().finish()),
        };
        let mut names = Names::default();
        let range = &*start.finish()..&*end;
        try_scan(self.state, range, ScanOrder::Ascending, |key, value| {
            let mut reader = KeyReader::table(key, NAMES)?;
            reader.text()?;
            if self.validity.counts(&reader.history()?)? {
                names.fill_from(decode(value)?);
            }
            Ok(if names.is_complete() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        })?;
        Ok(names)
    }
}
