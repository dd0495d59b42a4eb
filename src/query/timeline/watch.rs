//! Watching a timeline: what changed since the last look, as soon as something bears on it.
//!
//! Nothing is kept of what was answered but what it stood on, and what can change it. A look compares two
//! answers of the same views, so a watch that was cut off continues from its last stand like a new one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ownerline_projections::fold::footprint::Footprint;
use ownerline_projections::timeline::{
    self, Change, ChangePage, ChangesQuery, Stand, TimelineFilter, TimelineRow,
};
use ownerline_projections::{HistoryKey, Viewer};
use ownerline_proto::time;
use tokio::sync::Semaphore;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::Instant;

use super::timeline::entry;
use super::views::{Views, of_view, unreadable};
use super::{QueryError, TimelineEntry, Timelines};
use crate::projector::Applied;
use crate::store::{Position, ReadError};
use crate::telemetry::metrics::LookMetrics;

/// Changes of one step at most.
const STEP_CHANGES: usize = 256;
/// Touchpoint bytes of one step: well below the 4 MiB that gRPC clients take by default, and small, because
/// some steps wait for each watcher that does not read.
const STEP_BYTES: usize = 256 << 10;
/// Instants ahead of the clock that are waited for one by one; behind that many only the last.
const MAX_AHEAD: usize = 1_000;

/// What is to be watched.
#[derive(Debug, Clone)]
pub struct WatchAsk {
    /// Whose timeline.
    pub owner_id: String,
    /// Which part.
    pub filter: TimelineFilter,
    /// What the answer before stood on: position, and as of when (nanoseconds since the Unix epoch).
    pub after: Option<(Position, time::Instant)>,
    /// The first answer stands at least here.
    pub at_least: Option<Position>,
}

/// How watches behave, and what they share.
#[derive(Debug, Clone)]
pub struct WatchPace {
    /// Longest silence.
    pub silence: Duration,
    /// How far `occurred_at` may lie ahead of the clock.
    pub future_tolerance: Duration,
    /// Looks at once, of all watches.
    pub looks: Arc<Semaphore>,
    /// What counts them.
    pub metrics: LookMetrics,
}

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

/// Some changes, and what the timeline stands on with them.
#[derive(Debug, Clone)]
pub struct WatchStep {
    /// In history order; empty if nothing changed for a while.
    pub changes: Vec<WatchChange>,
    /// Nothing recorded behind it counts.
    pub known_at: Position,
    /// Nothing that occurred after it counts (nanoseconds since the Unix epoch).
    pub as_of: time::Instant,
    /// The changes up to there go on.
    pub more: bool,
}

/// A running watch. Dropping it ends it.
pub struct TimelineWatch {
    timelines: Timelines,
    pace: WatchPace,
    owner_id: String,
    filter: TimelineFilter,
    applied: broadcast::Receiver<Arc<Applied>>,
    /// What was answered completely.
    stand: Option<Stand>,
    /// What can change that.
    footprint: Footprint,
    /// When something that is recorded already becomes visible.
    turns_at: Option<i64>,
    /// When something that is recorded already will have occurred.
    ahead: BTreeSet<i64>,
    /// An answer that is on its way.
    looking: Option<Look>,
    /// When the last step was answered.
    spoke: Instant,
    /// Nothing was answered yet.
    silent: bool,
}

/// An answer that takes several steps.
struct Look {
    to: Stand,
    after: Option<HistoryKey>,
    footprint: Footprint,
    turns_at: Option<i64>,
}

/// Why a watch stops waiting.
enum Woken {
    /// Something may have changed.
    ByChange,
    /// Nothing has, for long enough to say so.
    BySilence,
}

