//! Answers whether a touchpoint is in force, as known at a position.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::inherit::Inherits;
use super::relatives::{self, Relative};
use super::rows::{LINK_TABLE, LINKS, MARKS};
use super::standing::{Standing, Ties};
use super::tree;
use crate::fold::excerpt::Excerpt;
use crate::fold::state::{StateError, StateRead};
use crate::{HistoryKey, Position, TouchpointKey};

/// The standings found so far, by key.
type Memo = BTreeMap<TouchpointKey, Standing>;

/// Which touchpoints are in force as known at one position, over the state of [`corrections`](super). It lives for one
/// query and remembers its answers.
pub struct Validity<'s> {
    state: Source<'s>,
    known_at: Position,
    /// Nothing was ever corrected or retracted, so nothing has to be looked up.
    untouched: bool,
    memo: RefCell<Memo>,
}

/// The rows of corrections.
enum Source<'s> {
    State(&'s dyn StateRead),
    /// With the tables of links and marks read into memory.
    Excerpt(Excerpt<'s>),
}

impl<'s> Validity<'s> {
    /// Judges by everything recorded at or before `known_at`, which `state` has reached.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn new(state: &'s dyn StateRead, known_at: Position) -> Result<Self, StateError> {
        let untouched = LINKS.all().is_empty(state)?;
        Ok(Self {
            state: Source::State(state),
            known_at,
            untouched,
            memo: RefCell::default(),
        })
    }

    /// Like [`Self::new`], for a query over everything: reads all links and marks at once, some hundred bytes each, so
    /// that touchpoints without them cost no look-up.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn for_all(state: &'s dyn StateRead, known_at: Position) -> Result<Self, StateError> {
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

    /// The position of the query: later touchpoints are not known.
    #[must_use]
    pub fn known_at(&self) -> Position {
        self.known_at
    }

    /// Whether the touchpoint with this key is known and in force.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn counts(&self, key: &HistoryKey) -> Result<bool, StateError> {
        if key.position > self.known_at {
            return Ok(false);
        }
        Ok(self.untouched || self.standing(&key.source, &key.id)?.in_force())
    }

    /// Fills in the fields that the row of a correction leaves unset.
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

    /// Returns what can change the standing of a touchpoint, apart from touchpoints that name it; `None` if it has no
    /// references in either direction.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn ties(&self, source: &str, id: &str) -> Result<Option<Ties>, StateError> {
        if self.untouched {
            return Ok(None);
        }
        tree::ties(self.state(), source, id)
    }

    /// Returns a touchpoint and every other whose standing may depend on it, or its own on that, at most `most`; `None`
    /// if there are more. Empty if it is not known.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn relatives(
        &self,
        source: &str,
        id: &str,
        most: usize,
    ) -> Result<Option<Vec<Relative>>, StateError> {
        relatives::relatives(self.state(), self.known_at, source, id, most)
    }

    /// Returns a touchpoint, if it is known.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn known(&self, source: &str, id: &str) -> Result<Option<Relative>, StateError> {
        relatives::known(self.state(), self.known_at, source, id)
    }

    /// Returns the case that a known touchpoint names, itself or by what it corrects; empty if none. A touchpoint of the
    /// stream of a case names that in its stream.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub(crate) fn case_named(&self, source: &str, id: &str) -> Result<String, StateError> {
        if let Some(inherited) = self.standing(source, id)?.inherited {
            return Ok(inherited.subjects.case_id.clone());
        }
        relatives::case_named(self.state(), source, id)
    }

    /// Whether another touchpoint named this one as its target before it was recorded, so that it changes the standing
    /// of touchpoints that it does not name.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn was_awaited(&self, key: &HistoryKey) -> Result<bool, StateError> {
        Ok(!self.untouched && relatives::was_awaited(self.state(), key)?)
    }

    /// Returns the standing of a touchpoint. One that nothing names, or that is not known, is in force.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn standing(&self, source: &str, id: &str) -> Result<Standing, StateError> {
        if self.untouched || !tree::is_marked(self.state(), source, id)? {
            return Ok(Standing::default());
        }
        let name = TouchpointKey::new(source, id);
        if let Some(standing) = self.memo.borrow().get(&name) {
            return Ok(standing.clone());
        }
        // One pass decides the whole chain, so that a page of one long chain stays linear.
        let standings = tree::standings(self.state(), self.known_at, source, id)?;
        let mut memo = self.memo.borrow_mut();
        memo.extend(standings);
        Ok(memo.get(&name).cloned().unwrap_or_default())
    }
}
