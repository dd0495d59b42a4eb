//! Watching a timeline: what changed since the last look, as soon as something bears on it. A look compares two answers of
//! the same views: those of their rows that the touchpoints recorded since can have changed, or all of them, for the first
//! answer and where that is not known.

use std::collections::{BTreeSet, VecDeque};

use ownerline_projections::fold::reach::Reach;
use ownerline_projections::timeline::{
    AnswerBasis, Change, ChangesQuestion, TimelineFilter, TimelineRow,
};
use ownerline_projections::{HistoryKey, Recorded, Viewer, timeline};

use super::page::{TimelineEntry, TimelineReads, entry};
use crate::projector::Decoder;
use crate::query::answer_budget::AnswerBudget;
use crate::query::basis::Basis;
use crate::query::error::QueryError;
use crate::query::needs::TIMELINE;
use crate::query::watching::{LookAt, Rest, WatchFrom, WatchPace, Watching, Woken};
use crate::store::{Position, ReadError};

/// The most bytes of what says that a touchpoint is no longer on the timeline: two texts of 256 bytes, and numbers.
const REMOVED_BYTES: usize = 1_024;
/// Changes of one step at most.
const STEP_CHANGES: usize = 256;
/// Changes that are found at once, some hundred bytes each, and told in several steps.
const FOUND_CHANGES: usize = 4_096;

/// One change of the timeline.
#[derive(Debug, Clone)]
pub enum WatchChange {
    /// It is on the timeline now.
    Added(TimelineEntry),
    /// Something else is said about it now.
    Revised(TimelineEntry),
    /// It is on the timeline no more: its place in the log and in the history.
    Removed(HistoryKey),
}

/// Some changes, and the basis of the timeline with them.
#[derive(Debug, Clone)]
pub struct WatchStep {
    /// In history order; empty if nothing changed for a while.
    pub changes: Vec<WatchChange>,
    /// What the timeline reflects once the changes are complete.
    pub basis: Basis,
    /// More changes up to the same basis follow.
    pub more: bool,
}

/// A running watch. Dropping it ends it.
pub struct TimelineWatch {
    watching: Watching,
    owner_id: String,
    filter: TimelineFilter,
    /// An answer that takes several steps.
    look: Option<Look>,
    /// Nothing was told yet.
    silent: bool,
}

/// An answer that takes several steps.
struct Look {
    to: Basis,
    /// What can change it, as far as it was found.
    reach: Reach,
    /// Changes that are still to be told.
    found: VecDeque<Change>,
    /// The place of the last one, if more may be found behind it.
    after: Option<HistoryKey>,
}

impl TimelineReads {
    /// Begins to watch.
    ///
    /// # Errors
    /// If a position lies behind the end of the log, or the views do not reach it in time.
    pub async fn watch(
        &self,
        owner_id: String,
        filter: TimelineFilter,
        from: WatchFrom,
        pace: WatchPace,
        viewer: &Viewer,
    ) -> Result<TimelineWatch, QueryError> {
        let rest = Rest::default();
        let watching = Watching::begin(&self.reads, TIMELINE, viewer, from, pace, rest).await?;
        Ok(TimelineWatch {
            watching,
            owner_id,
            filter,
            look: None,
            silent: true,
        })
    }
}

impl TimelineWatch {
    /// The next step: at once for the first, then when something changed or was silent for long enough.
    ///
    /// # Errors
    /// If the owner is not known at all, or a view or the log cannot be read; the watch is over then.
    pub async fn next(&mut self) -> Result<WatchStep, QueryError> {
        loop {
            self.watching.receive()?;
            let is_continued = self.look.is_some();
            if !is_continued && !self.silent {
                match self.watching.wait().await? {
                    Woken::ByChange => {}
                    Woken::BySilence => return Ok(self.still()),
                }
            }
            let step = self.step().await?;
            // Whoever was told that more follows is told that nothing does.
            let is_due = is_continued || std::mem::take(&mut self.silent);
            if is_due || !step.changes.is_empty() {
                self.silent = false;
                self.watching.tells();
                return Ok(step);
            }
        }
    }

    /// Nothing changed, up to here and now.
    fn still(&mut self) -> WatchStep {
        WatchStep {
            changes: Vec::new(),
            basis: self.watching.still(),
            more: false,
        }
    }