impl Timelines {
    /// Begins to watch.
    ///
    /// # Errors
    /// If the position is behind the end of the log, or the views do not reach it in time.
    pub async fn watch(&self, ask: WatchAsk, pace: WatchPace) -> Result<TimelineWatch, QueryError> {
        // Heard from before the first look, so that nothing falls between.
        let applied = self.projector.applied();
        let now = self.clock.now();
        let head = self.store.head().borrow().position;
        let after = ask.after.map(|(after, _)| after);
        for (field, wanted) in [("after", after), ("at_least", ask.at_least)] {
            if wanted > Some(head) {
                return Err(QueryError::BehindEnd { field });
            }
        }
        if let Some(wanted) = after.max(ask.at_least) {
            self.wait(wanted).await?;
        }
        let mut watch = TimelineWatch {
            timelines: self.clone(),
            owner_id: ask.owner_id,
            filter: ask.filter,
            applied,
            stand: ask.after.map(|(position, as_of)| Stand {
                known_at: position.0,
                as_of,
            }),
            footprint: Footprint::default(),
            turns_at: None,
            ahead: BTreeSet::new(),
            looking: None,
            spoke: Instant::now(),
            silent: true,
            pace,
        };
        watch.expect_until_tolerated(now);
        Ok(watch)
    }
}

impl TimelineWatch {
    /// The next step: at once for the first, then when something changed or was silent for long enough.
    ///
    /// # Errors
    /// If the owner is not known at all, or a view or the log cannot be read; the watch is over then.
    pub async fn next(&mut self) -> Result<WatchStep, QueryError> {
        loop {
            if self.looking.is_none() && !self.silent {
                match self.wait().await? {
                    Woken::ByChange => {}
                    Woken::BySilence => return Ok(self.still()),
                }
            }
            let step = self.look().await?;
            if !step.changes.is_empty() || std::mem::take(&mut self.silent) {
                self.spoke = Instant::now();
                return Ok(step);
            }
        }
    }

    /// Waits until there is a reason to look.
    async fn wait(&mut self) -> Result<Woken, QueryError> {
        let silence = tokio::time::sleep_until(self.spoke + self.pace.silence);
        tokio::pin!(silence);
        loop {
            let now = self.timelines.clock.now();
            let next = [self.turns_at, self.ahead.first().copied()];
            let turn = next.into_iter().flatten().min();
            let left = turn.map(|turn| u64::try_from(turn.saturating_sub(now)).unwrap_or(0));
            let turning = async {
                match left {
                    Some(left) => tokio::time::sleep(Duration::from_nanos(left)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = turning => return Ok(Woken::ByChange),
                () = &mut silence => return Ok(Woken::BySilence),
                applied = self.applied.recv() => match applied {
                    Ok(applied) => if self.is_changed_by(&applied).await? {
                        return Ok(Woken::ByChange);
                    },
                    Err(RecvError::Lagged(_)) => {
                        self.expect_until_tolerated(now);
                        return Ok(Woken::ByChange);
                    }
                    Err(RecvError::Closed) => return Err(QueryError::Closing),
                },
            }
        }
    }

    /// Whether a commit may have changed what was answered; if not, the answer stands on it, too.
    async fn is_changed_by(&mut self, applied: &Applied) -> Result<bool, QueryError> {
        let Some(stand) = &mut self.stand else {
            return Ok(true);
        };
        if applied.through.0 <= stand.known_at {
            return Ok(false);
        }
        if applied.touches(&self.footprint) {
            self.ahead.extend(&applied.ahead);
            while self.ahead.len() > MAX_AHEAD {
                // The last stays: then at the latest everything is seen.
                let last = self.ahead.pop_last();
                self.ahead.pop_last();
                self.ahead.extend(last);
            }
            return Ok(true);
        }
        // A view that has stopped before it does not stand there.
        self.timelines.wait(applied.through).await?;
        stand.known_at = applied.through.0;
        Ok(false)
    }

    /// What was recorded before it was listened to, or was missed, may lie ahead of the clock; not by more
    /// than is tolerated.
    fn expect_until_tolerated(&mut self, now: i64) {
        let tolerated = i64::try_from(self.pace.future_tolerance.as_nanos()).unwrap_or(i64::MAX);
        self.ahead.insert(now.saturating_add(tolerated));
    }

    /// Nothing changed, up to here and now.
    fn still(&mut self) -> WatchStep {
        self.spoke = Instant::now();
        let now = self.timelines.clock.now();
        let stand = self.stand.get_or_insert(Stand {
            known_at: 0,
            as_of: now.into(),
        });
        stand.as_of = stand.as_of.max(now.into());
        WatchStep {
            changes: Vec::new(),
            known_at: Position(stand.known_at),
            as_of: stand.as_of,
            more: false,
        }
    }

    /// One step of an answer.
    async fn look(&mut self) -> Result<WatchStep, QueryError> {
        let (mut look, page) = self.compare().await?;
        let ChangePage {
            changes,
            mut more,
            turns_at,
        } = page;
        let turns_at = turns_at.map(time::Instant::nearest);
        look.turns_at = [look.turns_at, turns_at].into_iter().flatten().min();
        let (changes, after, cut) = self.filled_in(changes).await?;
        more |= cut;
        let step = WatchStep {
            changes,
            known_at: Position(look.to.known_at),
            as_of: look.to.as_of,
            more,
        };
        if more {
            look.after = after;
            self.looking = Some(look);
        } else {
            self.complete(look);
        }
        Ok(step)
    }

    fn complete(&mut self, look: Look) {
        let as_of = look.to.as_of;
        self.stand = Some(look.to);
        self.footprint = look.footprint;
        self.footprint.sort();
        self.turns_at = look.turns_at;
        self.ahead.retain(|instant| *instant > as_of);
    }

    /// Compares the answer before with that of now, or goes on where the last step ended.
    async fn compare(&mut self) -> Result<(Look, ChangePage), QueryError> {
        let begun = Instant::now();
        let permit = self.pace.looks.clone().acquire_owned().await;
        let permit = permit.map_err(|_| QueryError::Closing)?;
        let looking = self.looking.take();
        let (owner_id, filter, from) = (self.owner_id.clone(), self.filter.clone(), self.stand);
        let now = self.timelines.clock.now();
        let projector = self.timelines.projector.clone();
        let compared = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let views = Views::of(&projector)?;
            let to = Stand {
                known_at: views.reached().0,
                as_of: from.map_or(now.into(), |from| from.as_of.max(now.into())),
            };
            let mut look = looking.unwrap_or_else(|| Look {
                to,
                after: None,
                footprint: Footprint::default(),
                turns_at: None,
            });
            let query = ChangesQuery {
                owner_id,
                filter,
                from,
                to: look.to,
                after: look.after.take(),
                limit: STEP_CHANGES,
            };
            let viewer = Viewer::Unrestricted;
            let page = timeline::changes(views.states(), &viewer, &query, &mut look.footprint);
            Ok((look, page.map_err(of_view)?))
        });
        let compared = compared.await.map_err(unreadable)?;
        let duration = &self.pace.metrics.duration;
        duration.observe(begun.elapsed().as_secs_f64());
        compared
    }

