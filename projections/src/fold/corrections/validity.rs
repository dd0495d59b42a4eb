//! The question every query asks: is this touchpoint in force, as known at a position?

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::inherit::Inherits;
use super::rows::{LINK_TABLE, LINKS, MARKS};
use super::standing::{Standing, Ties};
use super::tree;
use crate::HistoryKey;
use crate::fold::excerpt::Excerpt;
use crate::fold::state::{StateError, StateRead};

/// (source, id) and what was found out about it.
type Memo = BTreeMap<(String, String), Standing>;

/// Which touchpoints are in force as known at one position, over the state of
/// [`corrections`](super). Answers are kept for as long as it lives: one question.
pub struct Validity<'s> {
    state: Source<'s>,
    known_at: u64,
    /// Nothing was ever corrected or retracted, so that nothing has to be looked up.
    untouched: bool,
    memo: RefCell<Memo>,
}

/// Where corrections are looked up.
enum Source<'s> {
    State(&'s dyn StateRead),
    /// What names or is named was read at once.
    Excerpt(Excerpt<'s>),
}

impl<'s> Validity<'s> {
    /// What counts is what was recorded at or before `known_at`, which `state` has reached.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn new(state: &'s dyn StateRead, known_at: u64) -> Result<Self, StateError> {
        let untouched = LINKS.all().is_empty(state)?;
        Ok(Self {
            state: Source::State(state),
            known_at,
            untouched,
            memo: RefCell::default(),
        })
    }

    /// As [`Self::new`], for a question about everything: reads once what names which touchpoints, some hundred
    /// bytes for each, so that all the others cost no look-up.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn for_all(state: &'s dyn StateRead, known_at: u64) -> Result<Self, StateError> {
        Ok(Self {
            state: Source::Excerpt(Excerpt::of(state, &[LINK_TABLE, MARKS])?),
            ..Self::new(state, known_at)?
        })
    }

    fn state(&self) -> &dyn StateRead {
        match &self.state {
            Source::State(state) => *state,
            Source::Excerpt(excerpt) => excerpt,
        }
    }

    /// The position as known at which it answers.
    #[must_use]
    pub fn known_at(&self) -> u64 {
        self.known_at
    }

    /// Whether folds count the touchpoint with this place: it is known and in force.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn counts(&self, key: &HistoryKey) -> Result<bool, StateError> {
        if key.position > self.known_at {
            return Ok(false);
        }
        Ok(self.untouched || self.standing(&key.source, &key.id)?.in_force())
    }

    /// Fills in what a row of a touchpoint leaves unset, if that is a correction.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub(crate) fn inherit(
        &self,
        key: &HistoryKey,
        row: &mut impl Inherits,
    ) -> Result<(), StateError> {
        if !self.untouched
            && key.position <= self.known_at
            && let Some(inherited) = self.standing(&key.source, &key.id)?.inherited
        {
            row.inherit(&inherited);
        }
        Ok(())
    }

    /// What can change how a touchpoint stands, apart from touchpoints that name it; `None` if it names
    /// none and none names it.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn ties(&self, source: &str, id: &str) -> Result<Option<Ties>, StateError> {
        if self.untouched {
            return Ok(None);
        }
        tree::ties(self.state(), source, id)
    }

    /// How a known touchpoint stands. One that nothing names, or that is not known, is in force.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn standing(&self, source: &str, id: &str) -> Result<Standing, StateError> {
        if self.untouched || !tree::is_marked(self.state(), source, id)? {
            return Ok(Standing::default());
        }
        let name = (source.to_owned(), id.to_owned());
        if let Some(found) = self.memo.borrow().get(&name) {
            return Ok(found.clone());
        }
        // What hangs together is found out together, so that a page of one long chain stays linear.
        let found = tree::standings(self.state(), self.known_at, source, id)?;
        let mut memo = self.memo.borrow_mut();
        memo.extend(found);
        Ok(memo.get(&name).cloned().unwrap_or_default())
    }
}
