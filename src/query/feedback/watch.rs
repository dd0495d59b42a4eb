//! Watching an inbox: what changed since the last look, by what was recorded and by time passing.
//!
//! Of each obligation that was answered 32 bytes are kept: its name and a digest of what was said of it,
//! without what changes with every instant. A look is taken when something of any feedback, case, policy or
//! dealer was recorded, though not more often than [`LEAST`] and than keeps a fifth of a core busy; and at
//! the next instant at which time alone changes something. In between nothing is read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ownerline_projections::fold::footprint::{Footprint, Name};
use ownerline_proto::time;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::Instant;

use super::look::look;
use super::{FeedbackReads, Inbox, Owed};
use crate::projector::Applied;
use crate::query::basis::Basis;
use crate::query::obligation_views::{OBLIGATION_VIEWS, ObligationViews, unreadable};
use crate::query::{QueryError, WatchPace};
use crate::store::Position;

/// Changes of one step at most.
const STEP_CHANGES: usize = 256;
/// Shortest time between two looks.
const LEAST: Duration = Duration::from_millis(50);
/// A look that took long is followed by a rest of this many times that.
const REST: u32 = 4;
/// Streams of these categories can change an inbox.
const CATEGORIES: [&str; 4] = ["feedback", "case", "policy", "dealer"];
/// Instants ahead of the clock that are waited for one by one; behind that many only the last.
const MAX_AHEAD: usize = 1_000;

/// What is to be watched.
#[derive(Debug, Clone)]
pub struct InboxWatchAsk {
    /// Whose, and which part.
    pub inbox: Inbox,
    /// What the answer before stood on: position, and as of when (nanoseconds since the Unix epoch).
    pub after: Option<(Position, time::Instant)>,
    /// The first answer stands at least here.
    pub at_least: Option<Position>,
}

/// One change of an inbox.
#[derive(Debug, Clone)]
pub enum InboxChange {
    /// It is owed now.
    Added(Owed),
    /// It stands differently now.
    Revised(Owed),
    /// It is not in the inbox any more: the name of the obligation.
    Removed(String),
}

/// Some changes, and what the inbox stands on with them.
#[derive(Debug, Clone)]
pub struct InboxStep {
    /// By the name of the obligation; empty if nothing changed for a while.
    pub changes: Vec<InboxChange>,
    /// Nothing recorded behind it counts.
    pub known_at: Position,
    /// Nothing that occurred after it counts (nanoseconds since the Unix epoch).
    pub as_of: time::Instant,
    /// The changes up to there go on.
    pub more: bool,
}

/// The first 16 bytes of the digest of an obligation, by its name.
type Said = BTreeMap<u128, u128>;

/// A running watch. Dropping it ends it.
pub struct InboxWatch {
    reads: FeedbackReads,
    pace: WatchPace,
    inbox: Inbox,
    applied: broadcast::Receiver<Arc<Applied>>,
    footprint: Footprint,
    /// What was answered, or will be once `pending` is.
    said: Said,
    /// What it stands on; `None` if nothing was looked at yet.
    stand: Option<Basis>,
    /// Changes that did not fit the step before.
    pending: VecDeque<InboxChange>,
    /// When time alone changes something.
    turns_at: Option<i64>,
    /// When something that is recorded already will have occurred.
    ahead: BTreeSet<i64>,
    /// Not before this a look is taken because of what was recorded.
    rested: Instant,
    /// Something was recorded since the last look.
    touched: bool,
    /// When the last step was answered.
    spoke: Instant,
    /// Nothing was answered yet.
    silent: bool,
}

/// What one look found.
struct Looked {
    basis: Basis,
    said: Said,
    changes: Vec<InboxChange>,
    turns_at: Option<i64>,
}