    /// Changes with what the log says, as many as fit one step; the place of the last one; and whether
    /// some did not fit.
    async fn filled_in(
        &self,
        changes: Vec<Change>,
    ) -> Result<(Vec<WatchChange>, Option<HistoryKey>, bool), QueryError> {
        let positions = changes.iter().filter_map(|change| match change {
            Change::Added(row) | Change::Revised(row) => Some(Position(row.position)),
            Change::Removed(_) => None,
        });
        let positions: Vec<Position> = positions.collect();
        let events = self.timelines.store.read_positions(positions).await?;
        let mut events = events.into_iter();
        let mut event = |row: &TimelineRow| {
            let position = Position(row.position);
            events.next().ok_or(ReadError::NoSuchPosition { position })
        };
        let (mut filled, mut last, mut bytes) = (Vec::with_capacity(changes.len()), None, 0);
        for change in changes {
            let place = change.key().clone();
            let whole = match change {
                Change::Removed(key) => WatchChange::Removed(key),
                Change::Added(row) => {
                    let event = event(&row)?;
                    bytes += event.whole.len();
                    WatchChange::Added(entry(row, event)?)
                }
                Change::Revised(row) => {
                    let event = event(&row)?;
                    bytes += event.whole.len();
                    WatchChange::Revised(entry(row, event)?)
                }
            };
            if bytes > STEP_BYTES && !filled.is_empty() {
                return Ok((filled, last, true));
            }
            filled.push(whole);
            last = Some(place);
        }
        Ok((filled, last, false))
    }
}
