//! The course of a case as of an instant, independent of any policy: one walk over its history.

use std::collections::BTreeSet;

use super::episode::{Episode, Outcome, Pause};
use super::fact::{CaseFact, Place};
use super::flag::CaseFlag;
use super::history::CaseHistory;
use super::kind::CaseFactKind;

/// How a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CaseState {
    /// Nothing of its stream is in force.
    NotOpened,
    /// Somebody works on it.
    Open,
    /// It waits for the owner.
    PausedOnOwner,
    /// An outcome was reached.
    Resolved,
    /// It is closed.
    Closed,
}

/// The course of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseCourse<'h> {
    /// The fact with which it begins; `None`: it is not opened, and there are no episodes.
    pub opening: Option<&'h CaseFact>,
    /// Its episodes: one, and one more for each reopening.
    pub episodes: Vec<Episode<'h>>,
    /// What is odd about it.
    pub flags: BTreeSet<CaseFlag>,
}

impl<'h> CaseCourse<'h> {
    /// The course by the facts of a history.
    #[must_use]
    pub fn of(history: &'h CaseHistory) -> Self {
        let Some(opening) = history.opening() else {
            return Self {
                opening: None,
                episodes: Vec::new(),
                flags: BTreeSet::new(),
            };
        };
        let mut walk = Walk {
            opening,
            done: Vec::new(),
            episode: Episode::begin(0, opening, opening),
            flags: BTreeSet::new(),
        };
        if opening.kind() != CaseFactKind::CaseOpened {
            walk.flags.insert(CaseFlag::OpeningMissing);
        }
        for fact in &history.facts {
            walk.takes(fact);
        }
        let Walk {
            mut done,
            episode,
            flags,
            ..
        } = walk;
        done.push(episode);
        Self {
            opening: Some(opening),
            episodes: done,
            flags,
        }
    }

    /// The episode that is running, or was last.
    #[must_use]
    pub fn last(&self) -> Option<&Episode<'h>> {
        self.episodes.last()
    }

    /// How the case stands.
    #[must_use]
    pub fn state(&self) -> CaseState {
        match self.last() {
            None => CaseState::NotOpened,
            Some(last) if last.is_closed() => CaseState::Closed,
            Some(last) if last.resolved_by().is_some() => CaseState::Resolved,
            Some(last) if last.paused().is_some() => CaseState::PausedOnOwner,
            Some(_) => CaseState::Open,
        }
    }

    /// Every pause, in history order.
    pub fn pauses(&self) -> impl Iterator<Item = &Pause<'h>> {
        self.episodes.iter().flat_map(|episode| &episode.pauses)
    }
}

struct Walk<'h> {
    opening: &'h CaseFact,
    done: Vec<Episode<'h>>,
    episode: Episode<'h>,
    flags: BTreeSet<CaseFlag>,
}

impl<'h> Walk<'h> {
    fn takes(&mut self, fact: &'h CaseFact) {
        if fact.is_owners_words() {
            self.resume(fact);
        }
        let kind = fact.kind();
        if kind.is_about_outcome() {
            self.verdict(fact);
        }
        if fact.place != Place::Stream {
            return;
        }
        match kind {
            CaseFactKind::CaseOpened => self.opened(fact),
            CaseFactKind::CaseReopened => self.reopened(fact),
            CaseFactKind::CaseResolved => self.episode.outcomes.push(Outcome {
                by: fact,
                rejected_by: None,
            }),
            CaseFactKind::CaseClosed => self.closed(fact),
            CaseFactKind::CasePausedOnOwner => self.paused(fact),
            CaseFactKind::CaseResumed if !self.resume(fact) => {
                self.flags.insert(CaseFlag::ResumedWithoutPause);
            }
            _ => {}
        }
    }

    fn opened(&mut self, fact: &'h CaseFact) {
        if fact.key == self.opening.key {
            return;
        }
        if self.episode.is_closed() {
            self.flags.insert(CaseFlag::OpenedAgain);
            self.begin(fact);
        } else {
            self.flags.insert(CaseFlag::OpenedTwice);
        }
    }

    fn reopened(&mut self, fact: &'h CaseFact) {
        if self.episode.is_closed() {
            self.begin(fact);
        } else if self.episode.resolved_by().is_some() {
            self.resume(fact);
            self.episode.reopened_by = Some(fact);
            self.begin(fact);
        } else {
            self.flags.insert(CaseFlag::ReopenedWhileOpen);
        }
    }

    fn begin(&mut self, fact: &'h CaseFact) {
        let next = Episode::begin(self.episode.number + 1, fact, self.opening);
        self.done.push(std::mem::replace(&mut self.episode, next));
    }

    fn closed(&mut self, fact: &'h CaseFact) {
        if self.episode.is_closed() {
            self.flags.insert(CaseFlag::ClosedTwice);
        } else if fact.key < self.opening.key {
            self.flags.insert(CaseFlag::ClosedFirst);
        }
        self.resume(fact);
        self.episode.closings.push(fact);
    }

    fn verdict(&mut self, fact: &'h CaseFact) {
        self.episode.verdict_by = Some(fact);
        if fact.kind() != CaseFactKind::ResolutionRejected {
            return;
        }
        self.episode.rejections.push(fact);
        let mut outcomes = self.episode.outcomes.iter_mut().rev();
        if let Some(last) = outcomes.find(|it| it.rejected_by.is_none()) {
            last.rejected_by = Some(fact);
        }
        if self.episode.is_closed() {
            self.flags.insert(CaseFlag::RejectedAfterClosing);
        }
    }

    fn paused(&mut self, fact: &'h CaseFact) {
        if self.episode.is_closed() {
            self.flags.insert(CaseFlag::PausedWhileClosed);
        } else if self.episode.paused().is_some() {
            self.flags.insert(CaseFlag::PausedTwice);
        } else {
            self.episode.pauses.push(Pause {
                by: fact,
                ended_by: None,
            });
        }
    }

    /// Ends the pause, and returns whether there was one.
    fn resume(&mut self, fact: &'h CaseFact) -> bool {
        let last = self.episode.pauses.last_mut();
        match last.filter(|pause| pause.ended_by.is_none()) {
            Some(pause) => {
                pause.ended_by = Some(fact);
                true
            }
            None => false,
        }
    }
}