impl FeedbackReads {
    /// Begins to watch.
    ///
    /// # Errors
    /// If a position is behind the end of the log, or the views do not reach it in time.
    pub async fn watch(
        &self,
        ask: InboxWatchAsk,
        pace: WatchPace,
    ) -> Result<InboxWatch, QueryError> {
        // Heard from before the first look, so that nothing falls between.
        let applied = self.timelines.projector.applied();
        let head = self.timelines.store.head().borrow().position;
        let after = ask.after.map(|(after, _)| after);
        for (field, wanted) in [("after", after), ("at_least", ask.at_least)] {
            if wanted > Some(head) {
                return Err(QueryError::BehindEnd { field });
            }
        }
        let wanted = after.max(ask.at_least).unwrap_or_default();
        self.timelines.wait_for(OBLIGATION_VIEWS, wanted).await?;
        let mut footprint = Footprint::default();
        for category in CATEGORIES {
            footprint.add(Name::Category(category));
        }
        footprint.sort();
        let mut watch = InboxWatch {
            reads: self.clone(),
            pace,
            inbox: ask.inbox,
            applied,
            footprint,
            said: Said::new(),
            stand: None,
            pending: VecDeque::new(),
            turns_at: None,
            ahead: BTreeSet::new(),
            rested: Instant::now(),
            touched: true,
            spoke: Instant::now(),
            silent: true,
        };
        watch.expect_until_tolerated();
        if let Some((known_at, as_of)) = ask.after {
            // What was answered then is told again by nobody but the views.
            let basis = Basis {
                known_at,
                as_of,
                may_be_stale: false,
            };
            let looked = watch.look(Some(basis)).await?;
            watch.said = looked.said;
            watch.stand = Some(basis);
        }
        Ok(watch)
    }
}

impl InboxWatch {
    /// The next step: at once for the first, then when something changed or was silent for long enough.
    ///
    /// # Errors
    /// If a view cannot be read or has stopped; the watch is over then.
    pub async fn next(&mut self) -> Result<InboxStep, QueryError> {
        loop {
            if !self.pending.is_empty() {
                return Ok(self.step());
            }
            if !self.silent && !self.wait().await? {
                return Ok(self.still());
            }
            let looked = self.look(None).await?;
            self.said = looked.said;
            self.stand = Some(looked.basis);
            self.turns_at = looked.turns_at;
            self.ahead.retain(|instant| *instant > looked.basis.as_of);
            self.pending.extend(looked.changes);
            if self.pending.is_empty() && self.silent {
                return Ok(self.step());
            }
        }
    }

    /// The changes that fit one step.
    fn step(&mut self) -> InboxStep {
        self.silent = false;
        self.spoke = Instant::now();
        let fit = self.pending.len().min(STEP_CHANGES);
        let changes = self.pending.drain(..fit).collect();
        self.standing(changes)
    }

    fn standing(&self, changes: Vec<InboxChange>) -> InboxStep {
        InboxStep {
            changes,
            known_at: self.stand.map(|it| it.known_at).unwrap_or_default(),
            as_of: self.stand.map(|it| it.as_of).unwrap_or_default(),
            more: !self.pending.is_empty(),
        }
    }

    /// Nothing changed, up to here and now.
    fn still(&mut self) -> InboxStep {
        self.spoke = Instant::now();
        let now = self.reads.timelines.clock.now();
        // What time changes is looked at first, so that nothing lies between.
        let until = self.next_turn().map_or(now, |turn| now.min(turn - 1));
        if let Some(stand) = &mut self.stand
            && !self.touched
        {
            stand.as_of = stand.as_of.max(until.into());
        }
        self.standing(Vec::new())
    }

    fn next_turn(&self) -> Option<i64> {
        let turns = [self.turns_at, self.ahead.first().copied()];
        turns.into_iter().flatten().min()
    }

    /// Waits until there is a reason to look, or silence has lasted; whether to look.
    async fn wait(&mut self) -> Result<bool, QueryError> {
        let silence = tokio::time::sleep_until(self.spoke + self.pace.silence);
        tokio::pin!(silence);
        loop {
            let now = self.reads.timelines.clock.now();
            let left = self.next_turn().map(|turn| turn.saturating_sub(now));
            let left = left.map(|left| Duration::from_nanos(u64::try_from(left).unwrap_or(0)));
            let (touched, rested) = (self.touched, self.rested);
            let turning = async {
                match left {
                    Some(left) => tokio::time::sleep_until(rested.max(Instant::now() + left)).await,
                    None => std::future::pending().await,
                }
            };
            let rest = async {
                match touched {
                    true => tokio::time::sleep_until(rested).await,
                    false => std::future::pending().await,
                }
            };
            tokio::select! {
                () = turning => return Ok(true),
                () = rest => return Ok(true),
                () = &mut silence => return Ok(false),
                applied = self.applied.recv() => self.hears(applied).await?,
            }
        }
    }

