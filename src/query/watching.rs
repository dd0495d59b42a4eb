//! What every watch waits for: something recorded that bears on its answer, an instant at which time alone changes it,
//! or a silence that has lasted.
//!
//! A watch stores no results that it could read again, only the basis of its last answer, what can change it, and which
//! touchpoints may have changed it since, so that it can resume from any basis.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ownerline_projections::fold::reach::Reach;
use ownerline_projections::fold::turns::{Turned, Turns};
use ownerline_projections::{AnswerError, Snapshots, Vantage, Viewer};
use ownerline_proto::time;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio::time::Instant;

use super::basis::{Basis, Wanted};
use super::error::QueryError;
use super::needs::Needs;
use super::reads::Reads;
use crate::projector::{Applied, Required};
use crate::store::Position;
use crate::telemetry::metrics::LookMetrics;

/// Touchpoints that may have changed an answer and are compared one by one; with more of them everything is.
const MAX_TOUCHED: usize = 1_000;
/// Touchpoints of commits that wait while a look is taken, about 100 bytes each; with more of them everything is looked at.
const MAX_BACKLOG: usize = 1 << 16;
/// Names are reserved in blocks of so many, rather than one by one.
const NAMES_BLOCK: usize = 1_024;

/// How watches behave, and what they share.
#[derive(Debug, Clone)]
pub struct WatchPace {
    /// Longest silence.
    pub silence: Duration,
    /// How far `occurred_at` may lie ahead of the clock.
    pub future_tolerance: Duration,
    /// Permits for looks, shared by all watches.
    pub looks: Arc<Semaphore>,
    /// Permits for names in footprints, shared by all watches. Where they are used up, everything touches an answer.
    pub names: Arc<Semaphore>,
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

/// The basis of a look.
#[derive(Debug, Clone, Copy)]
pub(super) enum LookAt {
    /// What the views have reached, now.
    Now,
    /// What was heard of, as of this instant.
    Heard(time::Instant),
    /// That of another look, or of an answer.
    Again(Basis),
}

/// The part of a watch that waits, and takes its looks.
pub(super) struct Watching {
    pub(super) reads: Reads,
    needs: Needs,
    viewer: Viewer,
    pace: WatchPace,
    rest: Rest,
    applied: broadcast::Receiver<Arc<Applied>>,
    /// Commits that were received while something else was done.
    backlog: VecDeque<Arc<Applied>>,
    /// The touchpoints of these commits, each commit counted as one at least.
    waiting: usize,
    /// The basis of the last complete answer.
    basis: Option<Basis>,
    /// What can change it.
    reach: Reach,
    /// Permits for the names in it.
    names: Option<OwnedSemaphorePermit>,
    /// When something that is recorded already will have occurred.
    ahead: Turns,
    /// The end of the last commit that was heard of.
    heard: Position,
    /// No look is taken before this.
    rested: Instant,
    /// What was recorded since the last look and may change the answer; `None` if that is not known.
    touched: Option<BTreeSet<Position>>,
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
            backlog: VecDeque::new(),
            waiting: 0,
            basis: from.after.map(|(known_at, as_of)| Basis {
                known_at,
                as_of,
                asked_at: as_of,
                may_be_stale: false,
            }),
            reach: Reach::default(),
            names: None,
            ahead: Turns::default(),
            heard: Position::START,
            rested: Instant::now(),
            touched: None,
            told: Instant::now(),
        };
        watching.miss();
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
            self.receive()?;
            while let Some(applied) = self.backlog.pop_front() {
                self.waiting = self.waiting.saturating_sub(weight(&applied));
                self.hear(&applied).await?;
            }
            let now = self.reads.clock.now();
            let left = self.next_turn().map(|turn| turn.saturating_sub(now));
            let left = left.map(|left| Duration::from_nanos(u64::try_from(left).unwrap_or(0)));
            let turn = left.map(|left| self.rested.max(Instant::now() + left));
            let touched = self.is_touched().then_some(self.rested);
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
                applied = self.applied.recv() => self.take(applied)?,
            }
        }
    }

    /// Takes the commits that wait to be received, so that none is missed while the watcher is told something.
    pub(super) fn receive(&mut self) -> Result<(), QueryError> {
        loop {
            let received = match self.applied.try_recv() {
                Ok(applied) => Ok(applied),
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
                Err(TryRecvError::Closed) => Err(RecvError::Closed),
            };
            self.take(received)?;
        }
    }

    /// Takes a commit, to hear it when there is time.
    fn take(&mut self, received: Result<Arc<Applied>, RecvError>) -> Result<(), QueryError> {
        match received {
            Ok(applied) => {
                if self.waiting > MAX_BACKLOG {
                    self.miss();
                }
                self.waiting += weight(&applied);
                self.backlog.push_back(applied);
                Ok(())
            }
            Err(RecvError::Lagged(_)) => {
                self.miss();
                Ok(())
            }
            Err(RecvError::Closed) => Err(QueryError::Closing),
        }
    }

    /// Takes note of a commit of the views.
    async fn hear(&mut self, applied: &Applied) -> Result<(), QueryError> {
        self.heard = self.heard.max(applied.through);
        let is_touched = self.is_touched();
        let Some(basis) = &mut self.basis else {
            self.touched = None;
            return Ok(());
        };
        if applied.through <= basis.known_at {
            return Ok(());
        }
        let touching = applied.touching(&mut self.reach.footprint, basis.known_at);
        let Some(touching) = touching else {
            self.touched = None;
            return Ok(());
        };
        if touching.is_empty() {
            if !is_touched {
                // A view that has stopped before this position does not reflect it.
                let through = Required::KnownAt(applied.through);
                self.reads.wait_for(self.needs, through).await?;
                basis.known_at = applied.through;
            }
            return Ok(());
        }
        for one in touching {
            if one.occurred_at > basis.as_of.nearest() {
                self.ahead.add(one.occurred_at, one.position);
            }
            if let Some(touched) = &mut self.touched {
                touched.insert(one.position);
            }
        }
        let touched = self.touched.take();
        self.touched = touched.filter(|touched| touched.len() <= MAX_TOUCHED);
        Ok(())
    }

    fn is_touched(&self) -> bool {
        let touched = self.touched.as_ref();
        touched.is_none_or(|touched| !touched.is_empty())
    }

    fn next_turn(&self) -> Option<i64> {
        let turns = [self.reach.turns.next(), self.ahead.next()];
        turns.into_iter().flatten().min()
    }

    /// Commits were missed, or came before this watch began to listen. What they say may lie ahead of the clock; not by
    /// more than is tolerated.
    fn miss(&mut self) {
        self.touched = None;
        self.backlog.clear();
        self.waiting = 0;
        let tolerated = self.pace.future_tolerance.as_nanos();
        let tolerated = i64::try_from(tolerated).unwrap_or(i64::MAX);
        let now = self.reads.clock.now();
        self.ahead.add_unknown(now.saturating_add(tolerated));
    }

    /// The instant of a look that is taken now, which never lies before that of the last answer.
    pub(super) fn now(&self) -> time::Instant {
        let now = self.reads.clock.now().into();
        self.basis.map_or(now, |last| last.as_of.max(now))
    }

    /// What may have changed the answer by an instant: what was recorded since, and what has turned. `None` if that is
    /// not known.
    pub(super) fn touched(&self, by: time::Instant) -> Option<BTreeSet<Position>> {
        let mut touched = self.touched.clone()?;
        for turns in [&self.reach.turns, &self.ahead] {
            match turns.turned(by.nearest()) {
                Turned::Touchpoints(positions) => touched.extend(positions),
                Turned::Something => return None,
            }
        }
        Some(touched).filter(|touched| touched.len() <= MAX_TOUCHED)
    }

    /// What can change the last answer, to be given back with the next one.
    pub(super) fn take_reach(&mut self) -> Reach {
        std::mem::take(&mut self.reach)
    }

    /// Forgets what lies ahead, before a look that finds it in the views.
    pub(super) fn forget_ahead(&mut self) {
        self.ahead = Turns::default();
    }

    /// Counts a look at everything.
    pub(super) fn looked_at_everything(&self) {
        self.pace.metrics.whole.inc();
    }

    /// Takes a look: computes `answer` on a basis. Commits are received meanwhile.
    pub(super) async fn look<A: Send + 'static>(
        &mut self,
        at: LookAt,
        answer: impl FnOnce(&Snapshots<'_>, &Vantage<'_>) -> Result<A, AnswerError> + Send + 'static,
    ) -> Result<(Basis, A), QueryError> {
        let permit = self.pace.looks.clone().acquire_owned().await;
        let permit = permit.map_err(|_| QueryError::Closing)?;
        self.touched = Some(BTreeSet::new());
        let began = Instant::now();
        let wanted = match at {
            LookAt::Now => Wanted::now(self.now()),
            LookAt::Heard(as_of) => {
                let known_at = self
                    .basis
                    .map_or(self.heard, |last| last.known_at.max(self.heard));
                Wanted::known(known_at, as_of)
            }
            LookAt::Again(basis) => Wanted::again(basis),
        };
        let (reads, viewer) = (self.reads.clone(), self.viewer.clone());
        let looked = reads.ask_for(self.needs, wanted, &viewer, move |snapshots, vantage| {
            let _permit = permit;
            answer(snapshots, vantage)
        });
        tokio::pin!(looked);
        let looked = loop {
            tokio::select! {
                looked = &mut looked => break looked,
                applied = self.applied.recv() => self.take(applied)?,
            }
        };
        let took = began.elapsed();
        self.pace.metrics.duration.observe(took.as_secs_f64());
        self.rested = began + took + self.rest.least.max(took * self.rest.times);
        let looked = looked?;
        Ok((looked.basis, looked.value))
    }

    /// Remembers a complete answer: its basis, and what can change it.
    pub(super) fn complete(&mut self, basis: Basis, reach: Reach) {
        self.basis = Some(basis);
        self.heard = self.heard.max(basis.known_at);
        self.reach = reach;
        self.reach.footprint.settle();
        self.reserve_names();
        for turns in [&mut self.reach.turns, &mut self.ahead] {
            turns.forget(basis.as_of.nearest());
        }
    }

    /// Reserves permits for the names of the footprint. If there are not enough, it depends on everything.
    fn reserve_names(&mut self) {
        let needed = self.reach.footprint.len().next_multiple_of(NAMES_BLOCK);
        let held = self
            .names
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        if needed < held {
            let more = self
                .names
                .as_mut()
                .and_then(|names| names.split(held - needed));
            drop(more);
        } else if needed > held {
            let more = u32::try_from(needed - held).unwrap_or(u32::MAX);
            let more = self.pace.names.clone().try_acquire_many_owned(more);
            match (more, &mut self.names) {
                (Ok(more), Some(names)) => names.merge(more),
                (Ok(more), none) => *none = Some(more),
                (Err(_), _) => {
                    self.reach.footprint.depend_on_everything();
                    self.names = None;
                }
            }
        }
    }

    /// The basis up to which nothing has changed.
    pub(super) fn still(&mut self) -> Basis {
        self.tells();
        let now = self.reads.clock.now();
        // What time changes is looked at first, so that nothing lies between.
        let until = self.next_turn().map_or(now, |turn| now.min(turn - 1));
        let is_touched = self.is_touched();
        let basis = self.basis.get_or_insert(Basis {
            as_of: until.into(),
            asked_at: until.into(),
            ..Basis::default()
        });
        if !is_touched {
            basis.as_of = basis.as_of.max(until.into());
        }
        *basis
    }
}

/// What a commit that waits counts.
fn weight(applied: &Applied) -> usize {
    applied.len().max(1)
}
