//! The question every query asks: is this touchpoint in force, as known at a position?

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::rows::{LINKS, MARKS};
use super::tree;
use super::{Inherited, Inherits};
use crate::HistoryKey;
use crate::fold::excerpt::Excerpt;
use crate::fold::state::{ScanOrder, StateError, StateRead};
use crate::sight::Sight;

/// A touchpoint that stands in for another, or takes it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Its place in the history.
    pub key: HistoryKey,
    /// Who may see it.
    pub sight: Sight,
}

/// Whether a touchpoint counts, and if not, because of which.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// What is in force in its place: the end of its chain of corrections, if another.
    pub corrected_by: Option<Replacement>,
    /// What took it out: the last retraction of it, in history order, that is in force.
    pub retracted_by: Option<Replacement>,
    /// It names a known touchpoint that it can neither correct nor retract: of another kind or stream,
    /// itself a retraction, or in a circle. What it names stands as if it had not been named.
    pub without_effect: bool,
    /// Of a correction: whom it names and who may see it, with all that it inherits. `None` if it corrects
    /// nothing that is known and fits.
    pub inherited: Option<Arc<Inherited>>,
    /// The touchpoint that its chain of corrections began with, and every correction of that, each behind what it
    /// corrects; itself among them. A reference to any of them means all. Empty if nothing names it and it names
    /// nothing.
    pub chain: Arc<[HistoryKey]>,
}

impl Standing {
    /// What its chain of corrections began with, if it is corrected or corrects. What the server stamps stays that of
    /// this one: a correction changes what was said, not when it reached the centre.
    #[must_use]
    pub fn first(&self) -> Option<&HistoryKey> {
        self.chain.first().filter(|_| self.chain.len() > 1)
    }

    /// Whether folds count it.
    #[must_use]
    pub fn in_force(&self) -> bool {
        self.corrected_by.is_none() && self.retracted_by.is_none()
    }
}

/// What a touchpoint that corrects, retracts, or is corrected or retracted hangs together with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ties {
    /// Its stream: nothing in another can bear on it, however long the chain.
    pub stream: String,
    /// (source, id) of what it names itself, which may be unknown or not fit.
    pub names: Vec<(String, String)>,
}

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
        let mut untouched = true;
        state.scan(&[LINKS]..&[LINKS + 1], ScanOrder::Ascending, &mut |_, _| {
            untouched = false;
            std::ops::ControlFlow::Break(())
        })?;
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
            state: Source::Excerpt(Excerpt::of(state, &[LINKS, MARKS])?),
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
