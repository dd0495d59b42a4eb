//! What every watch waits for: something recorded that bears on its answer, an instant at which time alone changes it,
//! or a silence that has lasted.
//!
//! A watch stores no results that it could read again, only the basis of its last answer and what can change it, so that
//! it can resume from any basis.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ownerline_projections::fold::footprint::Footprint;
use ownerline_projections::{AnswerError, Snapshots, Vantage, Viewer};
use ownerline_proto::time;
use tokio::sync::Semaphore;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::Instant;

use super::basis::{Basis, Wanted};
use super::error::QueryError;
use super::needs::Needs;
use super::reads::Reads;
use crate::projector::{Applied, Required};
use crate::store::Position;
use crate::telemetry::metrics::LookMetrics;

/// Instants ahead of the clock that are waited for one by one; of more than these only the last.
const MAX_AHEAD: usize = 1_000;

/// How watches behave, and what they share.
#[derive(Debug, Clone)]
pub struct WatchPace {
    /// Longest silence.
    pub silence: Duration,
    /// How far `occurred_at` may lie ahead of the clock.
    pub future_tolerance: Duration,
    /// Permits for looks, shared by all watches.
    pub looks: Arc<Semaphore>,
    /// What counts them.
    pub metrics: LookMetrics,
}

/// Where a watch begins.
#[derive(Debug, Clone, Copy, Default)]
pub struct WatchFrom {
    /// The basis of the last answer that the watcher has: its position and its instant.
    pub after: Option<(Position, time::Instant)>,
    /// The first answer reflects at least this position.
    pub at_least: Option<Position>,
}

/// The pause between two looks of one watch.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rest {
    /// At least this long.
    pub(super) least: Duration,
    /// At least this many times as long as the look took.
    pub(super) times: u32,
}

/// Why a watch stops waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// Its answer may have changed.
    ByChange,
    /// Nothing has changed it, for long enough to say so.
    BySilence,
}

/// The part of a watch that waits, and takes its looks.
pub(super) struct Watching {
    pub(super) reads: Reads,
    needs: Needs,
    viewer: Viewer,
    pace: WatchPace,
    rest: Rest,
    applied: broadcast::Receiver<Arc<Applied>>,
    /// The basis of the last complete answer.
    basis: Option<Basis>,
    /// What can change it.
    footprint: Footprint,
    /// When time alone changes it.
    turns_at: Option<i64>,
    /// When something that is recorded already will have occurred.
    ahead: BTreeSet<i64>,
    /// No look is taken before this.
    rested: Instant,
    /// Something that may change the answer was recorded since the last look.
    touched: bool,
    /// When the watcher was last told something.
    told: Instant,
}

impl Watching {
    /// Begins to listen, and waits until the views have reached where the watch begins.
    ///
    /// # Errors
    /// If a position lies behind the end of the log, or the views do not reach it in time.
    pub(super) async fn begin(
        reads: &Reads,
        needs: Needs,
        viewer: &Viewer,
        from: WatchFrom,
        pace: WatchPace,
        rest: Rest,
    ) -> Result<Self, QueryError> {
        // It listens before the first look, so that nothing falls between.
        let applied = reads.projector.applied();
        let now = reads.clock.now();
        let head = reads.store.head().borrow().position;
        let after = from.after.map(|(after, _)| after);
        for (field, wanted) in [("after", after), ("at_least", from.at_least)] {
            if wanted > Some(head) {
                return Err(QueryError::BehindEnd { field });
            }
        }
        let wanted = after.max(from.at_least).unwrap_or_default();
        reads.wait_for(needs, Required::Now(wanted)).await?;
        let mut watching = Self {
            reads: reads.clone(),
            needs,
            viewer: viewer.clone(),
            pace,
            rest,
            applied,
            basis: from.after.map(|(known_at, as_of)| Basis {
                known_at,
                as_of,
                asked_at: as_of,
                may_be_stale: false,
            }),
            footprint: Footprint::default(),
            turns_at: None,
            ahead: BTreeSet::new(),
            rested: Instant::now(),
            touched: true,
            told: Instant::now(),
        };
        watching.expect_until_tolerated(now);
        Ok(watching)
    }

    /// The basis of the last complete answer; `None` before the first.
    pub(super) fn basis(&self) -> Option<Basis> {
        self.basis
    }

    /// Remembers that the watcher is told something now.
    pub(super) fn tells(&mut self) {
        self.told = Instant::now();
    }