    /// One step of an answer.
    async fn step(&mut self) -> Result<WatchStep, QueryError> {
        let mut look = match self.look.take() {
            None => self.begin().await?,
            Some(look) if look.found.is_empty() => self.go_on(look).await?,
            Some(look) => look,
        };
        let changes = self.fill(&mut look.found).await?;
        let (basis, more) = (look.to, !look.found.is_empty() || look.after.is_some());
        match more {
            true => self.look = Some(look),
            false => self.watching.complete(basis, look.reach),
        }
        Ok(WatchStep {
            changes,
            basis,
            more,
        })
    }

    /// Begins a look: compares what touchpoints recorded since the last one can have changed, or everything.
    async fn begin(&mut self) -> Result<Look, QueryError> {
        let as_of = self.watching.now();
        let touched = match self.watching.touched(as_of) {
            Some(touched) => Some(self.read(touched).await?),
            None => None,
        };
        let at = match touched {
            Some(_) => LookAt::Heard(as_of),
            None => {
                self.watching.forget_ahead();
                LookAt::Now
            }
        };
        let reach = self.watching.take_reach();
        self.compare(at, touched, reach, None).await
    }

    /// Goes on with a look where the changes found ended.
    async fn go_on(&mut self, look: Look) -> Result<Look, QueryError> {
        let at = LookAt::Again(look.to);
        self.compare(at, None, look.reach, look.after).await
    }

    /// Compares the answer before with that of the look.
    async fn compare(
        &mut self,
        at: LookAt,
        touched: Option<Vec<Recorded>>,
        mut reach: Reach,
        after: Option<HistoryKey>,
    ) -> Result<Look, QueryError> {
        let from = self.watching.basis().map(|basis| AnswerBasis {
            known_at: basis.known_at,
            as_of: basis.as_of,
        });
        let begins = after.is_none();
        let question = ChangesQuestion {
            owner_id: self.owner_id.clone(),
            filter: self.filter.clone(),
            from,
            after,
            limit: FOUND_CHANGES,
        };
        let compared = self.watching.look(at, move |snapshots, vantage| {
            let touched = touched.as_deref();
            let page = timeline::answer_changes(snapshots, vantage, question, touched, &mut reach)?;
            Ok((reach, page))
        });
        let (to, (reach, page)) = compared.await?;
        if begins && page.is_whole {
            self.watching.looked_at_everything();
        }
        let last = page.changes.last().filter(|_| page.more);
        Ok(Look {
            to,
            reach,
            after: last.map(|change| change.key().clone()),
            found: page.changes.into(),
        })
    }

    /// Reads touchpoints from the log.
    async fn read(&self, positions: BTreeSet<Position>) -> Result<Vec<Recorded>, QueryError> {
        let store = &self.watching.reads.store;
        let events = store
            .read_positions(positions.into_iter().collect())
            .await?;
        let decoder = Decoder::new();
        let touchpoints = events.iter().map(|event| {
            let entry = decoder.decode(event);
            let entry = entry.map_err(|reason| QueryError::Undecodable {
                position: event.position,
                reason,
            })?;
            Ok(entry.recorded().clone())
        });
        touchpoints.collect()
    }

    /// Takes as many changes as fit one step, with what the log says about them.
    async fn fill(&self, found: &mut VecDeque<Change>) -> Result<Vec<WatchChange>, QueryError> {
        let next = found.iter().take(STEP_CHANGES);
        let positions = next.filter_map(|change| match change {
            Change::Added(row) | Change::Revised(row) => Some(row.position),
            Change::Removed(_) => None,
        });
        let store = &self.watching.reads.store;
        let events = store.read_positions(positions.collect()).await?;
        let mut events = events.into_iter();
        let mut read = |row: &TimelineRow| {
            let position = row.position;
            let event = events.next();
            let event = event.ok_or(ReadError::NoSuchPosition { position })?;
            let entry = entry(row.clone(), event)?;
            let bytes = entry.most_bytes();
            Ok::<_, QueryError>((entry, bytes))
        };
        let mut budget = AnswerBudget::of_message();
        let mut filled = Vec::with_capacity(found.len().min(STEP_CHANGES));
        while let Some(change) = found.front().filter(|_| filled.len() < STEP_CHANGES) {
            let (change, bytes) = match change {
                Change::Removed(key) => (WatchChange::Removed(key.clone()), REMOVED_BYTES),
                Change::Added(row) => {
                    let (entry, bytes) = read(row)?;
                    (WatchChange::Added(entry), bytes)
                }
                Change::Revised(row) => {
                    let (entry, bytes) = read(row)?;
                    (WatchChange::Revised(entry), bytes)
                }
            };
            if !budget.takes(bytes) {
                break;
            }
            filled.push(change);
            found.pop_front();
        }
        Ok(filled)
    }
}
