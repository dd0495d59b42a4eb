//! Watching a timeline: what changed since the last look, as soon as something bears on it. A look compares two answers of
//! the same views.

use ownerline_projections::fold::footprint::Footprint;
use ownerline_projections::timeline::{
    AnswerBasis, Change, ChangePage, ChangesQuestion, TimelineFilter, TimelineRow,
};
use ownerline_projections::{HistoryKey, Viewer, timeline};
use ownerline_proto::time;

use super::page::{TimelineEntry, TimelineReads, entry};
use crate::query::answer_budget::AnswerBudget;
use crate::query::basis::Basis;
use crate::query::error::QueryError;
use crate::query::needs::TIMELINE;
use crate::query::watching::{Rest, WatchFrom, WatchPace, Watching, Woken};
use crate::store::ReadError;

/// The most bytes of what says that a touchpoint is no longer on the timeline: two texts of 256 bytes, and numbers.
const REMOVED_BYTES: usize = 1_024;
/// Changes of one step at most.
const STEP_CHANGES: usize = 256;

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
    to: Option<Basis>,
    after: Option<HistoryKey>,
    footprint: Footprint,
    turns_at: Option<i64>,
}

/// Changes with what the log says about them.
struct Filled {
    changes: Vec<WatchChange>,
    /// The place of the last one.
    last: Option<HistoryKey>,
    /// Some did not fit.
    cut: bool,
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
            if self.look.is_none() && !self.silent {
                match self.watching.wait().await? {
                    Woken::ByChange => {}
                    Woken::BySilence => return Ok(self.still()),
                }
            }
            let step = self.step().await?;
            if !step.changes.is_empty() || std::mem::take(&mut self.silent) {
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
        let (basis, mut look, page) = self.compare().await?;
        let turns_at = page.turns_at.map(time::Instant::nearest);
        look.turns_at = [look.turns_at, turns_at].into_iter().flatten().min();
        let filled = self.fill(page.changes).await?;
        let more = page.more || filled.cut;
        if more {
            look.to = Some(basis);
            look.after = filled.last;
            self.look = Some(look);
        } else {
            self.watching.complete(basis, look.footprint, look.turns_at);
        }
        Ok(WatchStep {
            changes: filled.changes,
            basis,
            more,
        })
    }

    /// Compares the answer before with that of now, or goes on where the last step ended.
    async fn compare(&mut self) -> Result<(Basis, Look, ChangePage), QueryError> {
        let mut look = self.look.take().unwrap_or_else(|| Look {
            to: None,
            after: None,
            footprint: Footprint::default(),
            turns_at: None,
        });
        let from = self.watching.basis().map(|basis| AnswerBasis {
            known_at: basis.known_at,
            as_of: basis.as_of,
        });
        let question = ChangesQuestion {
            owner_id: self.owner_id.clone(),
            filter: self.filter.clone(),
            from,
            after: look.after.take(),
            limit: STEP_CHANGES,
        };
        let compared = self.watching.look(look.to, move |snapshots, vantage| {
            let mut look = look;
            let page = timeline::answer_changes(snapshots, vantage, question, &mut look.footprint)?;
            Ok((look, page))
        });
        let (basis, (look, page)) = compared.await?;
        Ok((basis, look, page))
    }

    /// Reads what the log says about changes, as many as fit one step.
    async fn fill(&self, changes: Vec<Change>) -> Result<Filled, QueryError> {
        let positions = changes.iter().filter_map(|change| match change {
            Change::Added(row) | Change::Revised(row) => Some(row.position),
            Change::Removed(_) => None,
        });
        let store = &self.watching.reads.store;
        let events = store.read_positions(positions.collect()).await?;
        let mut events = events.into_iter();
        let mut budget = AnswerBudget::of_message();
        let mut filled = Filled {
            changes: Vec::with_capacity(changes.len()),
            last: None,
            cut: false,
        };
        let mut read = |row: TimelineRow| {
            let position = row.position;
            let event = events.next();
            let event = event.ok_or(ReadError::NoSuchPosition { position })?;
            let entry = entry(row, event)?;
            let bytes = entry.most_bytes();
            Ok::<_, QueryError>((entry, bytes))
        };
        for change in changes {
            let place = change.key().clone();
            let (change, bytes) = match change {
                Change::Removed(key) => (WatchChange::Removed(key), REMOVED_BYTES),
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
                filled.cut = true;
                break;
            }
            filled.changes.push(change);
            filled.last = Some(place);
        }
        Ok(filled)
    }
}