    /// Waits until there is a reason to look, or the silence has lasted.
    pub(super) async fn wait(&mut self) -> Result<Woken, QueryError> {
        let silence = tokio::time::sleep_until(self.told + self.pace.silence);
        tokio::pin!(silence);
        loop {
            let now = self.reads.clock.now();
            let left = self.next_turn().map(|turn| turn.saturating_sub(now));
            let left = left.map(|left| Duration::from_nanos(u64::try_from(left).unwrap_or(0)));
            let turn = left.map(|left| self.rested.max(Instant::now() + left));
            let touched = self.touched.then_some(self.rested);
            let reason = [turn, touched].into_iter().flatten().min();
            let looking = async {
                match reason {
                    Some(instant) => tokio::time::sleep_until(instant).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = looking => return Ok(Woken::ByChange),
                () = &mut silence => return Ok(Woken::BySilence),
                applied = self.applied.recv() => self.hear(applied).await?,
            }
        }
    }

    /// Takes note of a commit of the views.
    async fn hear(&mut self, applied: Result<Arc<Applied>, RecvError>) -> Result<(), QueryError> {
        let applied = match applied {
            Ok(applied) => applied,
            Err(RecvError::Lagged(_)) => {
                self.touched = true;
                self.expect_until_tolerated(self.reads.clock.now());
                return Ok(());
            }
            Err(RecvError::Closed) => return Err(QueryError::Closing),
        };
        let Some(basis) = &mut self.basis else {
            self.touched = true;
            return Ok(());
        };
        if applied.through <= basis.known_at {
            return Ok(());
        }
        if applied.touches(&self.footprint) {
            self.touched = true;
            self.ahead.extend(&applied.ahead);
            while self.ahead.len() > MAX_AHEAD {
                // The last stays: then at the latest everything is seen.
                let last = self.ahead.pop_last();
                self.ahead.pop_last();
                self.ahead.extend(last);
            }
        } else if !self.touched {
            // A view that has stopped before this position does not reflect it.
            let through = Required::KnownAt(applied.through);
            self.reads.wait_for(self.needs, through).await?;
            basis.known_at = applied.through;
        }
        Ok(())
    }

    fn next_turn(&self) -> Option<i64> {
        let turns = [self.turns_at, self.ahead.first().copied()];
        turns.into_iter().flatten().min()
    }

    /// What was recorded before this watch began to listen, or was missed, may lie ahead of the clock; not by more than
    /// is tolerated.
    fn expect_until_tolerated(&mut self, now: i64) {
        let tolerated = self.pace.future_tolerance.as_nanos();
        let tolerated = i64::try_from(tolerated).unwrap_or(i64::MAX);
        self.ahead.insert(now.saturating_add(tolerated));
    }

    /// Takes a look: computes `answer` on a basis, or else on that of now, which never lies before the last one.
    pub(super) async fn look<A: Send + 'static>(
        &mut self,
        basis: Option<Basis>,
        answer: impl FnOnce(&Snapshots<'_>, &Vantage<'_>) -> Result<A, AnswerError> + Send + 'static,
    ) -> Result<(Basis, A), QueryError> {
        let permit = self.pace.looks.clone().acquire_owned().await;
        let permit = permit.map_err(|_| QueryError::Closing)?;
        self.touched = false;
        let began = Instant::now();
        let now = self.reads.clock.now().into();
        let wanted = match basis {
            Some(basis) => Wanted::again(basis),
            None => Wanted::now(self.basis.map_or(now, |last| last.as_of.max(now))),
        };
        let looked = self.reads.ask_for(
            self.needs,
            wanted,
            &self.viewer,
            move |snapshots, vantage| {
                let _permit = permit;
                answer(snapshots, vantage)
            },
        );
        let looked = looked.await;
        let took = began.elapsed();
        self.pace.metrics.duration.observe(took.as_secs_f64());
        self.rested = began + took + self.rest.least.max(took * self.rest.times);
        let looked = looked?;
        Ok((looked.basis, looked.value))
    }

    /// Remembers a complete answer: its basis, what can change it, and when time alone does.
    pub(super) fn complete(&mut self, basis: Basis, footprint: Footprint, turns_at: Option<i64>) {
        self.basis = Some(basis);
        self.footprint = footprint;
        self.footprint.sort();
        self.turns_at = turns_at;
        self.ahead.retain(|instant| *instant > basis.as_of);
    }

    /// The basis up to which nothing has changed.
    pub(super) fn still(&mut self) -> Basis {
        self.tells();
        let now = self.reads.clock.now();
        // What time changes is looked at first, so that nothing lies between.
        let until = self.next_turn().map_or(now, |turn| now.min(turn - 1));
        let basis = self.basis.get_or_insert(Basis {
            as_of: until.into(),
            asked_at: until.into(),
            ..Basis::default()
        });
        if !self.touched {
            basis.as_of = basis.as_of.max(until.into());
        }
        *basis
    }
}