    async fn hears(&mut self, applied: Result<Arc<Applied>, RecvError>) -> Result<(), QueryError> {
        let applied = match applied {
            Ok(applied) => applied,
            Err(RecvError::Lagged(_)) => {
                self.touched = true;
                self.expect_until_tolerated();
                return Ok(());
            }
            Err(RecvError::Closed) => return Err(QueryError::Closing),
        };
        let Some(stand) = &mut self.stand else {
            return Ok(());
        };
        if applied.through <= stand.known_at {
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
            // A view that has stopped before it does not stand there.
            let arrived = self
                .reads
                .timelines
                .wait_for(OBLIGATION_VIEWS, applied.through);
            arrived.await?;
            stand.known_at = applied.through;
        }
        Ok(())
    }

    /// What was recorded before it was listened to, or was missed, may lie ahead of the clock; not by more
    /// than is tolerated.
    fn expect_until_tolerated(&mut self) {
        let tolerated = self.pace.future_tolerance.as_nanos();
        let tolerated = i64::try_from(tolerated).unwrap_or(i64::MAX);
        let now = self.reads.timelines.clock.now();
        self.ahead.insert(now.saturating_add(tolerated));
    }

    /// Looks at the inbox as it stands now, or stood then, and compares it with what was said.
    async fn look(&mut self, then: Option<Basis>) -> Result<Looked, QueryError> {
        let permit = self.pace.looks.clone().acquire_owned().await;
        let permit = permit.map_err(|_| QueryError::Closing)?;
        self.touched = false;
        let began = Instant::now();
        let timelines = &self.reads.timelines;
        let (projector, store) = (timelines.projector.clone(), timelines.store.clone());
        let clock = timelines.clock.clone();
        let (inbox, from) = (self.inbox.clone(), self.stand.map(|stand| stand.as_of));
        let mut before = self.said.clone();
        let looking = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let views = ObligationViews::of(&projector)?;
            let head = *store.head().borrow();
            let now = clock.now();
            let basis = then.unwrap_or(Basis {
                known_at: views.reached(),
                as_of: from.map_or(now.into(), |from| from.max(now.into())),
                may_be_stale: false,
            });
            let terms = views.terms(&basis, None)?;
            let (mut said, mut changes) = (Said::new(), Vec::new());
            let turns_at = look(&views, &inbox, &terms, &basis, head, |owed| {
                let name = name(&owed);
                let digest = digest(&owed, basis.as_of);
                said.insert(name, digest);
                match before.remove(&name) {
                    Some(same) if same == digest => {}
                    _ if then.is_some() => {}
                    Some(_) => changes.push(InboxChange::Revised(owed)),
                    None => changes.push(InboxChange::Added(owed)),
                }
            })?;
            let gone = before.into_keys().map(|name| format!("{name:032x}"));
            changes.extend(gone.map(InboxChange::Removed));
            Ok(Looked {
                basis,
                said,
                changes,
                turns_at,
            })
        });
        let looked = looking.await.map_err(unreadable)?;
        let took = began.elapsed();
        let duration = &self.pace.metrics.duration;
        duration.observe(took.as_secs_f64());
        self.rested = began + took + LEAST.max(took * REST);
        looked
    }
}

/// The name of an obligation is 32 hexadecimal digits.
fn name(owed: &Owed) -> u128 {
    let name = &owed.detail.obligation.obligation_id;
    u128::from_str_radix(name, 16).unwrap_or_default()
}

/// Of everything that is said about an obligation, but for what changes with every instant.
fn digest(owed: &Owed, as_of: time::Instant) -> u128 {
    let mut still = owed.detail.obligation.clone();
    if still.outcome.ended_at.is_none() {
        still.outcome.spent = 0;
        still.outcome.share = 0.0;
    }
    let said = format!(
        "{still:?} {:?} {:?} {} {:?} {} {:?}",
        owed.detail.levels,
        owed.detail.remarks,
        owed.detail.levels_come(as_of),
        owed.owner_id,
        owed.channel,
        owed.survey,
    );
    let hash = blake3::hash(said.as_bytes());
    let (first, _) = hash
        .as_bytes()
        .split_first_chunk()
        .unwrap_or((&[0; 16], &[]));
    u128::from_le_bytes(*first)
}
